"""`wsdebug read`: analyse captures, write one report, say by the exit status how it went."""

from __future__ import annotations

import contextlib
import gc
import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, TextIO

import msgspec

from wsdebug.analysis import OnRecurring, Session
from wsdebug.cli import terminal
from wsdebug.cli.choose import Choice, Tally, declared_ports
from wsdebug.cli.limits import limits_from
from wsdebug.cli.progress import Progress
from wsdebug.cli.view import form_of, payload_of, revealed, view_of
from wsdebug.display.quantities import counted, grouped, numbered
from wsdebug.model.errors import UserError
from wsdebug.model.report import Analysis, CaptureNote, Connection
from wsdebug.report import RecurringWriter, Writer, writer_for

if TYPE_CHECKING:
    from wsdebug.query import Filter

FINE = 0
FOUND = 1
NO_WEBSOCKET = 3
INTERRUPTED = 130

COLLECT_AFTER = (200_000, 20, 20)
"""How many more objects there must be before the garbage collector looks for cycles. Nearly
everything here dies without it; at Python's own 700 it goes over the open connections again and
again, 30 % of the time of a capture of many short ones. This is more than a busy server's
connections hold at one time, and what is left in circles until then is some 20 MB at the worst."""


class Request(msgspec.Struct, frozen=True):
    """What was asked for on the command line."""

    files: tuple[str, ...]
    form: str = "auto"
    output: str = "-"
    fail_on: str = "error"
    allow_empty: bool = False
    capture_filter: str | None = None
    decode_as: tuple[str, ...] = ()
    keylog: str | None = None
    connections: str | None = None
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    filter: str | None = None
    payload: str = "none"
    limit: tuple[str, ...] = ()
    reveal: str = ""
    color: str = "auto"
    ascii: bool = False
    width: int | None = None
    progress: bool = True
    verbose: int = 0
    quiet: bool = False


