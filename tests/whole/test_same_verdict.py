"""The same conversation gives the same verdict, however it was carried, captured and stored."""

from __future__ import annotations

import bz2
import gzip
import lzma
import re
import zlib
from pathlib import Path
from typing import Any

import msgspec
import pytest

import wsdebug
from tests.analysis.streams import DEFLATE, Capture, accept, request
from tests.protocol.streams import frame
from tests.whole import rewriting
from wsdebug.model.report import Analysis

KEPT = Path(__file__).parents[2] / "captures"
FILES = [
    KEPT / "double-upgrade.pcap",
    KEPT / "double-upgrade-no-deflate.pcap",
    KEPT / "double-upgrade-second-101.pcap",
    KEPT / "nginx-idle.pcap",
    KEPT / "public" / "zeek-wstunnel-ssh.pcap",
    KEPT / "public" / "zeek-jupyter-websocket.pcap",
    KEPT / "public" / "zeek-reply-ping-coalesced.pcap",
]
CARRIED = [
    rewriting.swapped,
    rewriting.seen_twice,
    rewriting.sent_twice,
    rewriting.byte_by_byte,
    rewriting.in_threes,
    rewriting.shuffled_starts,
    rewriting.joined,
    rewriting.overlapping,
    rewriting.wrapped,
    rewriting.ipv6,
]

# What may differ: where in the capture it stood, and what TCP itself did.
PLACES = {"packet", "packets", "time", "start", "duration", "tcp", "timeline", "rtt_ms", "address"}


def verdict(analysis: Analysis) -> Any:
    """What is said of the conversation, without where in the capture it stood."""
    connections = sorted(analysis.connections, key=lambda one: one.tcp_stream)
    return [without_places(msgspec.to_builtins(one, enc_hook=str)) for one in connections]


def without_places(told: Any) -> Any:
    if isinstance(told, dict):
        return {name: without_places(one) for name, one in told.items() if name not in PLACES}
    if isinstance(told, list):
        return [without_places(one) for one in told]
    if isinstance(told, str):  # a rewriting may exchange the times of neighbours, too
        return re.sub(r"packet \d+", "packet N", re.sub(r"\d+\.\d ms", "T ms", told))
    return told


def judged(folder: Path, *files: bytes, name: str = "told.pcap") -> Any:
    paths = []
    for number, raw in enumerate(files):
        paths.append(folder / f"{number}-{name}")
        paths[-1].write_bytes(raw)
    return verdict(wsdebug.read(*paths))


def made(folder: Path) -> Path:
    """permessage-deflate with fragments and a ping between, a fault, a clean end."""
    capture = Capture()
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)

    def packed(text: bytes) -> bytes:
        return (packer.compress(text) + packer.flush(zlib.Z_SYNC_FLUSH))[:-4]

    capture.say("c", request(DEFLATE))
    capture.say("s", accept(DEFLATE))
    for turn in range(6):
        capture.say("c", frame(1, b"hello %d" % turn, key=b"%04d" % turn))
        body = packed("größer, größer %d, größer".encode() % turn)
        capture.say("s", frame(1, body[:7], fin=0, rsv=4) + frame(9, b"%d" % turn))
        capture.say("s", frame(0, body[7:]))
        capture.say("c", frame(10, b"%d" % turn, key=b"+%03d" % turn))
    capture.say("s", frame(2, b"reserved", rsv=1))
    capture.say("c", frame(8, b"\x03\xe8bye", key=b"last"))
    capture.say("s", frame(8, b"\x03\xe8"))
    for who in ("s", "c"):
        capture.close(who)
    return capture.write(folder)


@pytest.fixture(params=[*FILES, made], ids=lambda told: getattr(told, "stem", "made"))
def path(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return request.param(tmp_path) if callable(request.param) else request.param


def test_rewriting_nothing_changes_nothing(path, tmp_path):
    plain = verdict(wsdebug.read(path))
    assert plain
    assert judged(tmp_path, rewriting.pcap(rewriting.load(path))) == plain


@pytest.mark.parametrize("rewrite", CARRIED, ids=lambda each: each.__name__)
def test_carried_otherwise(path, rewrite, tmp_path):
    story = rewriting.load(path)
    again = rewrite(story)
    assert len(story) < 3 or again != story or rewrite in (rewriting.joined, rewriting.swapped)
    plain = judged(tmp_path, rewriting.pcap(story))
    assert judged(tmp_path, rewriting.pcap(again)) == plain


@pytest.mark.parametrize("link", rewriting.LINKS)
def test_on_another_link(path, link, tmp_path):
    story = rewriting.load(path)
    plain = judged(tmp_path, rewriting.pcap(story))
    assert judged(tmp_path, rewriting.pcap(story, link)) == plain
    assert judged(tmp_path, rewriting.pcap(rewriting.ipv6(story), link)) == plain


def test_stored_otherwise(path, tmp_path):
    story = rewriting.load(path)
    raw = rewriting.pcap(story)
    plain = judged(tmp_path, raw)
    assert judged(tmp_path, rewriting.pcapng(story)) == plain
    for pack in (gzip.compress, bz2.compress, lzma.compress):
        assert judged(tmp_path, pack(raw)) == plain
    fifth = len(story) // 5 + 1
    parts = [story[at : at + fifth] for at in range(0, len(story), fifth)]
    assert judged(tmp_path, *map(rewriting.pcap, parts)) == plain


def test_a_missing_segment_is_a_gap_and_nobodys_fault(path, tmp_path):
    """Each segment of data in turn is not captured, though it was acknowledged."""
    story = rewriting.load(path)
    data = [at for at, one in enumerate(story) if one.data and one.is_plain]
    plain = judged(tmp_path, rewriting.pcap(story))
    blamed = all_findings(plain)
    frames = {one["tcp_stream"]: one["frames"] for one in plain}
    for at in data[:: max(1, len(data) // 12)]:
        told = judged(tmp_path, rewriting.pcap(story[:at] + story[at + 1 :]))
        for connection in told:
            for side, counts in frames[connection["tcp_stream"]].items():
                assert connection["frames"][side]["total"] <= counts["total"], at
            for finding in connection["findings"]:
                if finding["severity"] != "note":
                    assert (finding["name"], finding["side"]) in blamed, at


def all_findings(connections: Any) -> set[tuple[str, str]]:
    return {(found["name"], found["side"]) for one in connections for found in one["findings"]}


def test_without_time_stamps_the_same_frames_and_faults(path, tmp_path):
    """Simple packet blocks carry no time: what needs none is said all the same."""
    story = rewriting.load(path)
    plain = judged(tmp_path, rewriting.pcap(story))
    timeless = judged(tmp_path, rewriting.pcapng(story, simple=True))
    assert [one["frames"] for one in timeless] == [one["frames"] for one in plain]
    for before, after in zip(plain, timeless, strict=True):
        assert after["end"]["how"] in {before["end"]["how"], "fin", "rst", "capture-end"}
