"""`--on-finding CMD`: a program of the user's is run when something is found.

It gets what was found through its environment alone: nothing from the wire ever becomes part of a
command line. One runs at a time; those that wait are limited.
"""

from __future__ import annotations

import os
import queue
import shlex
import subprocess
import threading
from collections.abc import Mapping

from wsdebug.cli import terminal
from wsdebug.display.quantities import counted
from wsdebug.model.errors import UserError
from wsdebug.model.live import News, Opened
from wsdebug.model.report import Connection, Finding, FleetCause, Severity
from wsdebug.report import words

_WAITING = 100
"""Runs that wait; more are left out, and counted."""
_LONGEST = 60.0
"""Seconds that one may take."""
_PATIENCE = 10.0
"""Seconds that are given to those that still wait when the program ends."""
_TEXT = 1_000
_KNOWN = 100_000
"""What was told already, of so many."""


class OnFinding:
    """A listener that runs a program for each rule a connection breaks, once, and for each end."""

    def __init__(self, command: str, level: str, capture: str) -> None:
        """`level`: the severity from which on it is run. `capture`: where the packets lie."""
        try:
            self._command = shlex.split(command)
        except ValueError as error:
            raise UserError(f"--on-finding cannot be read: {error}.", "Mind the quotes.") from None
        if not self._command:
            raise UserError("--on-finding names no program.", "Name one: --on-finding notify-send")
        self._least = Severity("error" if level == "never" else level).rank
        self._capture = capture
        self._told: set[tuple[int, str]] = set()
        self._queue: queue.Queue[dict[str, str] | None] = queue.Queue(_WAITING)
        self._left_out = 0
        self._has_failed = False
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="wsdebug-on-finding", daemon=True)
        self._thread.start()

    # ---- what is told ----------------------------------------------------------------------
    def opened(self, connection: Opened) -> None:
        """Nothing was found."""

    def news(self, connection: int, news: News) -> None:
        """Nothing was found."""

    def befell(self, cause: FleetCause, revision: int) -> None:
        """Each of the connections is told by itself."""

    def found(self, connection: int, finding: Finding) -> None:
        """A rule was broken."""
        if finding.severity.rank >= self._least and self._is_new(connection, finding.name):
            self._put(_of_finding(connection, finding))

    def judged(self, connection: Connection, revision: int) -> None:
        """An end, told once unless it becomes another; findings that came with it."""
        for finding in connection.findings:
            self.found(connection.id, finding)
        end = connection.end
        key = f"{end.how} {connection.causes[0].code if connection.causes else ''}"
        if end.severity.rank >= self._least and self._is_new(connection.id, key):
            self._put(_of_end(connection, revision))

    def close(self) -> None:
        """Let those that wait run, for a while."""
        try:
            self._queue.put(None, timeout=_PATIENCE)
            self._thread.join(_PATIENCE)
        except queue.Full:
            pass
        self._is_over.set()
        left = self._left_out + (self._queue.qsize() if self._thread.is_alive() else 0)
        if left:
            runs = counted(left, "run")
            terminal.say(f"wsdebug: {runs} of --on-finding left out: they came faster than it ran.")

    # ---- running ---------------------------------------------------------------------------
    def _is_new(self, connection: int, name: str) -> bool:
        key = (connection, name)
        if key in self._told:
            return False
        if len(self._told) >= _KNOWN:
            self._told.clear()
        self._told.add(key)
        return True

    def _put(self, told: dict[str, str]) -> None:
        try:
            self._queue.put_nowait({**told, "CAPTURE_FILE": self._capture})
        except queue.Full:
            self._left_out += 1

    def _run(self) -> None:
        while (told := self._queue.get()) is not None and not self._is_over.is_set():
            self._start(told)

    def _start(self, told: Mapping[str, str]) -> None:
        data = {f"WSDEBUG_{name}": _safe(value) for name, value in told.items()}
        try:
            done = subprocess.run(  # noqa: S603 - the user's own command, split by us; no shell
                self._command,
                env={**os.environ, **data},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                timeout=_LONGEST,
                check=False,
            )
        except (OSError, ValueError) as error:
            self._failed(getattr(error, "strerror", None) or str(error))
        except subprocess.TimeoutExpired:
            self._failed(f"it took more than {_LONGEST:.0f} s and was ended")
        else:
            if done.returncode:
                self._failed(f"exit status {done.returncode}")

    def _failed(self, why: str) -> None:
        """Said once: it is likely to fail each time."""
        if not self._has_failed:
            self._has_failed = True
            terminal.say(f"wsdebug: --on-finding: {self._command[0]}: {why}")


def _of_finding(connection: int, finding: Finding) -> dict[str, str]:
    return {
        "EVENT": "finding",
        "CONNECTION": str(connection),
        "CODE": finding.code,
        "NAME": finding.name,
        "SEVERITY": finding.severity.value,
        "SIDE": finding.side.value if finding.side is not None else "",
        "PACKET": "" if finding.packet is None else str(finding.packet),
        "TEXT": f"{words.title(finding)}: saw {finding.saw}",
    }


def _of_end(connection: Connection, revision: int) -> dict[str, str]:
    end, cause = connection.end, connection.causes[0] if connection.causes else None
    return {
        "EVENT": "end",
        "CONNECTION": str(connection.id),
        "REVISION": str(revision),
        "CODE": cause.code if cause is not None else "",
        "NAME": cause.name if cause is not None else end.how,
        "CERTAINTY": cause.certainty.value if cause is not None else "",
        "SEVERITY": end.severity.value,
        "SIDE": end.by,
        "PACKET": "" if end.packet is None else str(end.packet),
        "TEXT": cause.title if cause is not None else end.why,
        "URL": words.url(connection),
        "CLIENT": words.endpoint(connection.client),
        "SERVER": words.endpoint(connection.server),
    }


def _safe(value: str) -> str:
    return words.printed(value, _TEXT)
