"""The recorder as its user sees it: starts the recording process, listens to it, stops it."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import msgspec

from wsdebug.capture.live.records import Counters, Ended, Order, Ring, State
from wsdebug.model.errors import UserError

# The recording process looks for modules where this one does, never where it was started.
_PROGRAM = (
    "import sys; sys.path[:] = sys.argv[1].split(sys.argv[2]);"
    " from wsdebug.capture.live.recording import main; main()"
)
_STOPPING = 10.0
"""Seconds until a recording process that does not end is ended."""


class Recorder:
    """Records interfaces into a pcapng file that grows.

    `start()`, then read `files` as they grow; `counters()` and `ended` may be asked at any time,
    from any thread, and cost nothing. `stop()` writes all that was captured and waits for it.
    As a context manager it stops at the end. It can be started once.

    The file can be read at any moment up to the last whole packet, whatever becomes of the
    processes. A packet is in it at most 0.1 seconds after it was captured.
    """

    def __init__(
        self,
        interfaces: Sequence[str],
        *,
        out: str | os.PathLike[str],
        version: str,
        capture_filter: str | None = None,
        ring: Ring | None = None,
        duration: float | None = None,
        max_packets: int | None = None,
        overwrite: bool = False,
        owner: tuple[int, int] | None = None,
        own_ring: bool = True,
    ) -> None:
        """`interfaces`: names, or `any`. `out`: the file, made with mode 0600; with `ring` the
        files are named after it as dumpcap does (keep.pcapng: keep_00001_20261130221953.pcapng).
        `version` is ours, for the head of the file. `duration` in seconds. `overwrite`: a file
        of that name may go. `owner`: user and group who are given the files (sudo). `own_ring`
        False: scapy's sockets even where the kernel's ring is to be had.
        """
        self._order = Order(
            tuple(dict.fromkeys(interfaces)),
            str(Path(out).absolute()),
            version,
            capture_filter,
            ring,
            duration,
            max_packets,
            overwrite,
            owner,
            own_ring,
        )
        self._process: subprocess.Popen[bytes] | None = None
        self._listener: threading.Thread | None = None
        self._told = threading.Event()
        self._state = State()

    def start(self) -> None:
        """Begins to capture: what comes after this call is in the file. `UserError` when there
        are no rights, no such interface, a wrong filter or no place for the file; then there is
        no file.
        """
        path = os.pathsep.join(entry or str(Path.cwd()) for entry in sys.path)
        arguments = [sys.executable, "-P", "-c", _PROGRAM, path, os.pathsep]
        self._process = subprocess.Popen(  # noqa: S603 - our own program, no shell
            arguments,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # there may be a screen
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(msgspec.json.encode(self._order) + b"\n")
            self._process.stdin.flush()
        self._listener = threading.Thread(
            target=self._listen, args=(self._process.stdout,), name="recorder", daemon=True
        )
        self._listener.start()
        self._told.wait()
        state = self._state
        if state.refusal is not None:
            self.stop()
            raise UserError(state.refusal.sentence, state.refusal.hint)
        if state.ended is not None and not state.files:
            self.stop()
            raise UserError(state.ended.message)

    def counters(self) -> Counters:
        """As of at most half a second ago; exact once `ended` is set."""
        return self._state.counters

    @property
    def files(self) -> tuple[Path, ...]:
        """The files that are there, oldest first; the last one grows. A file is complete and
        closed before the next is named here. What a ring deleted is named for a moment more.
        """
        return tuple(map(Path, self._state.files))

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences for the user about how it is captured: what it costs, what cannot be had."""
        return self._state.notes

    @property
    def ended(self) -> Ended | None:
        """None while it records. Once set, everything captured is in the files."""
        return self._state.ended

    def stop(self) -> None:
        """Ends the recording: writes what was captured, waits for it. Again: does nothing."""
        process, listener = self._process, self._listener
        if process is None or listener is None:
            return
        assert process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            process.stdin.close()
        try:
            process.wait(_STOPPING)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        listener.join()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def _listen(self, told: IO[bytes]) -> None:
        """In a thread of its own: keeps the newest state, until the process ends."""
        decode = msgspec.json.Decoder(State).decode
        with told:
            for line in told:
                try:
                    self._state = decode(line)
                except msgspec.DecodeError:
                    continue  # the process died in the middle of a line
                self._told.set()
        assert self._process is not None
        status = self._process.wait()
        if self._state.ended is None and self._state.refusal is None:
            self._state = msgspec.structs.replace(self._state, ended=_died(status))
        self._told.set()


def _died(status: int) -> Ended:
    how = f"by signal {-status}" if status < 0 else f"with status {status}"
    message = f"The recording process died {how}; what it had written is in the file."
    return Ended("died", message)
