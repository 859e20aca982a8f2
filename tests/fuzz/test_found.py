"""What fuzzing found stays mended; and a few seeds of each target hold.

`tests/fuzz/found/TARGET/NAME` is an input that once broke a promise of its target; the name says
what was wrong. Fuzzing itself: `python -m tests.fuzz`, a short run of it in `.ci/run`.
"""

from __future__ import annotations

import importlib
import itertools
import time
from pathlib import Path

import pytest

from tests.fuzz.tape import FEED, FRAME, GAP, Step, packed, unpacked

FOUND = Path(__file__).parent / "found"
TARGETS = ("files", "heads", "frames", "reports", "tls", "http2", "anonymised")
INPUTS = sorted(path for path in FOUND.glob("*/*") if path.is_file())
_SEEDS = 12
_PATIENCE = 20.0
"""Seconds: what once took for ever is not to take for ever again; each takes milliseconds."""


@pytest.mark.parametrize("path", INPUTS, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_what_was_found_stays_mended(path: Path) -> None:
    target = importlib.import_module(f"tests.fuzz.{path.parent.name}")
    began = time.process_time()
    target.check(path.read_bytes())
    assert time.process_time() - began < _PATIENCE


@pytest.mark.parametrize("name", TARGETS)
def test_seeds_hold(name: str) -> None:
    target = importlib.import_module(f"tests.fuzz.{name}")
    seeds = list(target.seeds())
    assert len(seeds) > 5
    for seed in itertools.islice(seeds, 0, None, max(1, len(seeds) // _SEEDS)):
        target.check(seed)


def test_inputs_are_small_and_belong_to_a_target() -> None:
    assert INPUTS
    assert {path.parent.name for path in INPUTS} <= set(TARGETS)
    assert all(path.stat().st_size <= 64 << 10 for path in INPUTS)


def test_any_bytes_are_a_tape_and_a_tape_is_read_as_it_was_written() -> None:
    steps = [Step(FEED, 0, b"abc"), Step(GAP, 1, b""), Step(FRAME, 1, bytes(300))]
    assert unpacked(packed(7, steps)) == (7, steps)
    for noise in (b"", b"\0", b"\xff" * 50):
        options, told = unpacked(noise)
        assert 0 <= options <= 255
        assert all(0 <= step.what <= FRAME for step in told)
