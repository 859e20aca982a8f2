"""Single mix-ups of real captures that once led to a wrong word."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

import wsdebug
from tests.holes import disturbing
from tests.holes.disturbing import load, more_said, read
from tests.holes.sweep import write
from tests.stored import ALL, CAPTURES
from wsdebug.model.place import Packet
from wsdebug.model.report import Analysis, Certainty, Severity

HTTP2 = CAPTURES / "http2"


def moved(packets: list[Packet], number: int, behind: int) -> list[Packet]:
    """A packet captured later, or earlier, than it was sent."""
    order = [one for one in packets if one[0] != number]
    at = next(index for index, one in enumerate(order) if one[0] == behind) + 1
    return [*order[:at], packets[number - 1], *order[at:]]


def told(packets: list[Packet], to: Path, keys: Path | None = None) -> Analysis:
    write(packets, to / "x.pcap")
    return read(to / "x.pcap", keys)


def test_an_answer_that_may_be_missing_is_no_warning(tmp_path: Path) -> None:
    packets = [one for one in load(ALL["close-1000-client"]) if one[0] != 12]
    (connection,) = told(packets, tmp_path).connections
    assert connection.end.how == "close-one-side"
    assert "may stand before or behind it in missing bytes" in connection.end.why
    assert connection.end.severity is Severity.NOTE
    assert connection.severity is Severity.NOTE


def test_what_the_kernel_still_sends_is_no_refusal_to_answer(tmp_path: Path) -> None:
    """A Close arrives while 20 KB wait for a window; the capture stops among them."""
    packets = load(ALL["zero-window-resumes"])
    for stop in range(21, 44):
        (connection,) = told(packets[:stop], tmp_path).connections
        assert not [one for one in connection.findings if one.severity is not Severity.NOTE], stop


def test_one_direction_shows_no_storm(tmp_path: Path) -> None:
    """Each of 23 clients broke the protocol; without their bytes nobody knows."""
    whole = load(ALL["violations-to-ws"])
    ports = {one.server.port for one in wsdebug.read(ALL["violations-to-ws"]).connections}
    packets = [one for one in whole if int.from_bytes(one[3][34:36], "big") in ports]
    assert len(packets) * 3 > len(whole)
    assert told(packets, tmp_path).fleet == []


def test_a_port_whose_syn_ack_was_captured_before_the_syn_is_open(tmp_path: Path) -> None:
    """::1 refuses, 127.0.0.1 accepts: nothing is said of `localhost`."""
    packets = load(HTTP2 / "h2-chromium.pcap")
    for syn in (3, 10):
        packets = moved(packets, syn, syn + 1)
        for number, one in enumerate(packets, 1):  # as the file would be read
            packets[number - 1] = (number, *one[1:])
    assert told(packets, tmp_path, HTTP2 / "h2-chromium.keys").fleet == []


def test_an_http2_answer_captured_before_its_request(tmp_path: Path) -> None:
    whole = wsdebug.read(HTTP2 / "h2c-two-streams.pcap")
    request = whole.connections[0].handshake.packets.request
    response = whole.connections[0].handshake.packets.response
    lesser = told(moved(load(HTTP2 / "h2c-two-streams.pcap"), request, response), tmp_path)
    assert more_said(whole, lesser, set()) == []
    for one, other in zip(lesser.connections, whole.connections, strict=True):
        assert (one.end.how, one.handshake.status) == (other.end.how, 200)
        assert one.frames == other.frames


def test_an_http2_answer_that_is_missing_is_not_said_to_be_none(tmp_path: Path) -> None:
    """The server's SETTINGS are lost, and with them what its later headers refer to."""
    packets = load(HTTP2 / "h2c-refused.pcap")
    whole = wsdebug.read(HTTP2 / "h2c-refused.pcap")
    response = whole.connections[0].handshake.packets.response
    for gone in range(4, response + 1):
        for one in told([p for p in packets if p[0] != gone], tmp_path).connections:
            assert one.causes[0].code not in ("DX304", "DX305"), gone
            assert one.end.severity is not Severity.ERROR or one.handshake.status == 403, gone
    lesser = told([p for p in packets if p[0] != response], tmp_path)
    first = lesser.connections[0]
    assert first.handshake.result == "not-captured"
    assert first.frames["client"]["text"] == whole.connections[0].frames["client"]["text"]


def test_the_fin_is_earlier_that_the_others_close_acknowledges(tmp_path: Path) -> None:
    """The broker hangs up without a Close, and the client's Close answers that."""
    whole = wsdebug.read(ALL["application-mqtt"])
    packets = load(ALL["application-mqtt"])
    (end,) = [one.end for one in whole.connections]
    assert (end.how, end.by) == ("fin", "server")
    assert end.packet is not None
    close = next(
        moment.packet for moment in whole.connections[0].timeline if "Close" in (moment.text or "")
        and moment.packet is not None and moment.packet > end.packet
    )  # fmt: skip
    (connection,) = told(moved(packets, end.packet, close), tmp_path).connections
    assert (connection.end.how, connection.end.by) == ("fin", "server")
    assert connection.causes[0].code == whole.connections[0].causes[0].code


@pytest.mark.parametrize("disturb", [disturbing.shuffled, disturbing.out_of_order])
@pytest.mark.parametrize("name", ["haproxy-idle", "nginx-idle", "nginx-idle-three"])
def test_the_leg_in_front_stays_in_front(name: str, disturb, tmp_path: Path) -> None:
    """Packets of both legs change places: nobody behind the proxy is said to have hung up."""
    whole, packets = wsdebug.read(ALL[name]), load(ALL[name])
    for seed in range(12):
        lesser = told(disturb(packets, random.Random(seed)), tmp_path)
        assert more_said(whole, lesser, set()) == [], seed
        assert {one.end.by for one in lesser.connections} == {"middlebox"}, seed
        assert [one.connections for one in lesser.fleet] == [one.connections for one in whole.fleet]
        # A FIN may seem to stand in front of data: then the cause is not known.
        codes = {one.causes[0].code for one in lesser.connections}
        assert codes <= {"DX202", "DX403"}, seed


def test_of_what_a_proxy_did_on_one_leg_alone_the_reason_is_elsewhere(tmp_path: Path) -> None:
    """The capture stops behind the FIN on one leg."""
    name = "nginx-idle"
    whole = wsdebug.read(ALL[name])
    first = min(one.end.packet or 0 for one in whole.connections)
    lesser = told(load(ALL[name])[:first], tmp_path)
    (ended,) = [one for one in lesser.connections if one.end.how == "fin"]
    cause = ended.causes[0]
    assert (cause.code, cause.certainty) == ("DX209", Certainty.LIKELY)
    assert (
        cause.title == "The proxy between client and server closed TCP (FIN) without a Close frame"
    )
    assert any("is a proxy" in one.text for one in cause.against)
