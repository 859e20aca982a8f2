"""The headers that the hot loop reads by itself, against what is wrong with each header."""

from __future__ import annotations

import pytest

from tests.protocol.streams import DEFLATE, KEY, PLAIN, QUIET, frame, read
from wsdebug.model.facts import TextFault
from wsdebug.model.place import Side
from wsdebug.protocol.frames import FrameStream
from wsdebug.protocol.header import faults_of_bits
from wsdebug.protocol.lanes import LONG, lanes
from wsdebug.rules import watch_table


@pytest.mark.parametrize("agreed", [PLAIN, DEFLATE])
@pytest.mark.parametrize("side", Side)
def test_only_headers_without_any_fault_that_nobody_watches_have_a_lane(side, agreed):
    watch = watch_table(side, agreed)
    table = lanes(side, watch, packs=agreed.deflate is not None)
    chosen = [bits for bits in range(0x10000) if table[bits] is not None]
    assert not any(watch[bits] for bits in chosen)
    assert not any(faults_of_bits(bits, side, agreed) for bits in chosen)
    assert all(bits & 0x8000 and bits >> 8 & 15 in (1, 2) for bits in chosen)
    assert len(chosen) == (4 if agreed.deflate else 2) * LONG


def test_without_a_watch_table_every_frame_is_told():
    assert set(lanes(Side.CLIENT, None, packs=True)) == {None}


def test_of_unwatched_traffic_no_frame_is_taken_apart(monkeypatch):
    """Counted work: the slow way costs ten times as much."""
    taken = []
    monkeypatch.setattr(FrameStream, "_begin", lambda *_: taken.append(1))
    messages = (b"a" * 20, "Z\N{LATIN SMALL LETTER U WITH DIAERESIS}".encode() * 300, b"b" * 125)
    for key in (None, KEY):
        side = Side.CLIENT if key else Side.SERVER
        keys = [key and bytes((number, *key[1:])) for number in range(1, 9)]
        data = [
            *(frame(1, text, key=one) for text, one in zip(messages, keys, strict=False)),
            frame(2, b"\xff" * 300, key=keys[3]),
            frame(9, b"ping", key=keys[4]),
            frame(10, b"", key=keys[5]),
        ]
        stream = FrameStream(side, PLAIN, QUIET)
        for one in data:
            assert stream.feed(one) == ()
        assert stream.total == len(data)
        assert stream.messages == 4
    assert not taken


@pytest.mark.parametrize("length", [1, 5, 125, 126, 1_023, 1_024, 1_025, 16_383, 16_384])
@pytest.mark.parametrize("key", [None, KEY, b"\x80\xff\x00\x01"])
def test_the_one_byte_that_is_no_utf8_is_found_wherever_it_stands(length, key):
    side = Side.CLIENT if key else Side.SERVER
    for at in {0, length // 2, length - 1}:
        text = b"a" * at + b"\xff" + b"a" * (length - at - 1)
        facts, _ = read(frame(1, b"x" * 20, key=key and b"mask") + frame(1, text, key=key),
                        side, watch=QUIET)  # fmt: skip
        (fault,) = (fact for fact in facts if isinstance(fact, TextFault))
        assert (fault.frame, fault.message_offset) == (1, at)
