"""`wsdebug live` and `read --follow` without a screen: a line for each thing as it happens."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from collections.abc import Iterator
from types import FrameType
from typing import Any, TextIO

import msgspec

from wsdebug.analysis import Session
from wsdebug.cli import read, terminal
from wsdebug.cli.clock import IDLE, CaptureClock
from wsdebug.cli.limits import limits_from
from wsdebug.cli.on_finding import OnFinding
from wsdebug.cli.origin import Origin, origin_of, seconds_from, where
from wsdebug.cli.telling import Telling
from wsdebug.cli.view import form_of, view_of
from wsdebug.cli.wish import LiveRequest
from wsdebug.model.errors import UserError
from wsdebug.model.live import Listener
from wsdebug.model.report import Analysis
from wsdebug.report import Writer, live_writer_for

TERMINATED = 143
"""What a shell reports of a program that SIGTERM ended."""


class Live(read.Reading):
    """One run over a capture that grows."""

    def __init__(self, request: LiveRequest) -> None:
        super().__init__(request)
        self._wish = request
        self._spool = limits_from(request.limit).spool
        self._lasts = seconds_from(request.duration)
        self._came: list[int] = []
        """Signals that asked for the end."""
        self._lost: list[str] = []
        """Interfaces that went, as it was said."""

    def run(self) -> int:
        """Watch until it ends; the exit status."""
        self._origin = origin_of(self._wish, self._spool, os.environ)
        self._on_finding: OnFinding | None = None
        try:
            if self._wish.on_finding is not None:
                self._on_finding = OnFinding(
                    self._wish.on_finding, self._wish.fail_on, self._origin.path
                )
            self._say_beginning(self._origin)
            status = super().run()
        except UserError as error:
            # What is told of the copy of a pipe is meant of the pipe.
            sentence = str(error).replace(self._origin.path, self._origin.name)
            raise UserError(sentence, error.hint) from error
        finally:
            self._origin.stop()
            self._origin.remove_if_empty()
            if self._on_finding is not None:
                self._on_finding.close()
            self._say_end(self._origin)
        if self._origin.fault is not None:
            raise UserError(self._origin.fault, "What was captured until then is reported above.")
        return TERMINATED if signal.SIGTERM in self._came else status

    # ---- what reading asks for -------------------------------------------------------------
    def _session(self) -> Session:
        is_recorded = bool(self._wish.interface)  # the kernel filters, the recorder counts
        return Session(
            (),
            growth=self._origin,
            most=None if is_recorded else self._wish.max_packets,
            capture_filter=None if is_recorded else self._wish.capture_filter,
            **self._settings(),
        )

    def _settings(self) -> dict[str, Any]:
        keylog = read.keylog_of(self._wish.keylog, os.environ, may_come=True)
        return {**super()._settings(), "keylog": keylog}

    def _writer_on(self, stream: TextIO, session: Session) -> Writer:
        form = form_of(self._wish)
        view = msgspec.structs.replace(view_of(self._wish, stream), keep=self._wish.keep)
        writer = live_writer_for(form, stream, view)
        listeners: list[Listener] = [writer] if writer is not None else []
        if self._on_finding is not None:
            listeners.append(self._on_finding)
        session.listen(Telling(self._choice, listeners))
        return writer or super()._writer_on(stream, session)

    def _read(self, session: Session) -> bool:
        clock, began = CaptureClock(), time.monotonic()
        with self._heeding_signals():
            for _ in session.run(self._connection):
                now = clock.now(session.end)
                self._say_lost()
                if now is not None and clock.is_time():
                    session.tick(now)
                is_late = self._lasts is not None and time.monotonic() - began >= self._lasts
                if (self._came or is_late) and self._is_done():
                    session.stop()
                    break
                if session.is_waiting:
                    time.sleep(IDLE)
        return bool(self._came)

    def _is_done(self) -> bool:
        """Stop; what we write ourselves is read to its end before."""
        self._origin.stop()
        return not self._origin.is_ours

    def _note_interrupted(self, analysis: Analysis) -> None:
        """A live capture is whole when ctrl-c ends it."""

    # ---- signals ---------------------------------------------------------------------------
    @contextlib.contextmanager
    def _heeding_signals(self) -> Iterator[None]:
        """The first ctrl-c ends the capture, a second one the program."""
        old = {}
        with contextlib.suppress(ValueError):  # not in the main thread
            for number in (signal.SIGINT, signal.SIGTERM):
                old[number] = signal.signal(number, self._asked)
        try:
            yield
        finally:
            for number, before in old.items():
                signal.signal(number, before)

    def _asked(self, number: int, _: FrameType | None) -> None:
        self._came.append(number)
        if len(self._came) > 1:
            raise KeyboardInterrupt

    # ---- manners ---------------------------------------------------------------------------
    def _say_beginning(self, origin: Origin) -> None:
        for note in origin.notes:
            terminal.say(f"wsdebug: {note}")
        # A script that starts what is to be watched waits for this line.
        is_awaited = bool(self._wish.interface) or terminal.is_terminal(sys.stderr)
        if is_awaited and not self._wish.quiet:
            terminal.say(f"wsdebug: watching {origin.name}; ctrl-c ends it and reports.")

    def _say_lost(self) -> None:
        """An interface disappeared, and others go on. With the last one the capture ends."""
        if self._origin.ended:
            return
        for sentence in self._origin.lost:
            if sentence not in self._lost:
                self._lost.append(sentence)
                terminal.say(f"wsdebug: {sentence} The other interfaces go on.")

    def _say_end(self, origin: Origin) -> None:
        if origin.is_ours and origin.is_there and not self._wish.quiet:
            terminal.say(f"wsdebug: {where(origin)}")
