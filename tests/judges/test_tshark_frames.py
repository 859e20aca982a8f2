"""Frame by frame, wsdebug and tshark say the same on captures that tshark can read.

Where they differ, `tshark_differences.toml` lists each frame that only one of them has, and why.
"""

from __future__ import annotations

import tomllib
from collections import defaultdict
from pathlib import Path

import pytest

import wsdebug
from bench.make import SCENARIOS, make
from tests.judges.tshark import Judged, JudgedFrame
from tests.stored import ALL, PUBLIC_CAPTURES

OUT_OF_ORDER = {"lossy-heals"}
"""Where bytes come late, tshark names the packet that filled the hole before them, or a copy."""

DIFFERENCES = tomllib.loads(
    Path(__file__).with_name("tshark_differences.toml").read_text(encoding="utf-8")
)["difference"]


def decoded(path: Path) -> Judged:
    """The same table as tshark's, from wsdebug."""
    table: defaultdict[tuple[int, str], list[JudgedFrame]] = defaultdict(list)
    for stream, frame in wsdebug.frames(path):
        assert frame.last_packet is not None
        table[stream, frame.side.value].append(
            JudgedFrame(
                frame.last_packet, frame.fin, frame.rsv, frame.opcode, frame.masked, frame.length
            )
        )
    return dict(table)


def take_out(table: Judged, name: str, whose: str) -> None:
    """Removes the frames that only `whose` has; each must be there exactly once."""
    for difference in DIFFERENCES:
        if difference["capture"] != name or whose not in difference:
            continue
        key = (difference["tcp_stream"], difference["side"])
        table[key].remove(JudgedFrame(**difference[whose]))
        if not table[key]:
            del table[key]


def without_packets(table: Judged) -> Judged:
    return {key: [frame._replace(packet=0) for frame in frames] for key, frames in table.items()}


@pytest.mark.parametrize("name", list(ALL))
def test_kept_captures(tshark, name: str) -> None:
    ours, theirs = decoded(ALL[name]), tshark(ALL[name])
    take_out(ours, name, "wsdebug")
    take_out(theirs, name, "tshark")
    if name in OUT_OF_ORDER:
        ours, theirs = without_packets(ours), without_packets(theirs)
    assert ours == theirs


@pytest.mark.parametrize("name", list(PUBLIC_CAPTURES))
def test_tshark_sees_what_was_written_down(tshark, name: str) -> None:
    seen = sum(len(frames) for frames in tshark(ALL[name]).values())
    assert seen == PUBLIC_CAPTURES[name]["frames"]


@pytest.mark.parametrize("name", list(SCENARIOS))
def test_made_captures(tshark, name: str, tmp_path: Path) -> None:
    path = tmp_path / f"{name}.pcap"
    make(name, path, scale=0.002, seed=7)
    ours = decoded(path)
    assert ours
    assert ours == tshark(path)


def test_each_difference_has_a_reason_and_a_capture() -> None:
    assert all(len(difference["reason"]) > 20 for difference in DIFFERENCES)
    assert {difference["capture"] for difference in DIFFERENCES} <= set(ALL)
