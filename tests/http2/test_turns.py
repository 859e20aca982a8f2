"""What seldom happens on a connection that carries WebSockets: interim responses, a setting that
comes late or is lost, GOAWAY to streams that live on, HTTP/2 by Upgrade.
"""

from __future__ import annotations

from pathlib import Path

import hpack

import wsdebug
from tests.fuzz.http2 import captured
from tests.fuzz.tape import FEED, GAP, Step
from tests.http2.test_reading import CONNECT, PREFACE, Talk, frame, setting
from tests.protocol.streams import frame as ws_frame
from wsdebug.http.http2.header import DATA, END_HEADERS, GOAWAY, HEADERS, SETTINGS
from wsdebug.model.place import Side
from wsdebug.model.report import Connection

CLIENT, SERVER = Side.CLIENT, Side.SERVER
HELLO = ws_frame(1, b"hello", key=b"1234")
UPGRADE = (
    b"GET / HTTP/1.1\r\nHost: a.test\r\nConnection: Upgrade, HTTP2-Settings\r\n"
    b"Upgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n"
)
SWITCH = b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n"


def read(path: Path, parts: list[tuple[Side, bytes] | Step]) -> list[Connection]:
    steps = [
        part if isinstance(part, Step) else Step(FEED, int(part[0] is SERVER), part[1])
        for part in parts
    ]
    path.write_bytes(captured(steps, is_start=True))
    return wsdebug.read(path).connections


def accused(one: Connection) -> list[str]:
    """The CONNECT of these tests lacks a version, which is another matter."""
    return [finding.code for finding in one.findings if finding.code != "HS106"]


def test_interim_responses_answer_nothing(tmp_path: Path) -> None:
    """RFC 9110 15.2."""
    for status in ("100", "103"):
        talk = Talk()
        client, server, ask = talk.opened()[:3]
        interim = talk.head(SERVER, 1, [(":status", status)])
        answer = talk.head(SERVER, 1, [(":status", "200")])
        said = [(SERVER, interim), (SERVER, answer), (CLIENT, frame(DATA, 1, HELLO))]
        (one,) = read(tmp_path / "interim.pcap", [client, server, ask, *said])
        assert (one.handshake.result, one.handshake.status) == ("accepted", 200)
        assert one.frames["client"] == {"total": 1, "text": 1}


def test_connect_may_be_enabled_late(tmp_path: Path) -> None:
    client, _, *rest = Talk().opened()
    late = [(SERVER, frame(SETTINGS, 0)), (SERVER, setting(8, 1))]
    (one,) = read(tmp_path / "late.pcap", [client, *late, *rest])
    assert accused(one) == []
    (one,) = read(tmp_path / "never.pcap", [client, late[0], *rest])
    assert accused(one) == ["HS121"]


def test_a_hole_that_may_hold_the_setting_accuses_nobody(tmp_path: Path) -> None:
    client, enabled, ask, answer = Talk().opened()
    hole = Step(GAP, 1, (len(enabled[1]) - 1).to_bytes(2, "big"))
    first, more = (SERVER, frame(SETTINGS, 0)), (SERVER, frame(SETTINGS, 0) * 3)
    found = read(tmp_path / "hole.pcap", [client, first, hole, more, ask, answer])
    assert [one.handshake.path for one in found] == ["/live"]
    assert accused(found[0]) == []


def test_a_stream_that_was_answered_outlives_goaway(tmp_path: Path) -> None:
    """RFC 9113 6.8: what was processed goes on, whatever number is named."""
    opened = Talk().opened()
    away = frame(GOAWAY, 0, (0).to_bytes(4, "big") + (0).to_bytes(4, "big"))
    said = [(SERVER, away), (CLIENT, frame(DATA, 1, HELLO)), (CLIENT, frame(DATA, 1, HELLO))]
    (one,) = read(tmp_path / "away.pcap", [*opened, *said])
    assert one.frames["client"] == {"total": 2, "text": 2}
    assert one.end.how == "capture-end"


def test_a_stream_that_was_not_answered_is_ended_by_goaway(tmp_path: Path) -> None:
    opened = Talk().opened()[:3]
    away = frame(GOAWAY, 0, (0).to_bytes(4, "big") + (0).to_bytes(4, "big"))
    (one,) = read(tmp_path / "unread.pcap", [*opened, (SERVER, away)])
    assert (one.end.how, one.end.by) == ("rst", "server")


def test_http2_by_upgrade(tmp_path: Path) -> None:
    """RFC 7540 3.2: stream 1 is the request that asked for it; a WebSocket comes on another."""
    encoder = hpack.Encoder()
    ask = frame(HEADERS, 3, encoder.encode(CONNECT), END_HEADERS)
    answer = frame(HEADERS, 3, hpack.Encoder().encode([(":status", "200")]), END_HEADERS)
    parts = [
        (CLIENT, UPGRADE),
        (SERVER, SWITCH + setting(8, 1)),
        (CLIENT, PREFACE + frame(SETTINGS, 0)),
        (CLIENT, ask),
        (SERVER, answer),
        (CLIENT, frame(DATA, 3, HELLO)),
    ]
    (one,) = read(tmp_path / "upgrade.pcap", parts)
    assert (one.carrier, one.h2_stream, one.handshake.path) == ("h2c", 3, "/live")
    assert one.frames["client"] == {"total": 1, "text": 1}
