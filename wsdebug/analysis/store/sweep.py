"""The payloads of many connections in one pass: the capture is read window by window, and each
segment goes to the frames of its connection. A walk for each would be a pass for each.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from itertools import islice

from wsdebug.analysis.store.gathering import Wanted
from wsdebug.analysis.store.payloads import Reader
from wsdebug.analysis.store.record import FRAME, KIND, PLACE, PLACE_AT, SIZE
from wsdebug.capture.again import Again, GoneError
from wsdebug.model.place import Packet
from wsdebug.model.rows import Passed, Payload
from wsdebug.transport.ip import Header
from wsdebug.transport.refill import segments

_AT_ONCE = 64 << 20
"""Bytes of payloads asked for in one reading of a window: a header may promise what never came."""


class _Passage:
    """A connection whose frames go by in their order."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self._log = reader.log
        self._at = 0
        reader.begin()

    def take(self, border: int, limit: int, room: int) -> list[Wanted]:
        """The next frames that are complete with the packet `border`, of `room` bytes or so."""
        group: list[Wanted] = []
        log, rows = self._log, len(self._log.data) // SIZE
        while self._at < rows and room > 0:
            if log.state(self._at) & KIND == FRAME:
                if PLACE.unpack_from(log.data, self._at * SIZE + PLACE_AT)[1] > border:
                    break
                group.append(self.reader.want(self._at, limit))
                room -= group[-1].refill.size
            self._at += 1
        return group

    @property
    def is_over(self) -> bool:
        """No frame is left."""
        return self._at >= len(self._log.data) // SIZE


class _Lane:
    """The frames of one side that a window completes, by their place in the stream."""

    def __init__(self, ones: Sequence[Wanted]) -> None:
        self._ones = sorted(ones, key=lambda one: one.start)
        self._starts = [one.start for one in self._ones]
        self._first = min(one.earliest for one in ones)
        self._last = max(one.last for one in ones)

    def fill(self, packet: Packet, header: Header) -> None:
        """Give a segment to the frames that it carries bytes of."""
        if not self._first <= packet[0] <= self._last:
            return  # of another connection with the same addresses and ports
        ones = self._ones
        begin = ones[0].start + ones[0].refill.place(header)
        stop = begin + header.end - header.start
        for one in islice(ones, max(0, bisect_right(self._starts, begin) - 1), None):
            if one.start >= stop:
                return
            if one.refill.missing:
                one.refill.take(header, packet[3])


def sweep(
    again: Again, starts: Sequence[tuple[int, int]], opened: Callable[[int], Reader], limit: int
) -> Iterator[Passed]:
    """The frames of the connections with their payloads; of each connection in order. `starts`
    holds for each the number of its first packet, and its id; `opened` gives its reader.
    """
    waiting = sorted(starts, reverse=True)
    active: list[_Passage] = []
    for border in again.borders():
        while waiting and waiting[-1][0] <= border:
            active.append(_Passage(opened(waiting.pop()[1])))
        yield from _window(again, active, border, limit)
        active = [each for each in active if not each.is_over]
        if not active and not waiting:
            return


def _window(again: Again, active: Sequence[_Passage], border: int, limit: int) -> Iterator[Passed]:
    left = [*active]
    while left:
        room, groups = _AT_ONCE, []
        while left and room > 0:
            group = left[-1].take(border, limit, room)
            groups.append((left[-1], group))
            room -= sum(each.refill.size for each in group)
            if room > 0:
                left.pop()
        fault = _gathered(again, groups)
        for passage, group in groups:
            for each in group:
                payload = passage.reader.read(each, limit) if fault is None else fault
                yield Passed(passage.reader.id, each.row, payload)
            if passage.is_over and passage not in left[-1:]:
                yield Passed(passage.reader.id, None, None)


def _gathered(again: Again, groups: Sequence[tuple[_Passage, list[Wanted]]]) -> Payload | None:
    """Fill what is wanted; what to say instead where the capture cannot be read any more."""
    lanes: dict[bytes, list[_Lane]] = {}
    left: list[Wanted] = []
    for passage, group in groups:
        for sender, key in enumerate(passage.reader.origin.keys):
            mine = [one for one in group if one.sender == sender and one.refill.missing]
            if mine:
                lanes.setdefault(key, []).append(_Lane(mine))
                left += mine
    if not left:
        return None
    first, last = min(one.earliest for one in left), max(one.last for one in left)
    try:
        for packet, header in segments(again.batches(first), lanes, first, last):
            if header.start < header.end:
                for lane in lanes[header.key]:
                    lane.fill(packet, header)
    except GoneError as error:
        return Payload(b"", complete=False, note=str(error))
    return None
