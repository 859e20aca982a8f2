"""Hostile captures through the command line: each limit that is reached is said, with its number
and the option that raises it, in text and in JSON; and with that option it is not reached.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import wsdebug
from tests.limits import making
from wsdebug.cli import main
from wsdebug.model.errors import UserError
from wsdebug.model.limits import Limits

MANY_LINES = [b"X-%d: a" % number for number in range(1_200)]
OPTIONS = struct.pack("<HHI", 1, 0, 0) + struct.pack("<HH", 2988, 0) * 1_000_000
LONG_BLOCK = struct.pack("<II", 6, 2**32 - 4) + bytes(90)
PINGS = b"\x89\x00" * 70
FAULTS = b"\xa1\x01a"


def read(path: Path, *options: str) -> tuple[int, dict[str, Any]]:
    report = path.with_suffix(".json")
    status = main(["read", str(path), "-F", "json", "-o", str(report), "--no-progress", *options])
    return status, json.loads(report.read_text())


def notes(report: dict[str, Any]) -> dict[str, str]:
    return {note["kind"]: note["message"] for note in report["captures"][0]["limits"]}


# what is written, limit, what is said, what raises it enough
CASES: list[tuple[Callable[[Path], None], str, str, str]] = [
    (lambda path: making.syns(path, 400), "flows=100", "more than 100 were open", "flows=1k"),
    (lambda path: making.holes(path, 1, 300), "flow-buffer=50k", "51 200 bytes of one", ""),
    (lambda path: making.holes(path, 20, 30), "total-buffer=100k", "102 400 bytes of all", ""),
    (lambda path: making.waiting(path, 1, 90), "waiting=50k", "more than 51 200 bytes", ""),
    (lambda path: making.waiting(path, 20, 30), "total-waiting=100k", "more than 102 400", ""),
    (lambda path: making.heads(path, [b"X: " + b"x" * 10_000_000]), "head=64k",
     "an HTTP head of more than 65 536 bytes", "head=16M"),
    (lambda path: making.heads(path, MANY_LINES), "fields=1k", "more than 1 000 header lines",
     "fields=2k"),
    (lambda path: making.deflate_bomb(path, 200_000), "message=100k",
     "more than 102 400 inflated bytes", ""),
    (lambda path: making.talk(path, ("s", FAULTS * 1_200)), "findings=1k",
     "more than 1 000 findings", "findings=5k"),
    (lambda path: making.talk(path, ("s", FAULTS * 300)), "total-findings=100",
     "more than 100 of open connections", ""),
    (lambda path: making.talk(path, ("c", PINGS), ("s", PINGS)), "pings=64", "more than 64 pings",
     "pings=100"),
    (lambda path: making.pcapng(path, making.block(1, OPTIONS)), "options=1k",
     "Only the first 1 000 options", "options=2M"),
    (lambda path: making.pcapng(path, making.INTERFACE * 100_000), "interfaces=65536",
     "more than 65536 interfaces", "interfaces=200k"),
    (lambda path: making.pcapng(path, making.INTERFACE, LONG_BLOCK),
     "block=64M", "claims 4 294 967 292 bytes, more than 67 108 864", "block=8G"),
    (lambda path: making.http2_streams(path, 30), "streams=20",
     "more than 20 were open on it at one time", "streams=40"),
    (lambda path: making.first_fragments(path, 300), "fragments=100k",
     "more than 102 400 bytes waited for the rest of theirs", ""),
    (lambda path: making.nested_tunnels(path, 12), "tunnels=8",
     "more than 8 tunnels inside each other", "tunnels=12"),
    (lambda path: making.gzip_bomb(path, 70 << 20), "ratio=200", "more than 200 times its size",
     "ratio=2k"),
    (lambda path: making.gzip_bomb(path, 5 << 20), "unpacked=1M", "more than 1 048 576 bytes", ""),
]  # fmt: skip


@pytest.mark.parametrize(("write", "limit", "said", "raised"), CASES, ids=lambda case: case)
def test_a_limit_is_said_and_can_be_raised(
    write: Callable[[Path], None],
    limit: str,
    said: str,
    raised: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = tmp_path / "hostile.capture"
    write(path)
    name = limit.partition("=")[0]
    _, report = read(path, "--limit", limit)
    assert said in notes(report)[name]
    assert f"(--limit {name}=" in notes(report)[name]
    main(["read", str(path), "--limit", limit, "--width", "10000"])
    assert notes(report)[name] in capsys.readouterr().out
    more = ["--limit", raised] if raised else []
    assert name not in notes(read(path, *more)[1])


@pytest.mark.parametrize("length", [2**63, 2**63 - 1, 2**64 - 1])
def test_a_length_of_2_63_is_a_number_and_nothing_else(length: int, tmp_path: Path) -> None:
    path = tmp_path / "long.pcap"
    making.long_frame(path, length)
    status, report = read(path)
    (connection,) = report["connections"]
    assert status in {0, 1}
    assert connection["frames"]["server"]["total"] <= 1
    assert notes(report) == {}


def test_twenty_megabytes_in_twenty_kilobytes_are_read(tmp_path: Path) -> None:
    path = tmp_path / "bomb.pcap"
    making.deflate_bomb(path)
    assert path.stat().st_size < 25_000
    status, report = read(path)
    assert status == 0
    assert report["connections"][0]["messages"]["server"] == 1
    assert report["connections"][0]["findings"] == []


def test_more_frames_at_once_than_asked_for_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "frames.pcap"
    making.talk(path, ("s", b"\x82\x00" * 400))
    assert len(list(wsdebug.frames(path))) == 400
    with pytest.raises(UserError, match="More than 100 frames"):
        list(wsdebug.frames(path, limits=Limits(rows=100)))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("flow=3", "Did you mean flows?"),
        ("zzz=3", "lists them all"),
        ("flows", "--limit flows=50k"),
        ("flows=0", "from 1 on"),
        ("flows=-1", "from 1 on"),
        ("flows=3q", "from 1 on"),
        ("payload=3", "There is no limit"),
    ],
)
def test_what_is_no_limit_is_2(given: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["read", "captures/aiohttp.pcap", "--limit", given]) == 2
    assert said in capsys.readouterr().err


def test_the_help_lists_each_limit(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["read", "--help"]) == 0
    shown = capsys.readouterr().out
    for name in set(Limits.__struct_fields__) - {"payload", "rows"}:
        assert f"{name.replace('_', '-')}=" in shown
