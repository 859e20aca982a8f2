"""One side's frames where nothing about them is out of the ordinary: segments of whole frames.

Says False where something is; then the side is read anew from its first byte by `FrameStream`,
which says what. Both leave the same figures behind (`tests/analysis/test_usual.py`).
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple, TypeAlias

from wsdebug import compiled
from wsdebug.model.handshake import Agreed
from wsdebug.model.limits import Limits
from wsdebug.model.place import NO_MARK, Mark, Side
from wsdebug.protocol.closing import CloseBody, close_body
from wsdebug.protocol.lanes import LONG, PACKED, lanes
from wsdebug.protocol.masking import pad
from wsdebug.protocol.small_messages import FINAL, TAIL, primed

_CLOSE = 0x88
"""FIN and the opcode of a Close (RFC 6455 5.2, 5.5.1)."""
_MOST_CONTROL = 125
_MOST_PAYLOAD = 8 << 10
"""Bytes; longer frames are no part of a short connection."""
MOST_INFLATED = 16 << 10
"""Bytes of all compressed messages of a side together."""


class Packing(NamedTuple):
    """What the compressed messages of a side may come to."""

    most: int
    """Inflated bytes of all of them; 0 where there may be none."""
    resets: bool
    """None refers to one before it (RFC 7692 7.1.1)."""


UNPACKED = Packing(0, resets=False)


def packing_of(agreed: Agreed, side: Side, limits: Limits) -> Packing:
    """So few bytes that no distance can be beyond the window (RFC 7692 7.1.2), and no message
    beyond the limit.
    """
    deflate = agreed.deflate
    if deflate is None:
        return UNPACKED
    most = min(MOST_INFLATED, 1 << deflate.window_bits(side), limits.message)
    return Packing(most, deflate.resets(side))


class PlainSide:
    """Data frames that need no look by a rule, and one Close as the last of them."""

    __slots__ = (
        "_history", "_key", "_lanes", "_left", "_masked", "_resets", "binary", "close", "close_at",
        "first", "last", "text",
    )  # fmt: skip

    def __init__(self, side: Side, watch: bytes, packing: Packing = UNPACKED) -> None:
        self._lanes = lanes(side, watch, packs=packing.most > 0)
        self._masked = side is Side.CLIENT
        self._left, self._resets = packing
        self._history = bytearray()
        """What compressed messages may refer to."""
        self._key = -1
        self.text = self.binary = 0
        """Frames, each a message."""
        self.last: tuple[int, int, Mark] | None = None
        """Opcode, length and place of the last frame before the Close."""
        self.first = NO_MARK
        """Where its first frame came, the Close too."""
        self.close: CloseBody | None = None
        self.close_at = NO_MARK

    @property
    def total(self) -> int:
        """Frames before the Close."""
        return self.text + self.binary

    def __call__(self, data: bytes, mark: Mark) -> bool:
        """The next segment; False where something in it is out of the ordinary."""
        at, size = 0, len(data)
        if self.close is not None:
            return False
        if self.first is NO_MARK:
            self.first = mark
        while at + 2 <= size:
            lane = self._lanes[data[at] << 8 | data[at + 1]]
            if lane is None:
                return self._take_close(data, at, mark)
            opcode, length, start, check = lane
            if length == LONG:
                length = data[at + 2] << 8 | data[at + 3] if at + 4 <= size else 0
                if length < LONG:
                    return False
            start += at
            stop = start + length
            if length > _MOST_PAYLOAD or stop > size:
                return False
            body = data[start:stop]
            if self._masked:
                body = self._unmasked(body, data[start - 4 : start])
            if not body:
                return False
            if check == PACKED:
                message = self._inflated(body)
                if message is None:
                    return False
                body = message
            if opcode == 1:
                try:
                    str(body, "utf-8")
                except UnicodeDecodeError:
                    return False
                self.text += 1
            else:
                self.binary += 1
            self.last = opcode, length, mark
            at = stop
        return at == size

    def _unmasked(self, body: bytes, mask: bytes) -> bytes:
        """Nothing where the key is none, or that of the frame before (RFC 6455 5.3)."""
        key = int.from_bytes(mask)
        if key in (0, self._key):
            return b""
        self._key = key
        return (int.from_bytes(body) ^ pad(key, len(body))).to_bytes(len(body))

    def _inflated(self, body: bytes) -> bytes | None:
        """None where it is faulty, ends within a block or a byte, or inflates to more than may be.

        Its inflater is made anew each time: it takes 40 KiB, and thousands of connections wait.
        """
        inflater = primed(15, self._history)
        try:
            out = inflater.decompress(body + TAIL, self._left + 1)
            if len(out) > self._left:
                return None
            inflater.decompress(FINAL, 1)
        except zlib.error:
            return None
        if not inflater.eof or inflater.unused_data:  # it would be all of FINAL behind a last block
            return None
        self._left -= len(out)
        if not self._resets:
            self._history += out
        return out

    def _take_close(self, data: bytes, at: int, mark: Mark) -> bool:
        """A Close that ends with the segment."""
        length = data[at + 1] ^ (0x80 if self._masked else 0)
        start = at + (6 if self._masked else 2)
        if data[at] != _CLOSE or length > _MOST_CONTROL or start + length != len(data):
            return False
        body = data[start:]
        if self._masked and length:
            body = self._unmasked(body, data[start - 4 : start])
        if len(body) != length:
            return False
        self.close, self.close_at = close_body(body, length), mark
        self._history = bytearray()  # no message can come any more
        return True


Make: TypeAlias = Callable[[], PlainSide]


def plain_sides(side: Side, watch: bytes, packing: Packing = UNPACKED) -> Make:
    """Makes sides of which nothing has come; `watch` is `rules.watch_table` of them."""
    if _MADE is None:
        return partial(PlainSide, side, watch, packing)
    return partial(_MADE, side, watch, close_body, *packing)


_MADE: Any = None if compiled.parked is None else compiled.parked.PlainSide