class Reading:
    """One run: connections come in, those chosen are counted and written."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self._choice = Choice(request.select, request.ignore, request.connections)
        self._filter = None if request.filter is None else _parsed(request.filter)
        self._tally = Tally()
        self._seen = 0
        self._websockets = 0
        self._left_out = 0
        """WebSockets that did not match the filter."""
        self._writer: Writer | None = None

    def run(self) -> int:
        """Read, write and return the exit status."""
        gc.set_threshold(*COLLECT_AFTER)
        request = self._request
        revealed(request)
        error: UserError | None = None
        session = self._session()
        with _output(request) as stream:
            self._writer = self._writer_on(stream, session)
            try:
                interrupted = self._read(session)
            except UserError as raised:
                error, interrupted = raised, False
            self._left_out = session.left_out
            self._seen += session.recurring.total()
            self._websockets += session.recurring.total()
            self._tally.add_recurring(session.recurring)
            if interrupted:
                self._note_interrupted(session.analysis)
            if self._has_something(error):
                summary = self._tally.summary
                self._writer.finish(msgspec.structs.replace(session.analysis, summary=summary))
            stream.flush()
        if error is not None:
            raise error
        return INTERRUPTED if interrupted else self._status()

    def _session(self) -> Session:
        request = self._request
        return Session(
            list(request.files),
            stdin=stdin_of(request.files),
            capture_filter=request.capture_filter,
            **self._settings(),
        )

    def _settings(self) -> dict[str, Any]:
        """What a session is told, wherever its packets come from."""
        request = self._request
        return {
            "payload": payload_of(request),
            "limits": limits_from(request.limit),
            "decode_as": declared_ports(request.decode_as),
            "wanted": self._filter,
            "keylog": keylog_of(request.keylog, os.environ),
        }

    def _writer_on(self, stream: TextIO, session: Session) -> Writer:  # noqa: ARG002 - live needs it
        request = self._request
        return writer_for(form_of(request), stream, view_of(request, stream))

    def _note_interrupted(self, analysis: Analysis) -> None:
        """What came after ctrl-c is not in the report, and the report says so."""
        packets = sum(capture.packets for capture in analysis.captures)
        message = (
            f"Reading was stopped by ctrl-c after packet {grouped(packets)}: the rest is not in"
            " here."
        )
        if analysis.captures:
            analysis.captures[-1].warnings.append(CaptureNote("interrupted", message, packets))

    def _has_something(self, error: UserError | None) -> bool:
        """Whether there is a report to print: not if nothing of what was asked for is there, nor
        "no WebSocket" over a capture that was not read to its end.
        """
        if self._choice.chooses_connections and self._seen and not self._shown:
            return False
        if self._left_out and not self._shown:
            return self._request.form in ("json", "jsonl")  # programs get an empty report
        return error is None or bool(self._seen)

    @property
    def _shown(self) -> int:
        return self._tally.summary.connections + self._tally.summary.encrypted

    def _read(self, session: Session) -> bool:
        """Read to the end; True where ctrl-c came first. What was found is written either way."""
        request = self._request
        shown = request.progress and not request.quiet and terminal.is_terminal(sys.stderr)
        progress = Progress(sys.stderr, shown=shown)
        try:
            for _ in session.run(self._connection, self._takes_recurring()):
                progress.update(session.progress, self._seen + session.recurring.total())
        except KeyboardInterrupt:
            session.stop()
            return True
        finally:
            progress.clear()
        return False

    def _connection(self, connection: Connection) -> None:
        self._seen += 1
        self._websockets += connection.handshake.result != "encrypted"
        if self._writer is not None and self._choice.wants(connection):
            chosen = self._choice.applied(connection)
            self._tally.add(chosen)
            self._writer.connection(chosen)

    def _takes_recurring(self) -> OnRecurring | None:
        """Who takes reports that are like others; nobody where some are left out."""
        writer = self._writer
        if not isinstance(writer, RecurringWriter) or self._choice.chooses_connections:
            return None
        return writer.recurring

    def _status(self) -> int:
        if self._filter is not None:
            self._say_what_the_filter_did(self._filter)
        elif self._seen and self._choice.chooses_connections:
            self._say_what_is_missing()
        if not self._websockets + self._left_out:
            return FINE if self._request.allow_empty else NO_WEBSOCKET
        return FOUND if self._tally.reaches(self._request.fail_on) else FINE

    def _say_what_the_filter_did(self, wanted: Filter) -> None:
        if self._left_out and not self._shown:
            number = counted(self._left_out, "connection")
            terminal.say(f"wsdebug: {number} read, none matches the filter.")
        if wanted.cut:
            texts = counted(wanted.cut, "text")
            terminal.say(
                f"wsdebug: of {texts} the pattern saw only the beginning, and did not match there."
            )

    def _say_what_is_missing(self) -> None:
        """Connections that were asked for and are not there: an error if it is all of them."""
        there = numbered(self._seen)
        if not self._shown:
            chosen = self._request.connections
            raise UserError(f"There is no connection {chosen} in this capture.", there)
        missed = ", ".join(map(str, self._choice.missed(self._seen)))
        if missed:
            terminal.say(f"wsdebug: there is no connection {missed} in this capture. {there}")


def _parsed(text: str) -> Filter:
    from wsdebug.query import parse  # noqa: PLC0415 - only where there is a filter

    return parse(text)


def keylog_of(
    option: str | None, environment: Mapping[str, str], *, may_come: bool = False
) -> str | None:
    """The key log asked for, else $SSLKEYLOGFILE where it is there, or `may_come` later."""
    if option or not (usual := environment.get("SSLKEYLOGFILE")):
        return option or None
    path = Path(usual)
    return usual if path.is_file() or (may_come and not path.exists()) else None


def stdin_of(files: tuple[str, ...]) -> BinaryIO | None:
    """Standard input, where it is read."""
    if "-" not in files:
        return None
    if sys.stdin is None or terminal.is_terminal(sys.stdin):
        raise UserError(
            "There is no capture on standard input.",
            "Pipe one in: `tcpdump -i eth0 -U -w - port 8080 | wsdebug read -`",
        )
    return sys.stdin.buffer


@contextlib.contextmanager
def _output(request: Request) -> Iterator[TextIO]:
    """Standard output, or the file asked for; never one of the captures."""
    if request.output == "-":
        yield terminal.standard_output()
        return
    path = Path(request.output)
    if any(_is_same(path, file) for file in request.files):
        raise UserError(f"{path} is the capture itself.", "Choose another file for the report.")
    try:
        stream = path.open("w", encoding="utf-8", newline="\n")
    except OSError as error:
        raise UserError(
            f"{path} cannot be written: {error.strerror}.", "Choose another file with -o."
        ) from error
    with stream:
        yield stream


def _is_same(path: Path, file: str) -> bool:
    with contextlib.suppress(OSError, ValueError):
        return path.samefile(file)
    return False
