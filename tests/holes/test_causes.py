"""Whatever a capture lacks: nobody is accused more than the whole capture accuses him.

A sample of each sweep in every run; with WSDEBUG_LAB=all every segment of every story.
"""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

import pytest

from tests.holes.sweep import Read, Whole, read
from tests.stored import ALL, CAPTURES, STORIES
from wsdebug.analysis import Session
from wsdebug.model.handshake import Agreed
from wsdebug.model.report import Cause, Certainty, Connection

EVERYTHING = os.environ.get("WSDEBUG_LAB") == "all"
EIGHT = (
    "violations-to-ws",
    "violations-to-websockets-client",
    "endings-to-websockets",
    "ten-close-together",
    "length-in-characters",
    "express-408-after-60s",
    "unmasked-client-kills-server",
    "killed-server-ten",
)
MOST = 10_000 if EVERYTHING else 25
UNKNOWABLE = ("DX402", "DX403", "DX404", "DX405")
"""Still open, bytes missing, beginning missing, keys missing."""
GUESS = Certainty.LIKELY.rank


@cache
def whole_of(name: str) -> Whole:
    return Whole(ALL[name])


def without(name: str, gone: set[int], to: Path) -> Read:
    whole = whole_of(name)
    return whole.kept([packet for packet in whole.packets if packet[0] not in gone], to)


Ports = frozenset[tuple[str, int]]


def by_ports(read: Read) -> dict[Ports, Connection]:
    """Streams are counted anew in a lesser capture, and client and server may be exchanged."""
    return {
        frozenset((end.address, end.port) for end in (one.client, one.server)): one
        for one in read.connections
    }


def accused(lesser: Read, name: str, to: Path) -> list[tuple[int, str, str]]:
    """What is said as more than likely, and not so by the whole capture."""
    before = by_ports(whole_of(name).read)
    found = []
    for ports, connection in by_ports(lesser).items():
        known = before.get(ports)
        new = surer(connection, known)
        if new and known is not None:
            new = surer(connection, alone(name, known.tcp_stream, ports, to)) and new
        found += [(connection.tcp_stream, one.code, one.certainty.value) for one in new]
    return found


def surer(connection: Connection, known: Connection | None) -> list[Cause]:
    ranks = {one.code: one.certainty.rank for one in known.causes} if known is not None else {}
    return [
        one
        for one in connection.causes
        if one.code not in UNKNOWABLE and one.certainty.rank > max(GUESS, ranks.get(one.code, 0))
    ]


@cache
def alone(name: str, stream: int, ports: Ports, to: Path) -> Connection | None:
    """The whole connection without any other: where the request of one leg is missing, nobody can
    tell that the other is a leg, and its cause is that of a capture with one leg.
    """
    others = {number for number, (each, _) in whole_of(name).carriers.items() if each != stream}
    return by_ports(without(name, others, to.with_name("alone.pcap"))).get(ports)


def sentences(connection: Connection) -> str:
    causes: list[Cause] = connection.causes
    because = [one.text for cause in causes for one in (*cause.because, *cause.against)]
    return " ".join([connection.end.why, *(cause.title for cause in causes), *because])


@pytest.mark.parametrize("name", list(STORIES) if EVERYTHING else EIGHT)
def test_no_cause_grows_surer_without_a_segment(name: str, tmp_path: Path) -> None:
    carriers = sorted(whole_of(name).carriers)[::-1]
    wrong = {}
    for gone in carriers[:: max(1, len(carriers) // MOST)]:
        to = tmp_path / "x.pcap"
        said = accused(without(name, {gone}, to), name, to)
        if said:
            wrong[gone] = said
    assert wrong == {}


LACKING = {
    "no byte of the client": ("violations-to-ws", {320, 323, 327, 329}),
    "no byte of the server": ("endings-to-websockets", {104, 107, 108, 111, 113, 115}),
    "the first Close": ("ten-close-together", {107}),
    "what the text goes on with": ("length-in-characters", {36}),
}


@pytest.mark.parametrize(("name", "gone"), LACKING.values(), ids=list(LACKING))
def test_nobody_is_accused_of_what_is_missing(name: str, gone: set[int], tmp_path: Path) -> None:
    lesser = without(name, gone, tmp_path / "x.pcap")
    assert accused(lesser, name, tmp_path / "x.pcap") == []
    text = sentences(touched(name, gone, lesser))
    for false in (
        "Every byte",
        "never answered",
        "did not answer",
        "before one came back",
        "without a Close of its own",
        "0 gaps",
    ):
        assert false not in text, text


def touched(name: str, gone: set[int], lesser: Read) -> Connection:
    """The one connection that lost packets."""
    whole = whole_of(name)
    (stream,) = {whole.carriers[number][0] for number in gone if number in whole.carriers}
    ports = next(k for k, one in by_ports(whole.read).items() if one.tcp_stream == stream)
    return by_ports(lesser)[ports]


@pytest.mark.parametrize("case", ["no byte of the client", "no byte of the server"])
def test_a_silent_side_makes_the_capture_incomplete(case: str, tmp_path: Path) -> None:
    name, gone = LACKING[case]
    connection = touched(name, gone, without(name, gone, tmp_path / "x.pcap"))
    assert connection.causes[0].code == "DX403"
    said = connection.causes[0].because[0].text
    assert "sent more than the capture has" in said or "a Close may stand in them" in said


def test_who_closed_first_is_not_told_where_a_close_may_be_missing(tmp_path: Path) -> None:
    name, gone = LACKING["the first Close"]
    connection = touched(name, gone, without(name, gone, tmp_path / "x.pcap"))
    assert [cause.code for cause in connection.causes] == ["DX403", "DX201"]
    guess = connection.causes[1]
    assert guess.certainty is Certainty.POSSIBLE
    assert guess.title == "An application closed the connection with 1000"
    assert "may have come before" in guess.against[0].text


def test_a_port_declared_wrongly_is_no_loss() -> None:
    to = CAPTURES / "open" / "begun-in-the-middle.pcap"
    (one,) = read(to).connections
    for port, is_right in ((one.server.port, True), (one.client.port, False)):
        found: list[Connection] = []
        for _ in Session([str(to)], decode_as={port: Agreed(known=False)}).run(found.append):
            pass
        (connection,) = found
        first, text = connection.causes[0], sentences(connection)
        assert ("The declared port may be the client's" in text) is not is_right
        if not is_right:
            assert first.code == "DX403"
            assert first.title.endswith("bytes could not be read as frames")
            assert "without loss" not in "".join(first.advice)
            assert "gap" not in text
            assert "missing" not in text


def test_a_late_answer_is_no_refusal_where_the_101_may_be_missing(tmp_path: Path) -> None:
    """The SYNs and the 101 are gone: the 404 behind it looks like the answer to the upgrade."""
    to = tmp_path / "x.pcap"
    lesser = without("express-dispatched", {1, 2, 6, 13}, to)
    assert accused(lesser, "express-dispatched", to) == []
    (connection,) = lesser.connections
    assert connection.causes[0].code == "DX403"
    assert "refused the upgrade" not in connection.end.why
