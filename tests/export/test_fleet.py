"""What befell several connections at once is told by the exported packets as by the capture."""

from __future__ import annotations

import pytest

from tests.analysis.streams import Talk, accept, request
from tests.analysis.test_fleet_path import RST, Knock, killed
from tests.analysis.test_limits_reached import replaced
from tests.capture import making
from tests.export import test_packets
from tests.export.test_packets import EVERY, exported
from tests.stored import STORIES
from tests.transport.playbook import Play
from wsdebug.analysis import Session
from wsdebug.cli import main
from wsdebug.display.quantities import grouped

FLEETS = sorted(name for name, truth in STORIES.items() if truth.get("fleet"))


@pytest.fixture
def session_of(monkeypatch):
    """Reads a capture, as does `exported`; what was read is closed behind the test."""
    read, sessions = test_packets.session_of, []

    def reading(path):
        sessions.append(read(path))
        return sessions[-1]

    monkeypatch.setattr(test_packets, "session_of", reading)
    yield reading
    for each in sessions:
        each.store.close()


def fleet(session):
    return [
        (cause.code, cause.server, cause.certainty, cause.title, cause.connections, cause.attempts)
        for cause in session.analysis.fleet
    ]


def all_ids(session):
    return [known.id for known in session.store.connections]


def test_there_are_stories_of_each_kind():
    codes = {one["code"] for name in FLEETS for one in STORIES[name]["fleet"]}
    assert {"DX502", "DX503", "DX506", "DX509"} <= codes


@pytest.mark.parametrize("name", FLEETS)
def test_the_fleet_is_judged_as_before(session_of, name, tmp_path):
    before = session_of(EVERY[name])
    if not all_ids(before):  # nothing is exported where there is no WebSocket
        assert name == "connection-refused"
        return
    after = exported(before, all_ids(before), tmp_path / "all.pcapng")
    assert fleet(after) == fleet(before)


# ---- what goes along ------------------------------------------------------------------------
def test_a_choice_of_some_takes_what_their_server_did_along(session_of, tmp_path):
    before = session_of(EVERY["killed-and-stormed"])
    after = exported(before, [1, 2, 3, 4, 5], tmp_path / "some.pcapng")
    told = [(cause.code, cause.certainty) for cause in after.analysis.fleet]
    assert ("DX502", "very likely") in told


def test_one_connection_of_many_is_exported_alone(session_of, tmp_path):
    before = session_of(EVERY["killed-and-stormed"])
    after = exported(before, [1], tmp_path / "one.pcapng")
    assert after.analysis.captures[0].tcp_connections == 1


def _stories():
    """Killed and refused; killed, and HTTP that is no WebSocket was accepted."""
    capture = killed(6)
    Knock(capture, 5_000, ("s", RST))
    yield "refused", capture, ["DX502"], (6, 1)
    capture = killed(6)
    talk = Talk(capture, 5_000)
    talk.say("c", b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    talk.say("s", b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    yield "accepted", capture, ["DX503"], (6, 1)


@pytest.mark.parametrize(("capture", "codes", "counts"), [
    pytest.param(*rest, id=name) for name, *rest in _stories()
])  # fmt: skip
def test_what_a_server_did_afterwards_goes_along(session_of, capture, codes, counts, tmp_path):
    before = session_of(capture.write(tmp_path))
    assert [cause.code for cause in before.analysis.fleet] == codes
    after = exported(before, all_ids(before), tmp_path / "all.pcapng")
    assert fleet(after) == fleet(before)
    number, attempts = counts
    assert after.analysis.summary.connections == number
    assert after.analysis.captures[0].tcp_connections == number + attempts


def test_of_a_connection_that_is_no_websocket_only_its_opening_goes_along(session_of, tmp_path):
    capture = killed(6)
    Talk(capture, 5_000).say("c", b"GET /secret HTTP/1.1\r\nHost: a\r\n\r\n")
    before = session_of(capture.write(tmp_path))
    exported(before, all_ids(before), tmp_path / "all.pcapng")
    assert b"/secret" not in (tmp_path / "all.pcapng").read_bytes()


def test_a_port_open_at_another_address_is_not_said_to_be_closed(session_of, tmp_path):
    # A database listens on 127.0.0.1 and a client asks for localhost: at ::1 nobody answers.
    plays = [Play(ipv6=True), Play(port=40_001), Play(port=40_002)]
    for play, port in zip(plays, (5_432, 5_432, 80), strict=True):
        play.server.port = port
    plays[0].client.sends("S", ack=None)
    plays[0].server.heard = plays[0].client.seq
    plays[0].server.resets()
    plays[1].handshake().client.says(b"\0\0\0\x08\x04\xd2\x16\x2f")
    plays[2].handshake().client.says(request())
    plays[2].server.says(accept())
    packets = [(packet[1], packet[3], packet[4]) for play in plays for packet in play.packets]
    path = tmp_path / "before.pcap"
    path.write_bytes(making.pcap(packets, magic=0xA1B23C4D))
    before = session_of(path)
    after = exported(before, all_ids(before), tmp_path / "all.pcapng")
    assert after.analysis.captures[0].tcp_connections == 3
    assert fleet(after) == fleet(before) == []


def test_attempts_beyond_the_limit_are_not_kept(tmp_path):
    capture = killed(6)
    for port in range(5_000, 5_010):
        Knock(capture, port, ("s", RST))
    path = capture.write(tmp_path)
    session = Session([str(path)], rows=True, limits=replaced(arrivals=8))
    for _ in session.run(lambda _: None):
        pass
    assert len(list(session.store.attempts)) == 8
    session.store.close()


def test_the_counts_are_those_of_the_file(session_of, tmp_path, capsys):
    out = tmp_path / "all.pcapng"
    assert main(["export", str(EVERY["killed-and-stormed"]), "-o", str(out)]) == 0
    said = capsys.readouterr().err
    packets = grouped(session_of(out).analysis.captures[0].packets)
    assert f"wrote {packets} packets of 10 connections and 230 other attempts to connect." in said
