"""Bytes that wait for a decision, and the decision: a frame, or bytes that are no frame."""

from __future__ import annotations

import enum
from bisect import bisect_right
from typing import NamedTuple

from wsdebug.model.limits import Limits
from wsdebug.model.place import NO_MARK, Mark, Part, Side, Span
from wsdebug.protocol import header as head
from wsdebug.protocol.borders import AT_FIN, AT_RUN_END, Shape, chain, manner_of
from wsdebug.protocol.header import Header, faults_of_bits, faults_of_length, header_at
from wsdebug.protocol.signatures import loose_piece, signature_at

_PLAUSIBLE = 9.0
"""Bits wanted where a doubtful header says that it ends."""


class Held:
    """Stream bytes from `offset` on, and who brought them."""

    __slots__ = ("_marks", "_places", "before", "data", "need", "offset")

    def __init__(self) -> None:
        self.data = bytearray()
        self.offset = 0
        self.need = 0
        """Bytes that must be there before it is worth looking again."""
        self.before = b""
        """What came in one piece with the first held byte, before it."""
        self._places: list[int] = []
        self._marks: list[Mark] = []

    def add(self, data: bytes, offset: int, mark: Mark) -> None:
        """Keep what begins at `offset` of the stream."""
        if not self.data:
            self.offset = offset
        self.data += data
        self._places.append(offset)
        self._marks.append(mark)

    def mark_at(self, at: int) -> Mark:
        """Who brought the byte at index `at`."""
        index = bisect_right(self._places, self.offset + at) - 1
        return self._marks[index] if index >= 0 else NO_MARK

    def same_mark_until(self, at: int) -> int:
        """Index behind the bytes that came together with the one at `at`."""
        index = bisect_right(self._places, self.offset + at)
        end = self._places[index] - self.offset if index < len(self._places) else len(self.data)
        return min(end, len(self.data))

    def span(self, side: Side) -> Span | None:
        """All that is kept: at the end of the stream, the beginning of a header."""
        if not self.data:
            return None
        packet, time, _ = self.mark_at(0)
        return Span(side, Part.STREAM, self.offset, len(self.data), packet, time)

    def drop(self, count: int) -> None:
        """The first `count` bytes are dealt with."""
        if not count:
            return
        self.need = max(0, self.need - count)
        del self.data[:count]
        self.offset += count
        gone = bisect_right(self._places, self.offset) - 1 if self.data else len(self._places)
        if gone > 0:
            del self._places[:gone]
            del self._marks[:gone]


NOTHING_HELD = Held()
"""Of every stream that never had a doubt: nothing is added to it, so one serves them all."""


class Ruling(enum.Enum):
    """What the bytes at a border are."""

    FRAME = "frame"
    FOREIGN = "foreign"
    WAIT = "wait"
    UNTOLD = "untold"
    """The bytes end within what may well be a header."""


class Decision(NamedTuple):
    """A ruling, with the header of a frame, or the bytes to wait for."""

    ruling: Ruling
    header: Header | None = None
    faults: int = 0
    need: int = 0


def decide(
    data: bytes | bytearray,
    at: int,
    shape: Shape,
    limits: Limits,
    end: float | None,
    *,
    in_message: bool,
) -> Decision:
    """Whether a frame begins at `at`; `end` as for `borders.chain`."""
    size = len(data)
    if size - at < 2 and end is None:
        return Decision(Ruling.WAIT, need=at + 2)
    bits = data[at] << 8 | (data[at + 1] if size - at > 1 else 0)
    faults = faults_of_bits(bits, shape.side, shape.agreed)
    header = header_at(data, at)
    if header is not None:
        faults |= faults_of_length(header)
    is_doubtful = bool(faults & head.DOUBTFUL) or (bits == 0 and not in_message and size - at > 1)
    if is_doubtful or shape.agreed.unknown:
        kind = signature_at(data, at)
        if kind == "" and end is None:
            return Decision(Ruling.WAIT, need=size + 1)
        if kind:
            return Decision(Ruling.FOREIGN)
    if header is None:
        if end is None:
            return Decision(Ruling.WAIT, need=size + 1)
        return Decision(Ruling.FOREIGN if is_doubtful else Ruling.UNTOLD)
    if not is_doubtful or faults & head.DOUBTFUL == head.HIGH_BIT:
        return Decision(Ruling.FRAME, header, faults)
    if faults & head.HIGH_BIT:
        return Decision(Ruling.FOREIGN)
    # What this side has done before is its manner.
    if bits and manner_of(bits, faults) in shape.manners:
        return Decision(Ruling.FRAME, header, faults)
    return _by_its_end(data, at, header, faults, shape, limits, end)


def _by_its_end(
    data: bytes | bytearray,
    at: int,
    header: Header,
    faults: int,
    shape: Shape,
    limits: Limits,
    end: float | None,
) -> Decision:
    """A doubtful header is a frame's if it ends where the next may begin, or with the stream."""
    frame = Decision(Ruling.FRAME, header, faults)
    stop = at + header.size + header.length
    if stop - at > limits.look_ahead:
        # Too far to look: FIN and a known opcode are all there is to go by.
        is_likely = header.bits & 0x8000 and not faults & head.OPCODE
        return frame if is_likely else Decision(Ruling.FOREIGN)
    if stop >= len(data):
        if end is None:
            return Decision(Ruling.WAIT, need=stop + 2)
        is_frame = stop == len(data) and not _frames_behind_text(data, at, shape, limits, end)
        return frame if is_frame else Decision(Ruling.FOREIGN)
    alike = shape._replace(light=shape.light | faults & ~head.DOUBTFUL)
    if data[at] >= 0x80:
        # Text begins no byte so: whoever writes such headers may write more of them.
        alike = alike._replace(manners=shape.manners | {manner_of(header.bits, faults)})
    # Where only the capture ends, a FIN that would speak for the frame may have come later.
    want = _PLAUSIBLE - (AT_FIN - AT_RUN_END if end == AT_RUN_END else 0.0)
    verdict = chain(data, stop, alike, want, end=end, reach=limits.look_ahead)
    if verdict.ok is None:
        return Decision(Ruling.WAIT, need=verdict.need)
    return frame if verdict.ok else Decision(Ruling.FOREIGN)


def _frames_behind_text(
    data: bytes | bytearray, at: int, shape: Shape, limits: Limits, end: float
) -> bool:
    """Whether text stands at `at` and frames to the end of the stream behind it: that explains
    more than one frame that happens to end there too.
    """
    piece = loose_piece(data, at, is_over=True, reach=limits.look_ahead)
    if piece is None or piece.length is None or at + piece.length >= len(data):
        return False
    stop = at + piece.length
    return bool(chain(data, stop, shape, _PLAUSIBLE, end=end, reach=limits.look_ahead).ok)
