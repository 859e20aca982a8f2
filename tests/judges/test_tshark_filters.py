"""What a filter with Wireshark's names selects is what `tshark -Y` selects.

Where it is not, `tshark_filter_differences.toml` says why.
"""

from __future__ import annotations

import subprocess
import tomllib
from pathlib import Path

import pytest

from tests.judges.selected import (
    our_packets,
    our_streams,
    tshark_counts,
    tshark_packets,
    tshark_streams,
)
from tests.stored import ALL
from tests.stored import CAPTURES as CAPTURE_FOLDER
from wsdebug.query import parse
from wsdebug.query.field import Level
from wsdebug.query.fields import FIELDS, field_of

DIFFERENCES = tomllib.loads(
    Path(__file__).with_name("tshark_filter_differences.toml").read_text(encoding="utf-8")
)["difference"]
ON_FRAMES = (
    "websocket.opcode == 8",
    "websocket.opcode >= 9",
    "websocket.opcode in {1..2}",
    "websocket.fin == 0",
    "websocket.rsv != 0",
    "websocket.pmc == 1",
    "websocket.mask == 1",
    "websocket.mask == 0 and websocket.opcode == 1",
    "websocket.payload_length == 5",
    "websocket.payload_length < 100",
    "websocket.masking_key",
    "websocket.payload.text",
    'websocket.payload.text contains "a"',
    'websocket.payload.text matches "[0-9]"',
    "websocket.payload.close.status_code",
    "websocket.payload.close.status_code == 1000",
    "websocket.payload.close.status_code != 1000",
    "websocket.payload.close.reason",
    "websocket.payload.ping",
    "websocket.payload.pong",
    "websocket.opcode > 1 && websocket.fin == 1",
    "frame.number > 10 and websocket.opcode == 1",
)
"""Each is asked in one pass over each of the captures."""
CAPTURES = (
    "violations-to-ws", "violations-to-websockets-client", "deflate-shapes", "fragments-and-pings",
    "split-character", "socket-io", "uws-idle", "close-1000-client", "close-1009", "close-empty",
    "nginx-idle", "express-408", "keepalive-pong-withheld", "tiny-frames", "one-megabyte",
)  # fmt: skip

ON_CONNECTIONS = (
    ("nginx-idle", "tcp.stream == 1"),
    ("nginx-idle", 'http.host == "127.0.0.1:18081"'),
    ("rejected-403", "http.response.code == 403"),
    ("rejected-403", "http.response.code != 403"),
    ("nginx-idle", 'http.request.uri contains "live"'),
    ("nginx-idle", 'http.request.uri matches "^/LIVE$"'),
)

ON_STREAMS = ("http2.streamid == 1", "http2.streamid == 3", "http2.streamid == 99")


def expected(name: str, text: str, whose: str) -> set[int]:
    """Packets that only one of them selects, as written down."""
    listed = (one for one in DIFFERENCES if (one["capture"], one["filter"]) == (name, text))
    return {packet for one in listed for packet in one[whose]}


@pytest.mark.parametrize("name", CAPTURES)
def test_as_many_packets_on_clean_captures(name, monkeypatch) -> None:
    theirs = tshark_counts(ALL[name], ON_FRAMES)
    ours = {text: our_packets(monkeypatch, ALL[name], text) for text in ON_FRAMES}
    for text in ON_FRAMES:
        only_ours = expected(name, text, "wsdebug")
        assert only_ours <= ours[text], text
        number = theirs[text] - len(expected(name, text, "tshark"))
        assert len(ours[text] - only_ours) == number, text


@pytest.mark.parametrize(
    ("name", "text"),
    [
        *(("violations-to-ws", text) for text in ON_FRAMES[:10]),
        *(("deflate-shapes", text) for text in ON_FRAMES[11:14]),
        *(("close-1000-client", text) for text in ON_FRAMES[14:18]),
        ("keepalive-pong-withheld", "websocket.payload.ping"),
        ("fragments-and-pings", "websocket.payload.pong"),
    ],
)
def test_the_same_packets(name, text, monkeypatch) -> None:
    ours, theirs = our_packets(monkeypatch, ALL[name], text), tshark_packets(ALL[name], text)
    assert ours - theirs == expected(name, text, "wsdebug")
    assert theirs - ours == expected(name, text, "tshark")


@pytest.mark.parametrize(("name", "text"), ON_CONNECTIONS)
def test_the_same_connections(name, text) -> None:
    assert our_streams(ALL[name], text) == tshark_streams(ALL[name], text)


@pytest.mark.parametrize("text", ON_STREAMS)
def test_the_same_streams_of_http2(text) -> None:
    path = CAPTURE_FOLDER / "http2" / "h2c-two-streams.pcap"
    command = ["tshark", "-r", str(path), "-d", "tcp.port==18990,http2", "-Y", text]
    shown = subprocess.run(
        [*command, "-T", "fields", "-e", "tcp.stream"], check=True, capture_output=True, text=True
    )
    assert our_streams(path, text) == {int(line) for line in shown.stdout.split()}


def test_every_wireshark_name_is_compared() -> None:
    asked = " ".join([*ON_FRAMES, *ON_STREAMS, *(text for _, text in ON_CONNECTIONS)])
    missing = [
        field.wireshark for field in FIELDS if field.wireshark and field.wireshark not in asked
    ]
    assert missing == []
    assert all(field_of(name) for text in ON_FRAMES for name in parse(text).fields)
    assert all(len(one["reason"]) > 20 and one["capture"] in CAPTURES for one in DIFFERENCES)
    assert all(field.level is not Level.EITHER for field in FIELDS if field.wireshark)
