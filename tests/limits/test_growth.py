"""Beyond a limit, twice as much costs twice the time and no more memory. Ratios and differences
only: no absolute figure says anything on another machine.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.limits import making

COST = """
import resource, sys, time
import wsdebug
from wsdebug.model.limits import Limits
limits = Limits(flows=10_000, total_buffer=2 << 20, total_waiting=2 << 20)
begin = time.process_time()
wsdebug.read(sys.argv[1], limits=limits)
print(time.process_time() - begin, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10)
"""
TWICE = 2.6
"""Twice the work may take so much longer; quadratic growth takes four times."""
ATTEMPTS = 4
MORE = 12
"""MiB that the second half may add to the peak: less than a third of what it brings."""


def cost(path: Path) -> tuple[float, int]:
    """CPU seconds and peak MiB of reading `path` in a process of its own."""
    command = [sys.executable, "-c", COST, str(path)]
    ran = subprocess.run(command, check=True, capture_output=True, text=True, timeout=120)
    seconds, peak = ran.stdout.split()
    return float(seconds), int(peak)


def port_scan(path: Path, times: int) -> None:
    making.syns(path, 50_000 * times)


def disorder(path: Path, times: int) -> None:
    """40 MB behind the holes of 100 connections."""
    making.holes(path, 100, 400 * times)


def unanswered(path: Path, times: int) -> None:
    """40 MB behind 100 upgrade requests."""
    making.waiting(path, 100, 400 * times)


def inflated(path: Path, times: int) -> None:
    making.deflate_bomb(path, 50_000_000 * times)


@pytest.mark.parametrize("write", [port_scan, disorder, unanswered, inflated])
def test_beyond_a_limit_memory_is_flat_and_time_linear(
    write: Callable[[Path, int], None], tmp_path: Path
) -> None:
    one, two = tmp_path / "one.pcap", tmp_path / "two.pcap"
    write(one, 1)
    write(two, 2)
    ratios: list[float] = []
    for _ in range(ATTEMPTS):
        (less, low), (more, high) = cost(one), cost(two)
        assert high - low <= MORE, f"{low} and {high} MiB"
        ratios.append(more / less)
        if ratios[-1] <= TWICE:
            return
    pytest.fail(f"twice the {write.__name__} took {ratios} times as long")
