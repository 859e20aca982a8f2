"""The watch table: which 16-bit headers a decoder must report, worked out from the rules."""

from __future__ import annotations

import functools

from wsdebug.model.handshake import Agreed, Deflate
from wsdebug.model.place import Side
from wsdebug.rules.header import frame_from_header
from wsdebug.rules.registry import breaks_any

# RFC 6455 5.2: the 7-bit length says something by itself only where it is 126 or 127; all
# lengths from 0 to 125 are legal for every opcode, so one stands for them all.
_PLAIN = Agreed()
_LENGTHS = ((0, 126), (126, 1), (127, 1))


def watch_table(side: Side, agreed: Agreed) -> bytes:
    """65 536 bytes, 1 where a frame of `side` with that header breaks a rule by the header alone.

    What two bytes cannot tell is the decoder's to report besides: a length that is not minimal
    or has its high bit set, a frame out of order in its message, a frame after the own Close,
    and every Close.
    """
    if agreed == _PLAIN:
        return _table(side, _PLAIN)
    # Only whether, not what, was agreed makes a difference to the rules.
    shape = Agreed(
        deflate=None if agreed.deflate is None else Deflate(),
        unknown=("unknown",) if agreed.unknown else (),
        known=agreed.known,
    )
    return _table(side, shape)


@functools.cache
def _table(side: Side, agreed: Agreed) -> bytes:
    return b"".join(
        _flag(side, (first << 8) | (mask << 7) | short, agreed) * count
        for first in range(256)
        for mask in (0, 1)
        for short, count in _LENGTHS
    )


def _flag(side: Side, header: int, agreed: Agreed) -> bytes:
    # Not synchronised: what came before the frame is left out of the judgement.
    frame = frame_from_header(side, header, agreed, synchronised=False)
    return b"\1" if breaks_any(frame) else b"\0"
