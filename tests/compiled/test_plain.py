"""One side's plain frames, in C and in Python: both take the same segments, and of what they take
the long way has nothing to say.
"""

from __future__ import annotations

import random
import tracemalloc
import zlib
from typing import Any

import pytest

from tests.compiled.built import need_built
from tests.compiled.test_frames import AGREED, Speaker
from tests.protocol.streams import frame
from wsdebug import compiled
from wsdebug.model.facts import Close
from wsdebug.model.handshake import Agreed
from wsdebug.model.limits import Limits
from wsdebug.model.place import Mark, Side
from wsdebug.protocol.closing import close_body
from wsdebug.protocol.frames import FrameStream
from wsdebug.protocol.plain_side import MOST_INFLATED, Packing, PlainSide, packing_of
from wsdebug.rules import watch_table

SIDES = tuple(Side)
SHAPES = ("plain", "deflate", "resets", "narrow")
LIMITS = {"usual": Limits(), "small messages": Limits(message=300)}


def made(side: Side, agreed: Agreed, limits: Limits) -> tuple[PlainSide, Any]:
    """The same in Python and in C."""
    need_built()
    assert compiled.parked is not None
    watch, packing = watch_table(side, agreed), packing_of(agreed, side, limits)
    ours = compiled.parked.PlainSide(side, watch, close_body, *packing)
    return PlainSide(side, watch, packing), ours


def figures(side: Any) -> Any:
    return side.text, side.binary, side.total, side.first, side.last, side.close, side.close_at


def segments(dice: random.Random, side: Side, agreed: Agreed) -> list[bytes]:
    """Of one or two messages each, and now and then a part of one."""
    speaker, found = Speaker(dice, side, agreed), []
    for _ in range(dice.randrange(1, 12)):
        data = b"".join(b"".join(speaker.frames()) for _ in range(dice.randrange(1, 3)))
        found.append(data[: dice.randrange(len(data) + 1)] if dice.random() < 0.02 else data)
    return [one for one in found if one]


def of_the_long_way(
    side: Side, agreed: Agreed, limits: Limits, data: list[tuple[bytes, Mark]]
) -> FrameStream:
    """It tells nothing but a Close, and every message was readable."""
    stream = FrameStream(side, agreed, watch_table(side, agreed), limits)
    facts = [fact for one in data for fact in stream.feed(*one)]
    facts += stream.end()
    assert [fact for fact in facts if not isinstance(fact, Close)] == []
    assert not stream.unreadable
    return stream


@pytest.mark.parametrize("limits", LIMITS)
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("side", SIDES)
def test_both_take_the_same_and_no_more_than_is_sound(side: Side, shape: str, limits: str) -> None:
    agreed, most = AGREED[shape], LIMITS[limits]
    taken = refused = inflated = 0
    for seed in range(400):
        dice = random.Random(f"{side} {shape} {seed}")
        python, core = made(side, agreed, most)
        given: list[tuple[bytes, Mark]] = []
        for number, data in enumerate(segments(dice, side, agreed)):
            mark = number + 1, number * 1_000, number
            is_taken = python(data, mark)
            assert core(data, mark) is is_taken, (seed, number)
            if not is_taken:
                refused += 1
                break
            assert figures(core) == figures(python), (seed, number)
            given.append((data, mark))
            inflated += data[0] >> 4 == 0xC
            taken += 1
        stream = of_the_long_way(side, agreed, most, given)
        if len(given) == number + 1:
            assert (python.text, python.binary) == (stream.counts[1], stream.counts[2])
            assert python.total == stream.messages
    assert taken > 150
    assert refused > 50
    assert (inflated > 50) is (shape != "plain")


@pytest.mark.parametrize("shape", ["deflate", "resets", "narrow"])
def test_no_change_of_a_message_is_taken_that_the_long_way_minds(shape: str) -> None:
    """The last of three messages has bytes changed, is cut, or is put together from others."""
    agreed, limits = AGREED[shape], Limits()
    taken = refused = 0
    for seed in range(2_000):
        dice = random.Random(seed)
        python, core = made(Side.SERVER, agreed, limits)
        bits = 10 if shape == "narrow" else 15
        packer: Any = None
        bodies = []
        for _ in range(3):
            if packer is None or shape == "resets":
                packer = zlib.compressobj(dice.choice((1, 6)), 8, -bits, 8, dice.randrange(5))
            text = bytes(dice.choices(b"abc ", k=dice.randrange(1, 90)))
            body = packer.compress(text) + packer.flush(zlib.Z_SYNC_FLUSH)
            bodies.append(body[:-4])
        change = bytearray(bodies[2])
        for _ in range(dice.randrange(3)):
            change[dice.randrange(len(change))] ^= 1 << dice.randrange(8)
        if dice.random() < 0.2:
            del change[dice.randrange(1, len(change) + 1) :]
        if dice.random() < 0.2:
            change += bodies[dice.randrange(3)]
        data = [(frame(2, bytes(one), rsv=4), (1, 1, 1)) for one in (*bodies[:2], change)]
        answers = [python(*one) for one in data]
        assert [core(*one) for one in data] == answers, seed
        assert figures(core) == figures(python)
        if answers[2]:
            of_the_long_way(Side.SERVER, agreed, limits, data)
            taken += 1
        else:
            refused += 1
    assert taken > 300
    assert refused > 300


def test_where_no_message_may_be_read_none_may_be_compressed() -> None:
    for side in made(Side.SERVER, AGREED["deflate"], Limits(message=0)):
        assert not side(frame(2, b"\0", rsv=4), (1, 1, 1))


def test_what_a_side_holds_is_what_came_and_is_let_go_at_its_close() -> None:
    """Thousands of them wait."""
    _, core = made(Side.SERVER, AGREED["deflate"], Limits())
    packer = zlib.compressobj(0, zlib.DEFLATED, -15)
    text = random.Random(1).randbytes(1_000)
    message = (packer.compress(text) + packer.flush(zlib.Z_SYNC_FLUSH))[:-4]
    data = frame(2, message, rsv=4)
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        assert core(data, (1, 1, 1))
        one = tracemalloc.get_traced_memory()[0] - before
        for _ in range(15):
            assert core(data, (1, 1, 1))
        all_of_them = tracemalloc.get_traced_memory()[0] - before
        assert core(frame(8), (1, 1, 1))
        after = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert 1_000 <= one < 1_400
    assert 16_000 <= all_of_them < 16_000 + 400
    assert after < 400


def test_python_lets_it_go_too() -> None:
    python = PlainSide(Side.SERVER, bytes(0x10000), Packing(MOST_INFLATED, resets=False))
    assert python(frame(1, b"\xf2H\xcd\xc9\xc9\x07\x00", rsv=4), (1, 1, 1))
    assert python._history == b"Hello"  # RFC 7692 7.2.3.1
    assert python(frame(8), (1, 1, 1))
    assert python._history == b""


@pytest.mark.parametrize("wrong", [(bytes(3), 0), (bytes(0x10000), -1), (bytes(0x10000), 1 << 20)])
def test_wrong_arguments_are_refused(wrong: tuple[bytes, int]) -> None:
    need_built()
    assert compiled.parked is not None
    watch, most = wrong
    with pytest.raises(ValueError, match="16 KiB"):
        compiled.parked.PlainSide("server", watch, close_body, most, False)
