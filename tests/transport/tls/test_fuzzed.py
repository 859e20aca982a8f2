"""The fuzzer's target on its own seeds, changed a little with a fixed seed."""

from __future__ import annotations

import random

import pytest

from tests.fuzz import tls


@pytest.mark.parametrize("start", range(8))
def test_seeds_and_their_neighbours(start: int) -> None:
    dice = random.Random(start)

    def change(data: bytes) -> bytes:
        if not data:
            return b"\x17\x03\x03"
        at = dice.randrange(len(data))
        return data[:at] + dice.randbytes(dice.randrange(4)) + data[at + dice.randrange(3) :]

    checked = 0
    for raw in list(tls.seeds())[start::8]:
        tls.check(raw)
        for _ in range(6):
            told = tls.mutate(raw, change, dice.getrandbits(32))
            tls.check(told)
            checked += 1
    assert checked >= 30
