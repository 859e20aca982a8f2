"""The recording process: packets from the interfaces into the file, and word of it to the parent.

It reads an order from standard input and says how it goes on standard output, a line of JSON each
time; when standard input ends, so does the recording, be it that the parent asked or died.
"""

from __future__ import annotations

import math
import signal
import struct
import sys
import threading
import time

import msgspec

from wsdebug.capture.live.growing import GrowingFile
from wsdebug.capture.live.links import loss
from wsdebug.capture.live.merging import Merger, time_of
from wsdebug.capture.live.opening import Source, opened
from wsdebug.capture.live.records import (
    Counters,
    Ended,
    InterfaceCounters,
    Order,
    Refusal,
    State,
)
from wsdebug.capture.live.telling import Teller
from wsdebug.capture.writing import interface_block, section_block, statistics_block
from wsdebug.display.quantities import grouped
from wsdebug.display.times import span_of_time
from wsdebug.model.errors import UserError

_WAIT = 0.035
"""Seconds; also a round of the merger, so longer than a block may take (`RETIRE_MS`). A packet
waits for its block and two rounds at most: 0.1 in all.
"""
_TELL = 0.25
_LOSSES = 1.0
_DRAIN = 0.1
"""After the end: until then the kernel has handed over all that came before."""
_PATIENCE = 5.0
"""So long at most, whatever the clock of the packets says."""
_INTERFACE_AND_LENGTH = struct.Struct("<8xI8xI").unpack_from
"""Of an enhanced packet block."""


