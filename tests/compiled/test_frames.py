"""Frames of every kind, sound and not, in pieces of every size: what is compiled and what is not
tell the same and are left in the same state after each piece.
"""

from __future__ import annotations

import random
import zlib
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from tests.compiled.built import need_built, pure
from tests.protocol.streams import DEFLATE, PLAIN, frame
from wsdebug.model.handshake import Agreed, Deflate
from wsdebug.model.limits import Limits
from wsdebug.model.place import Side
from wsdebug.protocol.frames import FrameStream
from wsdebug.protocol.inflaters import Inflaters
from wsdebug.rules import watch_table

AGREED = {
    "plain": PLAIN,
    "deflate": DEFLATE,
    "resets": Agreed(Deflate(True, True)),
    "narrow": Agreed(Deflate(False, False, 10, 10)),
    "not captured": Agreed(known=False),
}
ALPHABETS = (b'abc \n{}:,"0123456789', "Zürich 東京 \N{GRINNING FACE}".encode(), bytes(range(256)))


class Speaker:
    """What a side sends: mostly sound, now and then anything."""

    def __init__(self, dice: random.Random, side: Side, agreed: Agreed) -> None:
        self._dice = dice
        self._side = side
        self._packs = agreed.deflate is not None or not agreed.known
        self._resets = agreed.deflate is not None and agreed.deflate.resets(side)
        self._bits = 15 if agreed.deflate is None else agreed.deflate.window_bits(side)
        self._packer = self._new()
        self._key = b"none"

    def _new(self) -> Any:
        level, strategy = self._dice.choice((0, 1, 6, 9)), self._dice.randrange(5)
        return zlib.compressobj(level, zlib.DEFLATED, -max(9, self._bits), 8, strategy)

    def _text(self) -> bytes:
        dice = self._dice
        size = dice.choice((1, 2, 7, 8, 30, 125, 126, 500, 1_500, 16_383, 16_384, 70_000))
        if dice.random() < 0.3:
            size = dice.randrange(1, 3_000)
        if dice.random() < 0.7:
            size = min(size, 200)
        alphabet = ALPHABETS[0 if dice.random() < 0.6 else dice.randrange(3)]
        if dice.random() < 0.1:
            return alphabet[:1] * size
        text = alphabet if dice.random() < 0.3 else bytes(dice.choices(alphabet, k=size))
        return (text * (size // len(text) + 1))[:size]

    def _mask(self) -> bytes | None:
        if self._dice.random() < 0.97:
            self._key = self._dice.randbytes(4)
        elif self._dice.random() < 0.3:
            self._key = bytes(4)
        masks = (self._side is Side.CLIENT) ^ (self._dice.random() < 0.003)
        return self._key if masks else None

    def _compressed(self, text: bytes) -> bytes:
        dice = self._dice
        if self._resets or dice.random() < 0.02:
            self._packer = self._new()
        end = zlib.Z_SYNC_FLUSH if dice.random() < 0.97 else dice.choice((2, 4, 5))
        body = bytes(self._packer.compress(text) + self._packer.flush(end))
        if end == zlib.Z_FINISH:
            self._packer = self._new()
        if dice.random() < 0.98:
            body = body.removesuffix(b"\0\0\xff\xff") or b"\0"
        if dice.random() < 0.02:
            at = dice.randrange(len(body))
            body = body[:at] + dice.randbytes(1) + body[at + dice.randrange(3) :]
        return body

    def frames(self) -> Iterator[bytes]:
        """The bytes of the next message, or of what stands in its place."""
        dice = self._dice
        kind = dice.random()
        if kind < 0.02:
            yield dice.randbytes(dice.randrange(1, 40))
            return
        if kind < 0.1:
            yield frame(dice.choice((9, 9, 10, 8)), dice.randbytes(dice.randrange(20)),
                        key=self._mask())  # fmt: skip
            return
        text = self._text()
        opcode = 1 if dice.random() < 0.7 else 2
        rsv = 4 if self._packs and dice.random() < 0.8 else 0
        payload = self._compressed(text) if rsv else text
        if dice.random() < 0.02:
            rsv = dice.randrange(8)
        form = dice.choice((16, 64)) if dice.random() < 0.01 and len(payload) < 126 else None
        if dice.random() < 0.07 and len(payload) > 1:
            cut = dice.randrange(len(payload))
            yield frame(opcode, payload[:cut], fin=0, rsv=rsv, key=self._mask())
            if dice.random() < 0.3:
                yield from self.frames()
            yield frame(0, payload[cut:], key=self._mask())
            return
        yield frame(opcode, payload, rsv=rsv, key=self._mask(), form=form)


def pieces(dice: random.Random, side: Side, agreed: Agreed) -> Iterator[bytes | int]:
    """Segments as TCP brings them, some of several frames and some of parts; a number: a hole."""
    speaker = Speaker(dice, side, agreed)
    waiting = b""
    for _ in range(dice.randrange(4, 30)):
        data = waiting + b"".join(speaker.frames())
        waiting = b""
        fate = dice.random()
        if fate < 0.15:
            waiting = data
        elif fate < 0.35 and len(data) > 1:
            cut = dice.randrange(len(data))
            yield data[:cut]
            waiting = data[cut:]
        elif fate < 0.37:
            lost = dice.randrange(1, len(data) + 1)
            yield lost
            yield data[lost:]
        else:
            yield data
    yield waiting


def state(stream: FrameStream) -> Any:
    """Everything that what comes later could depend on, and what is counted. Of compressed messages
    whose agreement is not known it only matters whether one could be read the long way.
    """
    inflater = stream._inflater
    return (
        stream.offset, stream.total, list(stream.counts), stream.messages, stream.unreadable,
        stream.inflated > 0 or stream.is_deflate_agreed, stream.in_frame, stream.in_message,
        stream.last, list(stream.closes), stream.context(), list(stream.gaps),
        list(stream.unsynchronised), stream._key, stream._calm,
        inflater and (inflater.readable, inflater._lost, inflater._resets, inflater._bits),
    )  # fmt: skip


def played(
    data: Sequence[bytes | int], side: Side, agreed: Agreed, most: int
) -> Iterator[tuple[Any, Any]]:
    """After each piece what was told and the state. `most` contexts may live: a second stream
    takes turns with the first.
    """
    limits = Limits()
    watch = watch_table(side, agreed)
    inflaters = Inflaters(most)
    both = [FrameStream(side, agreed, watch, limits) for _ in range(2)]
    for stream in both:
        stream.inflaters = inflaters
    for number, piece in enumerate(data):
        stream = both[number % 7 == 3]
        mark = number + 1, number * 1_000, None
        facts = stream.gap(piece, mark) if isinstance(piece, int) else stream.feed(piece, mark)
        yield [repr(fact) for fact in facts], (state(stream), inflaters.given_up)
    for stream in both:
        yield [repr(fact) for fact in stream.end()], (state(stream), inflaters.given_up)


@pytest.mark.parametrize("agreed", AGREED)
@pytest.mark.parametrize("side", Side)
@pytest.mark.parametrize("most", [1, 100])
def test_both_tell_the_same(agreed: str, side: Side, most: int) -> None:
    need_built()
    for seed in range(60):
        dice = random.Random(f"{agreed} {side} {most} {seed}")
        data = list(pieces(dice, side, AGREED[agreed]))
        with pure():
            expected = list(played(data, side, AGREED[agreed], most))
        for number, (ours, theirs) in enumerate(
            zip(played(data, side, AGREED[agreed], most), expected, strict=True)
        ):
            assert ours == theirs, (seed, number)
