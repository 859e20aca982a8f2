"""Compressed messages: as long, as good or bad, and another text of the same form."""

from __future__ import annotations

import json
import random
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wsdebug.anonymise.bits import BrokenError, Literal, Reader
from wsdebug.anonymise.compressed import Side
from wsdebug.anonymise.secret import Secret

SECRET = Secret(b"a key for tests")
TAIL = b"\x00\x00\xff\xff"
WORDS = [
    *("jane", "john", "paid", "4111", "to", "the", "account", "of", "Größe", "世界", "on"),
    *("Monday", "because", "of", "invoice"),
]
DATA = st.one_of(
    st.binary(max_size=400),
    st.lists(st.sampled_from(WORDS), max_size=200).map(lambda words: " ".join(words).encode()),
)
STRATEGIES = st.sampled_from(
    [zlib.Z_DEFAULT_STRATEGY, zlib.Z_FIXED, zlib.Z_HUFFMAN_ONLY, zlib.Z_RLE]
)


def packed(messages, level=6, strategy=zlib.Z_DEFAULT_STRATEGY, bits=15):
    packer = zlib.compressobj(level, zlib.DEFLATED, -bits, 9, strategy)
    return [(packer.compress(each) + packer.flush(zlib.Z_SYNC_FLUSH))[:-4] for each in messages]


def anonymised(blocks, *, is_text=True):
    side = Side(SECRET)
    told = [side.add(block, is_text=is_text, is_whole=True) for block in blocks]
    return side.solve(), [bytes(one.new) for one in told]


def inflated(blocks, bits=15):
    unpacker = zlib.decompressobj(-bits)
    return [unpacker.decompress(block + TAIL) for block in blocks]


@settings(max_examples=150, deadline=None)
@given(DATA, st.integers(0, 9), STRATEGIES)
def test_the_symbols_are_those_that_zlib_wrote(data, level, strategy):
    (block,) = packed([data], level, strategy)
    told = bytearray()
    for symbol in Reader(block + TAIL).symbols():
        if isinstance(symbol, Literal):
            told.append(symbol.byte)
            continue
        for _ in range(symbol.length):
            told.append(told[-symbol.distance])
    assert bytes(told) == data


@settings(max_examples=150, deadline=None)
@given(st.lists(DATA, min_size=1, max_size=4), st.integers(1, 9), STRATEGIES)
def test_it_inflates_to_as_many_bytes_of_the_same_form(messages, level, strategy):
    blocks = packed(messages, level, strategy)
    _, told = anonymised(blocks)
    assert [len(one) for one in told] == [len(one) for one in blocks]
    for old, new in zip(messages, inflated(told), strict=True):
        assert len(new) == len(old)
        assert [byte < 0x80 for byte in new] == [byte < 0x80 for byte in old]
        try:
            old.decode()
        except UnicodeDecodeError:
            continue
        new.decode()


@pytest.mark.parametrize("level", [1, 6, 9])
def test_json_stays_json_and_names_go(level):
    dice = random.Random(level)
    messages = [
        json.dumps({"user": dice.choice(WORDS), "card": dice.randrange(10**12), "note": "größer",
                    "items": [dice.choice(WORDS) for _ in range(20)]}).encode()
        for _ in range(30)
    ]  # fmt: skip
    blocks = packed(messages, level)
    longest, told = anonymised(blocks)
    assert longest < 8
    for old, new in zip(messages, inflated(told), strict=True):
        before, after = json.loads(old), json.loads(new)
        assert len(before) == len(after)
        assert not {"user", "card"} & set(after)
        digits = [value for value in after.values() if isinstance(value, int)]
        assert digits
        assert digits != [before["card"]]


def test_words_of_protocols_stay_wherever_they_are_copied():
    messages = [b'{"type":"next","id":"a%d","payload":{"typed":"x"}}' % each for each in range(9)]
    for old, new in zip(messages, inflated(anonymised(packed(messages))[1]), strict=True):
        assert json.loads(new)["type"] == "next"
        assert "payload" in json.loads(new)
        assert new != old


def test_what_does_not_inflate_still_does_not():
    for block in (
        b"Hello, this is no deflate at all, jane",
        b"\x04 jane jane jane",
        b"\x06jane" * 9,
    ):
        with pytest.raises(zlib.error):
            zlib.decompressobj(-15).decompress(block + TAIL)
        (told,) = anonymised([block])[1]
        assert len(told) == len(block)
        with pytest.raises(zlib.error):
            zlib.decompressobj(-15).decompress(told + TAIL)
        assert b"jane" not in told


def test_a_block_behind_a_good_one_stays_broken():
    (good,) = packed([b"a good beginning of jane, and then"])
    block = good + TAIL + b"\x07jane was here and left nothing behind"
    (told,) = anonymised([block])[1]
    unpacker = zlib.decompressobj(-15)
    with pytest.raises(zlib.error):
        unpacker.decompress(told + TAIL)
    assert b"jane" not in told


def test_what_is_cut_off_stays_cut_off():
    (block,) = packed([b"the message of jane that was cut off" * 20])
    for size in range(1, len(block) - 1):
        side = Side(SECRET)
        one = side.add(block[:size], is_text=True, is_whole=False)
        side.solve()
        assert len(one.new) == size
        unpacker = zlib.decompressobj(-15)
        assert len(unpacker.decompress(bytes(one.new))) == len(
            zlib.decompressobj(-15).decompress(block[:size])
        )


@settings(max_examples=150, deadline=None)
@given(st.lists(st.binary(max_size=120), min_size=1, max_size=4))
def test_any_bytes_keep_their_length(blocks):
    assert [len(one) for one in anonymised(blocks)[1]] == [len(one) for one in blocks]


def test_a_reader_ends():
    for noise in (b"", b"\xff" * 100, bytes(100), random.Random(1).randbytes(3_000)):
        try:
            list(Reader(noise).symbols())
        except BrokenError as error:
            _check_place(error, noise)


def _check_place(error, noise):
    assert 0 <= error.at <= len(noise) * 8


def test_a_message_that_inflates_to_very_much_is_replaced_too():
    (block,) = packed([b"jane" + bytes([65]) * (9 << 20) + b"paid the invoice of john"])
    _, (told,) = anonymised([block])
    out = zlib.decompressobj(-15).decompress(told + TAIL)
    assert len(out) == (9 << 20) + 28
    assert b"jane" not in out[:10]
    assert b"invoice" not in out[-40:]
