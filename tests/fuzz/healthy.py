"""Any tape as a conversation that breaks no rule, with bytes of it missing.

The bytes of the steps are text, pings or pieces of messages; gaps stand where the tape has them,
as long as it says, in the middle of whatever goes on there.
"""

from __future__ import annotations

import random
import zlib
from collections.abc import Iterator, Sequence

from tests.fuzz.tape import FEED, GAP, LOST, Step, length_of
from tests.protocol.streams import frame


class _Speaker:
    """One side: its packer, its masking keys, its message in pieces."""

    def __init__(self, who: int, deflate: int) -> None:
        self._who = who
        self._dice = random.Random(who)
        self._noisy = random.Random(who + 2)
        self._deflate = deflate
        self._packer = self._new()

    def _new(self) -> zlib._Compress:
        return zlib.compressobj(6, zlib.DEFLATED, -9 if self._deflate == 3 else -15)

    def wire(self, data: bytes) -> bytes:
        """A message, in pieces where its first byte is odd, with a ping between."""
        kind = data[0] if data else 0
        opcode, payload = (1, _text(data)) if kind & 2 else (2, self._noise(data))
        rsv = 0
        if self._deflate and kind & 4:
            rsv, payload = 4, self._compressed(payload)
        if not kind & 1 or len(payload) < 2:
            return self._frame(opcode, payload, rsv=rsv)
        cut = len(payload) // 2
        return (
            self._frame(opcode, payload[:cut], fin=0, rsv=rsv)
            + (self._frame(9, self._noise(data[:20])) if kind & 8 else b"")
            + self._frame(0, payload[cut:])
        )

    def _noise(self, data: bytes) -> bytes:
        """Frames inside of a payload would be found behind a hole, and rightly."""
        noise = self._noisy.randbytes(len(data))
        return bytes(byte ^ other for byte, other in zip(data, noise, strict=True))

    def _compressed(self, payload: bytes) -> bytes:
        if self._deflate == 2:
            self._packer = self._new()
        packer = self._packer
        return (packer.compress(payload) + packer.flush(zlib.Z_SYNC_FLUSH))[:-4]

    def _frame(self, opcode: int, payload: bytes, *, fin: int = 1, rsv: int = 0) -> bytes:
        key = self._dice.randbytes(4) if self._who == 0 else None
        return frame(opcode, payload, fin=fin, rsv=rsv, key=key)


def _text(data: bytes) -> bytes:
    return bytes(byte & 0x3F | 0x40 for byte in data).decode("latin-1").encode()


def healthy(steps: Sequence[Step], deflate: int) -> list[Step]:
    """What both sides say, and what of it the capture lacks."""
    speakers = [_Speaker(0, deflate), _Speaker(1, deflate)]
    told = [Step(FEED, step.who, speakers[step.who].wire(step.data)) for step in steps]
    holes = [step for step in steps if step.what in (GAP, LOST)]
    return list(_holed(told, holes))


def _holed(told: list[Step], holes: Sequence[Step]) -> Iterator[Step]:
    """Each hole takes bytes out of one step, where the tape's bytes say."""
    size = len(told) or 1
    places = {(hole.data[2] if len(hole.data) > 2 else 7) % size: hole for hole in holes}
    for number, step in enumerate(told):
        hole = places.get(number)
        if hole is None or len(step.data) < 2:
            yield step
            continue
        start = (hole.data[3] if len(hole.data) > 3 else 0) % len(step.data)
        stop = min(len(step.data), start + length_of(hole))
        yield step._replace(data=step.data[:start])
        yield (
            Step(GAP, step.who, (stop - start - 1).to_bytes(2, "big"))
            if hole.what == GAP
            else (Step(LOST, step.who, b""))
        )
        yield step._replace(data=step.data[stop:])
