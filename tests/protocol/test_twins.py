"""Inflating behind a hole: what does not depend on the unknown is exact, the rest is not told."""

from __future__ import annotations

import random
import zlib

from wsdebug.protocol.twins import WINDOW, Twins

TAIL = b"\x00\x00\xff\xff"


def packed(*messages: bytes) -> list[bytes]:
    packer = zlib.compressobj(6, zlib.DEFLATED, -15)
    return [packer.compress(each) + packer.flush(zlib.Z_SYNC_FLUSH) for each in messages]


def test_what_refers_to_the_unknown_is_not_told_and_what_does_not_is_exact():
    words = [random.Random(at).randbytes(40).hex().encode() for at in range(20)]
    first, *later = packed(words[0], *(words[0] + word for word in words[1:]))
    twins = Twins(15)
    told = [list(twins.feed(each)) for each in later]
    assert first
    assert all(None in outs for outs in told)
    assert twins.known() is None


def test_the_context_is_known_again_behind_a_whole_window_and_not_before():
    dice = random.Random(2)
    shared = dice.randbytes(500)
    noise = [dice.randbytes(8_000) for _ in range(5)]
    _, mixed, *rest = packed(shared, shared + noise[0], *noise[1:])
    twins = Twins(15)
    assert None in list(twins.feed(mixed))
    for number, (each, sent) in enumerate(zip(rest, noise[1:], strict=True), 2):
        assert b"".join(out or b"?" for out in twins.feed(each)) == sent
        assert twins.clean <= number * 8_000
        assert (twins.known() is None) is (twins.clean < WINDOW)
    assert twins.known() is not None


def test_the_alike_end_of_a_piece_counts_and_no_more():
    dice = random.Random(3)
    shared, own = dice.randbytes(300), dice.randbytes(1_000)
    _, mixed = packed(shared, shared + own)
    twins = Twins(15)
    list(twins.feed(mixed))
    assert twins.clean == len(own)
