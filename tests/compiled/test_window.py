"""The inflater in C, against zlib: what it takes zlib takes, with the same bytes; what zlib makes
it takes.
"""

from __future__ import annotations

import copy
import random
import zlib
from typing import Any

import pytest

from tests.compiled.built import need_built
from wsdebug import compiled
from wsdebug.protocol.small_messages import FINAL, PIECE, TAIL, WINDOW

STRATEGIES = {
    "default": zlib.Z_DEFAULT_STRATEGY,
    "filtered": zlib.Z_FILTERED,
    "huffman only": zlib.Z_HUFFMAN_ONLY,
    "rle": zlib.Z_RLE,
    "fixed": zlib.Z_FIXED,
}


def window(history: bytes = b"", *, resets: bool = False) -> Any:
    need_built()
    assert compiled.frames is not None
    return compiled.frames.Window(history, resets)


def judged(inflater: Any, body: bytes) -> tuple[bytes | None, Any]:
    """What zlib makes of a message, and its state behind it; None for one that is not in order."""
    after = inflater.copy()
    try:
        out = after.decompress(body + TAIL, PIECE)
        probe = after.copy()
        probe.decompress(FINAL, 1)
    except zlib.error:
        return None, inflater
    is_sound = not after.eof and len(out) < PIECE and probe.eof
    return (out, after) if is_sound else (None, inflater)


def compressed(packer: Any, text: bytes) -> bytes:
    body: bytes = packer.compress(text) + packer.flush(zlib.Z_SYNC_FLUSH)
    return body[:-4]


