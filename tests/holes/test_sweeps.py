"""Whatever a capture lacks: no frame that was not sent, no finding that was not there.

A sample of each sweep in every run; with WSDEBUG_LAB=all every segment of every capture.
"""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

import pytest

from tests.holes.sweep import Tally, Whole
from tests.stored import ALL, CAPTURES, STORIES
from wsdebug.model.place import Side

EVERYTHING = os.environ.get("WSDEBUG_LAB") == "all"
TEN = (
    "lossy-heals",  # masked and unmasked text, 302 frames
    "tiny-frames",  # 300 frames in a segment
    "deflate-shapes",
    "fragments-and-pings",
    "one-megabyte",
    "express-408-after-60s",  # pings only, then an HTTP response
    "violations-to-ws",  # what is wrong stays wrong, and nothing else becomes so
    "violations-to-websockets-client",
    "socket-io",
    "unmasked-client-kills-server",
    "killed-server-ten",
)
CASES = list(ALL) if EVERYTHING else [*TEN, "zeek-wstunnel-ssh.pcap"]
"""The last one: both directions busy with binary messages."""
MOST = 10_000 if EVERYTHING else 30
FOUND = {"megabyte-of-noise": 0.2}
"""Four frames, two of them of 1 MB: a capture that begins inside is given up after 1 MiB (0009)."""
each = pytest.mark.parametrize("name", CASES)


@pytest.fixture
def whole(name: str) -> Whole:
    return _whole(name)


@cache
def _whole(name: str) -> Whole:
    return Whole(ALL[name])


def sample(numbers: list[int]) -> list[int]:
    """So many of them, spread evenly, the last one included."""
    step = max(1, len(numbers) // MOST)
    return numbers[::-1][::step]


def check(tally: Tally, share: float) -> None:
    assert tally.phantoms == []
    assert tally.accusations == []
    assert tally.share >= share, (tally.missed, tally.asked)


@each
def test_a_segment_is_missing(whole: Whole, tmp_path: Path) -> None:
    tally = Tally(whole)
    for gone in sample(sorted(whole.carriers)):
        kept = (packet for packet in whole.packets if packet[0] != gone)
        tally.add(gone, whole.kept(kept, tmp_path / "x.pcap"), whole.outside([gone]))
    check(tally, 0.99 if len(whole.read.frames) > 60 else 0.8)


@each
def test_the_beginning_is_missing(name: str, whole: Whole, tmp_path: Path) -> None:
    tally = Tally(whole)
    for first in sample([packet[0] for packet in whole.packets][1:]):
        kept = (packet for packet in whole.packets if packet[0] >= first)
        outside = [seen for seen in whole.read.frames if seen.first >= first]
        tally.add(first, whole.kept(kept, tmp_path / "x.pcap"), outside)
    check(tally, FOUND.get(name, 0.97 if len(whole.read.frames) > 60 else 0.7))


@each
@pytest.mark.parametrize("side", [Side.CLIENT, Side.SERVER])
def test_only_one_direction_was_captured(whole: Whole, side: Side, tmp_path: Path) -> None:
    tally = Tally(whole)
    mine = {number for number, (_, sender) in whole.carriers.items() if sender is side.other}
    kept = (packet for packet in whole.packets if packet[0] not in mine)
    tally.add(side, whole.kept(kept, tmp_path / "x.pcap"), [])
    check(tally, 0.0)


@each
@pytest.mark.parametrize("length", [96, 128, 300])
def test_packets_are_cut_by_the_snap_length(whole: Whole, length: int, tmp_path: Path) -> None:
    tally = Tally(whole)
    kept = ((*packet[:3], packet[3][:length], *packet[4:]) for packet in whole.packets)
    tally.add(length, whole.kept(kept, tmp_path / "x.pcap"), [])
    check(tally, 0.0)


@each
def test_a_tap_shows_each_packet_twice(whole: Whole, tmp_path: Path) -> None:
    tally = Tally(whole)
    kept = (packet for packet in whole.packets for _ in range(2))
    tally.add("twice", whole.kept(kept, tmp_path / "x.pcap"), whole.read.frames)
    check(tally, 1.0)


@each
def test_clocks_that_run_backwards(whole: Whole, tmp_path: Path) -> None:
    """Two clocks 40 ms apart stamp the two directions: half the packets seem to come too early."""
    tally = Tally(whole)
    late = {number for number, (_, side) in whole.carriers.items() if side is Side.SERVER}
    kept = (
        (number, (time or 0) - (40_000_000 if number in late else 0), *rest)
        for number, time, *rest in whole.packets
    )
    tally.add("clocks", whole.kept(kept, tmp_path / "x.pcap"), whole.read.frames)
    check(tally, 1.0)


def test_the_sweeps_cover_what_the_claim_names() -> None:
    assert set(TEN) <= set(STORIES)
    assert (CAPTURES / "open").is_dir()