class Recording:
    """One order being carried out."""

    def __init__(self, order: Order, tell: Teller, stop: threading.Event) -> None:
        """Begins to capture. `UserError` where it cannot; then there is no file."""
        self._order = order
        self._tell = tell
        self._stop = stop
        self._sources, self._wait, self._notes = opened(order)
        self._merger = Merger() if len(self._sources) > 1 else None
        self._left = order.max_packets
        self._newest = 0
        self._end: int | None = None
        # Per source: drops as last asked, when this file began, and as last written.
        self._dropped: list[int | None] = [0] * len(self._sources)
        self._at_begin, self._written = list(self._dropped), list(self._dropped)
        self._file = GrowingFile(order, self._head(), self._statistics)

    def run(self) -> None:
        """Records until something ends it."""
        began = time.monotonic()
        deadline = math.inf if self._order.duration is None else began + self._order.duration
        next_round = next_tell = next_losses = began
        why: str | None = None
        while why is None:
            now = time.monotonic()
            if now >= next_losses:
                next_losses = now + _LOSSES
                self._note_losses()
            if now >= next_tell:
                next_tell = now + _TELL
                self._report(None)
            self._wait(self._sources, min(_WAIT, max(0.0, deadline - now)))
            is_due = time.monotonic() >= next_round
            if is_due:
                next_round = time.monotonic() + _WAIT
            self._take(is_due=is_due)
            why = self._over(deadline)
        self._finish(why)

    def _take(self, *, is_due: bool, until: int = 0) -> bool:
        """Writes what the interfaces have, or with several of them what is due; whether one of
        them may have more of the time up to `until`.
        """
        merger = self._merger
        more = False
        for source in self._sources:
            packets = source.take()
            more = more or bool(packets and time_of(packets[-1]) <= until)
            if merger is None:
                self._write(packets)
            else:
                merger.add(packets)
        if merger is not None and is_due:
            self._write(merger.round())
        return more

    def _write(self, packets: list[bytes]) -> None:
        if not packets:
            return
        chosen = packets if self._left is None else packets[: self._left]
        written = self._file.write(chosen)
        if self._left is not None:
            self._left -= written
        for packet in packets[written:]:
            interface, length = _INTERFACE_AND_LENGTH(packet)
            self._sources[interface].packets -= 1
            self._sources[interface].captured -= length
        if written:
            self._newest = max(self._newest, time_of(packets[written - 1]))

    def _over(self, deadline: float) -> str | None:
        """What ends the recording, if anything does."""
        if self._file.fault is not None:
            return "write-failed"
        if self._left == 0:
            return "max-packets"
        if all(source.fault for source in self._sources):
            return "interface-gone"
        if self._stop.is_set():
            return "stopped"
        return "duration" if time.monotonic() >= deadline else None

    def _message(self, why: str) -> str:
        match why:
            case "max-packets":
                return f"{grouped(self._order.max_packets or 0)} packets were captured, as asked."
            case "interface-gone":
                return " ".join(filter(None, map(_gone, self._sources)))
            case "duration":
                return f"{span_of_time(self._order.duration or 0)} were captured, as asked."
        return "The capture was stopped."

    def _finish(self, why: str) -> None:
        """Takes what the kernel still has of the time before, and closes the file."""
        if why in ("max-packets", "write-failed"):
            self._end = self._newest or None
        else:
            self._end = time.time_ns()
            self._drain(self._end)
            self._end = max(self._end, self._newest)
        self._note_losses()
        self._file.close()
        for source in self._sources:
            source.close()
        message = self._message(why)
        if self._file.fault is not None:
            why, message = "write-failed", f"{self._file.fault} What was captured before is kept."
        self._report(Ended(why, message))

    def _drain(self, end: int) -> None:
        """Everything captured up to `end`, however far behind the recording is."""
        began = time.monotonic()
        behind = True
        while behind or time.monotonic() - began < _DRAIN:
            self._wait(self._sources, _WAIT)
            behind = self._take(is_due=False, until=end) and time.monotonic() - began < _PATIENCE
        if self._merger is not None:
            self._write(self._merger.rest())

    def _note_losses(self) -> None:
        """Asks what was dropped, and writes it down as soon as it is more."""
        self._dropped = [source.dropped() for source in self._sources]
        if self._dropped != self._written:
            self._written = list(self._dropped)
            self._file.write([self._losses(None)])

    def _losses(self, end: int | None) -> bytes:
        """An interface statistics block each; counts begin with the file."""
        now = time.time_ns() if end is None else end
        return b"".join(
            statistics_block(
                number,
                now,
                dropped=None if dropped is None else dropped - (self._at_begin[number] or 0),
                end=end,
            )
            for number, dropped in enumerate(self._dropped)
        )

    def _statistics(self) -> bytes:
        """Ends a file."""
        block = self._losses(self._end)
        self._at_begin = list(self._dropped)
        return block

    def _head(self) -> bytes:
        chosen = self._order.capture_filter or ""
        return section_block(self._order.version) + b"".join(
            interface_block(source.link_type, source.name, chosen) for source in self._sources
        )

    def _report(self, ended: Ended | None) -> None:
        counters = tuple(
            InterfaceCounters(source.name, source.packets, source.captured, dropped, _gone(source))
            for source, dropped in zip(self._sources, self._dropped, strict=True)
        )
        files = tuple(map(str, self._file.files))
        self._tell(State(Counters(counters), files, self._notes, ended), is_last=ended is not None)


def _gone(source: Source) -> str | None:
    return loss(source.name, source.fault) if source.fault else None


def main() -> None:
    """What the recording process does."""
    for name in ("SIGINT", "SIGTSTP", "SIGHUP"):
        # Ctrl-C and the like are the parent's; it closes our standard input.
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    order = msgspec.json.decode(sys.stdin.buffer.readline(), type=Order)
    threading.Thread(target=_until_closed, args=(stop,), daemon=True).start()
    tell = Teller(sys.stdout.fileno())
    try:
        Recording(order, tell, stop).run()
    except UserError as error:
        tell(State(refusal=Refusal(str(error), error.hint)), is_last=True)
    except Exception as error:  # noqa: BLE001 - a fault of ours is told too, and the file stays
        tell.last_words(f"The recording process failed: {error!r}.")


def _until_closed(stop: threading.Event) -> None:
    sys.stdin.buffer.read()
    stop.set()