def texts(dice: random.Random, count: int) -> list[bytes]:
    """Noise, words, runs, and what stood there before, of every length."""
    words = [dice.randbytes(dice.randrange(1, 12)) for _ in range(30)]
    made = [b"x"]
    for _ in range(count):
        size = dice.choice((0, 1, 2, 3, 50, 257, 258, 259, 1_000, 9_000, 33_000, 65_535))
        kind = dice.randrange(5)
        if kind == 0:
            text = dice.randbytes(size)
        elif kind == 1:
            text = b"".join(dice.choices(words, k=size // 6))
        elif kind == 2:
            text = words[dice.randrange(3)] * (size // 4)
        elif kind == 3:
            text = bytes(dice.choices(b"0123456789", k=size))
        else:
            text = made[dice.randrange(len(made))]
        made.append(text[: PIECE - 1])
    return made


@pytest.mark.parametrize("resets", [False, True])
@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("level", [0, 1, 4, 6, 9])
def test_whatever_zlib_packs_is_read(level: int, strategy: str, resets: bool) -> None:
    dice = random.Random(f"{level} {strategy} {resets}")
    packer: Any = None
    ours, history = window(resets=resets), b""
    for text in texts(dice, 120):
        if packer is None or resets:
            packer = zlib.compressobj(level, zlib.DEFLATED, -15, dice.randrange(1, 10),
                                      STRATEGIES[strategy])  # fmt: skip
        assert ours.reads(compressed(packer, text), False)
        history = (history + text)[-WINDOW:]
        assert ours.history() == history


@pytest.mark.parametrize("seed", range(40))
def test_what_is_read_of_anything_is_what_zlib_reads(seed: int) -> None:
    """Messages with bytes changed, cut, or put together from others."""
    dice = random.Random(seed)
    packer: Any = zlib.compressobj(dice.choice((1, 6, 9)), zlib.DEFLATED, -15, 9, dice.randrange(5))
    ours, theirs, history = window(), zlib.decompressobj(-15), b""
    taken = refused = 0
    for text in texts(dice, 60):
        body = compressed(packer, text[:3_000])
        for _ in range(12):
            change = bytearray(body)
            for _ in range(dice.randrange(3)):
                change[dice.randrange(len(change))] ^= 1 << dice.randrange(8)
            if dice.random() < 0.2:
                del change[dice.randrange(len(change)) :]
            if dice.random() < 0.2:
                change += change[: dice.randrange(1 + len(change))]
            out, after = judged(theirs, bytes(change))
            if ours.reads(bytes(change), False):
                assert out is not None
                theirs, history = after, (history + out)[-WINDOW:]
                taken += 1
            else:
                refused += 1
            assert ours.history() == history
    assert taken > 100
    assert refused > 100


@pytest.mark.parametrize("seed", range(20))
def test_any_bytes_are_no_more_than_zlib_makes_of_them(seed: int) -> None:
    dice = random.Random(seed)
    history = dice.randbytes(40_000)[: dice.choice((0, 100, 40_000))]
    ours = window(history)
    theirs = (
        zlib.decompressobj(-15, zdict=history[-WINDOW:]) if history else zlib.decompressobj(-15)
    )
    for _ in range(3_000):
        body = bytes([dice.randrange(256) & 0xFE]) + dice.randbytes(dice.randrange(40))
        out, after = judged(theirs, body)
        if ours.reads(body, False):
            assert out is not None
            theirs, history = after, (history + out)[-WINDOW:]
        assert ours.history() == history[-WINDOW:]


@pytest.mark.parametrize("size", [PIECE - 1, PIECE])
def test_a_message_of_64_kib_is_for_zlib(size: int) -> None:
    ours = window(b"before")
    body = compressed(zlib.compressobj(9, zlib.DEFLATED, -15), bytes(size))
    assert ours.reads(body, False) is (size < PIECE)
    assert ours.history()[-3:] == (b"ore" if size == PIECE else bytes(3))


def test_text_has_to_be_text() -> None:
    ours = window()
    for text, is_text in ((b"\xff", False), ("\N{SNOWMAN}".encode(), True), (b"\xe2\x98", False)):
        body = compressed(zlib.compressobj(9, zlib.DEFLATED, -15), text)
        before = ours.history()
        assert ours.reads(body, True) is is_text
        assert ours.history() == before + (text if is_text else b"")
        assert ours.reads(body, False)


def test_what_was_given_up_is_not_referred_to() -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    one, two = (compressed(packer, b"hello hello world") for _ in range(2))
    for resets in (False, True):
        ours = window(resets=resets)
        assert ours.reads(one, True)
        assert ours.reads(two, True) is not resets


def test_a_copy_goes_its_own_way() -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    ours = window(b"a history")
    other = copy.deepcopy(ours)
    assert ours.reads(compressed(packer, b" of it"), True)
    assert (ours.history(), other.history()) == (b"a history of it", b"a history")
    assert copy.deepcopy(window()).history() == b""


def texts_of_four_bytes() -> list[bytes]:
    """All that can matter: each lead with each second byte, and what follows at its limits."""
    edges = (0x00, 0x7F, 0x80, 0xBF, 0xC0, 0xFF)
    return [
        bytes((lead, second, third, fourth))[:size]
        for lead in range(0x78, 0x100)
        for second in range(0x100)
        for third, fourth, size in (
            (0x80, 0x80, 1), (0x80, 0x80, 2), (0x80, 0x80, 3),
            *((third, fourth, 4) for third in edges for fourth in edges),
        )
    ]  # fmt: skip


def test_utf8_is_what_python_takes_for_it() -> None:
    need_built()
    assert compiled.frames is not None
    take, checks = compiled.frames.take, b"\2" * 0x10000
    for number, text in enumerate(texts_of_four_bytes()):
        payload = b"a" * (number % 11) + text + b"z" * (number % 3 * 4)
        try:
            str(payload, "utf-8")
        except UnicodeDecodeError:
            is_utf8 = False
        else:
            is_utf8 = True
        data = bytes((0x81, len(payload))) + payload
        assert (take(data + bytes(8), 0, -1, checks, None)[4] >= 1) is is_utf8, payload


@pytest.mark.parametrize(
    "wrong",
    [
        (), (b"", 0, 0, b"", None), (b"abc", 4, 0, bytes(0x10000), None),
        (b"abc", -1, 0, bytes(0x10000), None), (bytearray(3), 0, 0, bytes(0x10000), None),
        (b"abc", 0, 0, bytes(0x10000), 7), (b"abc", "0", 0, bytes(0x10000), None),
        (b"abc", 0, 1 << 70, bytes(0x10000), None),
    ],
)  # fmt: skip
def test_wrong_arguments_are_refused(wrong: tuple[Any, ...]) -> None:
    need_built()
    assert compiled.frames is not None
    with pytest.raises((TypeError, ValueError, OverflowError)):
        compiled.frames.take(*wrong)
    with pytest.raises(TypeError):
        compiled.frames.Window()
    with pytest.raises(TypeError):
        compiled.frames.Window(b"", False).reads("text", True)
