"""TCP that is not WebSocket is not mistaken for it: from its SYN on, and from its middle.

The stored samples in every run. With `-m lab` four protocols are recorded anew (6 MB), with
WSDEBUG_LAB=all nineteen (60 MB and more; their Debian packages must be installed).
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from captures.make.other.cutting import without_beginnings
from captures.make.other_protocols import MEGABYTES, PROTOCOLS, record_all
from tests.stored import CAPTURES, _toml
from wsdebug.cli import main

SAMPLES: list[dict[str, Any]] = _toml(CAPTURES / "other" / "manifest.toml")["capture"]
STARTS = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 15, 20, 25, 30, 40, 50)
"""Packets at the beginning of each connection that a capture lacks; 1 is the SYN."""
LATER_STARTS = (1, 4, 7, 20, 100, 1_000)
"""The same for long recordings."""
QUICK = ("http", "https", "tls", "chance")
IS_FULL = os.environ.get("WSDEBUG_LAB") == "all"
RECORDED, LEAST = (tuple(PROTOCOLS), 50_000_000) if IS_FULL else (QUICK, 5_000_000)


def assert_no_websocket(capture: Path) -> dict[str, Any]:
    """Exit 3, no connection but encrypted ones, no finding; returns the report."""
    report = capture.with_suffix(".json")
    status = main(["read", str(capture), "--format", "json", "-o", str(report), "--no-progress"])
    read: dict[str, Any] = json.loads(report.read_text())
    found = [one for one in read["connections"] if one["handshake"]["result"] != "encrypted"]
    assert not found, f"{capture.name}: {found[0]['tcp_stream']} is taken for a WebSocket"
    assert not any(one["findings"] for one in read["connections"])
    assert not any(read["summary"]["findings"].values())
    assert status == 3
    return read


def assert_none_anywhere(capture: Path, starts: tuple[int, ...], scratch: Path) -> int:
    """From the beginning, and without the first packets of each connection; how many were read."""
    whole = capture.read_bytes()
    read = 0
    for count in (0, *starts):
        cut = without_beginnings(whole, count)
        if len(cut) == len(without_beginnings(b"\xd4\xc3\xb2\xa1" + bytes(20), 0)):
            break
        target = scratch / f"{capture.stem}-{count}.pcap"
        target.write_bytes(cut)
        assert_no_websocket(target)
        target.unlink()
        read += 1
    return read


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: Path(sample["file"]).stem)
def test_no_websocket_in_a_sample(sample: dict[str, Any], tmp_path: Path) -> None:
    capture = CAPTURES / "other" / sample["file"]
    assert assert_none_anywhere(capture, STARTS, tmp_path) > 10
    (tmp_path / "whole.pcap").write_bytes(capture.read_bytes())
    report = assert_no_websocket(tmp_path / "whole.pcap")["captures"][0]
    assert report["tcp_connections"] == sample["tcp_connections"]
    assert report["packets"] == sample["packets"]


def test_there_is_a_sample_of_each_protocol() -> None:
    assert {Path(sample["file"]).stem for sample in SAMPLES} == set(PROTOCOLS)


@pytest.mark.lab
def test_no_websocket_in_other_protocols_recorded_anew(tmp_path: Path) -> None:
    record_all(tmp_path, MEGABYTES * 1_000_000 if IS_FULL else 6_000_000, list(RECORDED))
    recorded = sorted(tmp_path.glob("*.pcap"))
    assert [path.stem for path in recorded] == sorted(RECORDED)
    assert sum(path.stat().st_size for path in recorded) >= LEAST
    for capture in recorded:
        assert assert_none_anywhere(capture, LATER_STARTS, tmp_path) > 3
