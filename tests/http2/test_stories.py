"""Real WebSockets over HTTP/2: what is written down of them, and what tshark reads in them."""

from __future__ import annotations

import subprocess
from collections import defaultdict
from pathlib import Path

import pytest

import wsdebug
from tests.stored import CAPTURES
from tests.stored import HTTP2 as TRUTHS
from wsdebug.analysis.session import Session
from wsdebug.model.place import SIDES, Side
from wsdebug.model.report import Connection, Severity

FOLDER = CAPTURES / "http2"
every_story = pytest.mark.parametrize("name", TRUTHS)


def keys(name: str) -> Path | None:
    """Those beside a capture over TLS."""
    path = FOLDER / f"{name}.keys"
    return path if path.exists() else None


def streams(name: str) -> list[Connection]:
    analysis = wsdebug.read(FOLDER / f"{name}.pcap", keylog=keys(name))
    return [one for one in analysis.connections if one.h2_stream is not None]


def _is_there(data: str) -> bool:
    return data not in ("", "<MISSING>")


def test_every_capture_has_a_truth() -> None:
    assert {path.stem for path in FOLDER.glob("*.pcap")} == set(TRUTHS)


@every_story
def test_each_stream_is_a_connection(name: str) -> None:
    found = streams(name)
    for one, truth in zip(found, TRUTHS[name]["stream"], strict=True):
        assert one.carrier == ("h2" if keys(name) else "h2c")
        assert one.h2_stream == truth.get("number", one.h2_stream)
        assert one.handshake.path == truth["path"]
        host, port = TRUTHS[name].get("host", "127.0.0.1"), TRUTHS[name].get("port", 18990)
        assert one.handshake.host == f"{host}:{port}"
        assert (one.handshake.status or 0) == truth.get("status", 200)
        for side, wanted in zip(SIDES, truth["frames"], strict=True):
            counts = {kind: n for kind, n in one.frames[side.value].items() if kind != "total"}
            assert counts == wanted


@every_story
def test_how_each_stream_ended_and_why(name: str) -> None:
    for one, truth in zip(streams(name), TRUTHS[name]["stream"], strict=True):
        for key, value in truth["end"].items():
            assert getattr(one.end, key) == value
        seen = one.end.seen_by_application
        assert [seen.client or 0, seen.server or 0] == truth["seen"]
        codes = [f.code for f in one.findings if f.severity is not Severity.NOTE]
        assert codes == truth.get("findings", [])
        assert truth.get("why", "") in one.end.why
        if "cause" in truth:
            assert one.causes[0].code == truth["cause"]


def test_a_used_up_window_is_told_once() -> None:
    """RFC 9113 5.2: the stream's window and the connection's were closed at the same time."""
    (one,) = streams("h2c-stall")
    low, high = TRUTHS["h2c-stall"]["stream"][0]["window_closed"]
    assert low < one.tcp.client.zero_window_s < high


@every_story
def test_what_only_looks_like_an_end_from_below(name: str) -> None:
    """Resets without an error and GOAWAYs behind the Closes are in nearly all of these captures."""
    for one, truth in zip(streams(name), TRUTHS[name]["stream"], strict=True):
        from_below = {"h2-goaway", "h2-stream-reset"} & {cause.name for cause in one.causes}
        assert bool(from_below) == (truth.get("cause") in ("DX217", "DX219"))


@every_story
def test_data_is_what_tshark_reads(name: str) -> None:
    """Byte for byte, each stream and side."""
    port = TRUTHS[name].get("port", 18990)
    how = ["-o", f"tls.keylog_file:{keys(name)}"] if keys(name) else []
    how += [] if keys(name) else ["-d", f"tcp.port=={port},http2"]
    shown = subprocess.run(
        [
            *("tshark", "-r", FOLDER / f"{name}.pcap", *how, "-Y"),
            *(f"http2.type == 0 and tcp.port == {port}", "-T", "fields", "-e", "tcp.srcport"),
            *("-e", "http2.streamid", "-e", "http2.type", "-e", "http2.length"),
            *("-e", "http2.data.data"),
        ],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    theirs: dict[tuple[Side, int], bytes] = defaultdict(bytes)
    for line in shown.splitlines():
        source, *lists = line.split("\t")
        numbers, types, lengths, data = (each.split(",") for each in lists)
        side = Side.SERVER if source == str(port) else Side.CLIENT
        # A frame without a byte has no data field.
        framed = zip(numbers, types, lengths, strict=True)
        with_data = [number for number, kind, size in framed if kind == "0" and size != "0"]
        for number, piece in zip(with_data, filter(_is_there, data), strict=True):
            theirs[side, int(number)] += bytes.fromhex(piece)
    mine = data_of(name)
    assert mine or TRUTHS[name]["stream"][0].get("status") == 0
    assert mine == {key: data for key, data in theirs.items() if key in mine}


def data_of(name: str) -> dict[tuple[Side, int], bytes]:
    """What was kept of each stream."""
    log = keys(name)
    session = Session([str(FOLDER / f"{name}.pcap")], rows=True, keylog=str(log) if log else None)
    found: list[Connection] = []
    for _ in session.run(found.append):
        pass
    assert session.store is not None
    kept: dict[tuple[Side, int], bytes] = {}
    for one in found:
        plain = session.store._origin(one.id).plain
        for side, bytes_ in zip(SIDES, plain or (), strict=False):
            data = bytes_.read(0, 1 << 20)
            if data and one.h2_stream is not None:
                kept[side, one.h2_stream] = data
    session.store.close()
    return kept
