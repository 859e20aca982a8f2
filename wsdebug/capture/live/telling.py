"""Word of the recording to its parent, which never makes the recording wait."""

from __future__ import annotations

import contextlib
import os

import msgspec

from wsdebug.capture.live.records import Ended, Refusal, State


class Teller:
    """Writes states to a pipe, a line each. While the pipe is full (the parent is stopped), states
    are left out: each is whole, and the last one waits for its turn.
    """

    def __init__(self, number: int) -> None:
        """`number`: the pipe's file descriptor."""
        self._number = number
        self._rest = b""
        self._last: State | None = None
        os.set_blocking(number, False)

    def __call__(self, state: State, *, is_last: bool) -> None:
        """Says it, if it is news."""
        if is_last:
            os.set_blocking(self._number, True)
        elif state == self._last:
            return
        has_room = self._flush()
        if has_room or is_last:
            self._last = state
            self._rest += msgspec.json.encode(state) + b"\n"
            self._flush()

    def last_words(self, message: str) -> None:
        """Of a recording that failed; what was told before stays true."""
        before = self._last
        if before is None:
            self(State(refusal=Refusal(message)), is_last=True)
        else:
            died = Ended("died", f"{message} What it had written is in the file.")
            self(msgspec.structs.replace(before, ended=died), is_last=True)

    def _flush(self) -> bool:
        """Writes what is left of a line; whether that was all."""
        with contextlib.suppress(BlockingIOError, BrokenPipeError):
            while self._rest:
                self._rest = self._rest[os.write(self._number, self._rest) :]
        return not self._rest
