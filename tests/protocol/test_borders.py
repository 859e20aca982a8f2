from __future__ import annotations

import random

import pytest

from tests.protocol.streams import DEFLATE, KEY, PLAIN, frame
from wsdebug.model.handshake import Agreed
from wsdebug.model.place import Side
from wsdebug.protocol import header as head
from wsdebug.protocol.borders import AT_FIN, Manner, Shape, chain, evidence, is_plausible
from wsdebug.protocol.header import header_at

SERVER = Shape(Side.SERVER, PLAIN)
CLIENT = Shape(Side.CLIENT, PLAIN)


def plausible(data, shape=SERVER):
    return is_plausible(header_at(data, 0), shape)


def bits(data, shape=SERVER):
    return evidence(data, 0, header_at(data, 0), shape)


@pytest.mark.parametrize("opcode", [0, 1, 2, 8, 9, 10])
def test_ordinary_headers_are_plausible(opcode):
    assert plausible(frame(opcode, b"\x03\xe8"))
    assert plausible(frame(opcode, b"\x03\xe8", key=KEY), CLIENT)


@pytest.mark.parametrize(
    "data",
    [
        b"\0\0",
        frame(1, b"x", rsv=4),
        frame(1, b"x", rsv=1),
        frame(3, b"x"),
        frame(9, b"x", fin=0),
        frame(9, b"", form=16, length=200),
        frame(1, b"x", form=16),
        frame(1, b"x", key=KEY),
        frame(8, b"x"),
        frame(2, b"", length=65 << 20),
        frame(2, b"", form=64, length=1 << 63),
    ],
)
def test_odd_headers_are_not(data):
    assert not plausible(data)


def test_rsv1_only_where_deflate_may_be_agreed_and_on_first_frames():
    for agreed in (DEFLATE, Agreed(known=False)):
        shape = Shape(Side.SERVER, agreed)
        assert plausible(frame(1, b"x", rsv=4), shape)
        assert not plausible(frame(0, b"x", rsv=4), shape)
        assert not plausible(frame(9, b"x", rsv=4), shape)


def test_what_a_side_has_shown_is_plausible_from_it():
    assert plausible(frame(1, b"x", key=KEY), Shape(Side.SERVER, PLAIN, head.MASK))
    manners = frozenset({Manner(2, 0, fragmented=False)})
    assert plausible(frame(1, b"x", rsv=2), Shape(Side.SERVER, PLAIN, 0, manners))
    assert not plausible(frame(1, b"x", rsv=1), Shape(Side.SERVER, PLAIN, 0, manners))


LONG = b"The quick brown fox jumps over the lazy dog " + bytes(range(48, 112))


@pytest.mark.parametrize(
    ("data", "shape", "expected"),
    [
        (frame(2, b"xyz"), SERVER, 5.8),
        (frame(2, b""), SERVER, 0.0),
        (frame(2, b"xyz"), Shape(Side.SERVER, DEFLATE), 5.3),
        (frame(2, b"", length=1 << 20), SERVER, 35.8),
        (frame(8, b"\x03\xe8bye"), SERVER, 16.8),
        (frame(8, b""), SERVER, 5.8),
        (frame(1, b"ab"), SERVER, 7.4),
        (frame(1, LONG[:100]), SERVER, 11.8),
        (frame(1, LONG[:20], key=KEY), CLIENT, 21.8),
        (frame(1, LONG[:100], key=KEY), CLIENT, 29.8),
        (frame(1, LONG[:40], key=KEY), Shape(Side.CLIENT, PLAIN, head.MASK), 28.8),
    ],
)
def test_bits_of_evidence(data, shape, expected):
    assert bits(data, shape) == pytest.approx(expected)


@pytest.mark.parametrize("data", [frame(1, b"\xff\xff"), frame(8, b"\x03\xed"), frame(8, b"\0\0")])
def test_payload_may_refute(data):
    assert bits(data) is None


def follow(data, want, *, end=None, shape=SERVER, **named):
    return chain(data, 0, shape, want, end=end, reach=1 << 16, **named)


def test_chain_adds_up_and_asks_for_more():
    data = frame(2, b"abc") * 3
    assert follow(data, 17.0).ok
    assert follow(data, 18.0) == (None, len(data) + 1)
    assert follow(data, 18.0, end=AT_FIN).ok
    assert follow(data, 30.0, end=AT_FIN).ok is False
    assert follow(data + b"\xff" * 14, 18.0).ok is False


def test_chain_must_agree_in_its_fragments():
    assert follow(frame(1, b"a", fin=0) + frame(0, b"b") + frame(9), 17.0).ok
    assert follow(frame(1, b"a", fin=0) + frame(1, b"b") + frame(9), 17.0).ok is False
    assert follow(frame(1, b"a") + frame(0, b"b") + frame(9), 17.0).ok is False


def test_last_frame_beyond_the_data_counts_little():
    data = frame(1, LONG[:100], key=KEY)
    assert follow(data[:60], 5.8, end=0.0, shape=CLIENT).ok
    assert follow(data[:60], 6.0, end=0.0, shape=CLIENT).ok is False
    assert follow(data, 20.0, end=0.0, shape=CLIENT).ok


def test_chain_may_stop_where_foreign_bytes_come_again():
    data = frame(2, b"abc") + b"\n\n"
    assert follow(data, 9.0).ok is False
    assert follow(data, 9.0, again=0x0A).ok


def test_noise_gives_no_chain():
    source = random.Random(11)
    found = 0
    for _ in range(20_000):
        found += bool(follow(source.randbytes(60), 20.0, end=0.0, shape=CLIENT).ok)
    assert found == 0
