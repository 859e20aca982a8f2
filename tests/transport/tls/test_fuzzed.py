"""The fuzzer's target on its own seeds, changed a little with a fixed seed."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.fuzz import tls

FOUND = sorted((Path(tls.__file__).parent / "found" / "tls").iterdir())


@pytest.mark.parametrize("path", FOUND, ids=lambda path: path.name)
def test_what_was_found_once(path: Path) -> None:
    tls.check(path.read_bytes())


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
