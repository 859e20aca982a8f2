"""From packets to what befell many: refusals, limits, and what TLS hides."""

from __future__ import annotations

import pytest

import wsdebug
from tests.analysis.streams import HOSTS, Capture, Talk, accept, request
from tests.analysis.test_limits_reached import notes, replaced
from wsdebug.model.report import Analysis

ACK, RST, SYN, FIN = 0x10, 0x14, 0x02, 0x11


class Knock(Talk):
    """A SYN and whatever answers it."""

    def __init__(self, capture: Capture, port: int, *answers: tuple[str, int]) -> None:
        self._capture, self._hosts = capture, HOSTS
        self._ports = {"c": (port, 80), "s": (80, port)}
        self._next = {"c": 1_000, "s": 0}
        self.send("c", SYN)
        for who, flags in answers:
            self.send(who, flags)


def fleet(capture: Capture, folder) -> list[tuple[str, int | None]]:
    return [(one.code, one.attempts) for one in wsdebug.read(capture.write(folder)).fleet]


def killed(number: int, *, hello: bytes = b"") -> Capture:
    capture = Capture()
    talks = [Talk(capture, 4_000 + index) for index in range(number)]
    for talk in talks:
        talk.say("c", hello or request())
        if not hello:
            talk.say("s", accept())
    for talk in talks:
        talk.send("s", FIN)
    for talk in talks:
        talk.send("c", FIN)
    return capture


def test_rst_in_answer_to_a_syn_is_a_refusal(tmp_path):
    capture = Capture()
    for port in (4_001, 4_002):
        Knock(capture, port, ("s", RST))
    assert fleet(capture, tmp_path) == [("DX509", 2)]


@pytest.mark.parametrize(
    "answers",
    [
        pytest.param([], id="no answer"),
        pytest.param([("c", ACK), ("s", RST)], id="the capture lacks the SYN-ACK"),
        pytest.param([("s", 0x12), ("s", RST)], id="accepted and reset"),
        pytest.param([("c", RST)], id="the client thought better of it"),
    ],
)
def test_what_is_no_refusal(tmp_path, answers):
    capture = Capture()
    for port in (4_001, 4_002):
        Knock(capture, port, *answers)
    assert fleet(capture, tmp_path) == []


def test_refused_before_and_served_later_is_no_closed_door(tmp_path):
    capture = Capture()
    Knock(capture, 4_001, ("s", RST))
    talk = capture.connection(4_002)
    talk.say("c", request())
    talk.say("s", accept())
    assert fleet(capture, tmp_path) == []


def test_a_refusal_after_a_death_is_part_of_its_story(tmp_path):
    capture = killed(3)
    Knock(capture, 4_100, ("s", RST))
    analysis = wsdebug.read(capture.write(tmp_path))
    (cause,) = analysis.fleet
    assert (cause.code, cause.certainty.value) == ("DX502", "very likely")
    assert cause.connections == [1, 2, 3]


def test_of_tls_nothing_is_said(tmp_path):
    """A Close may have come before the FIN: nobody can see it."""
    hello = b"\x16\x03\x01\x00\x40\x01" + bytes(59)
    assert fleet(killed(5, hello=hello), tmp_path) == []


@pytest.mark.parametrize(("limit", "code"), [("fleet", []), ("arrivals", ["DX502"])])
def test_beyond_its_limits_it_says_so(tmp_path, limit, code):
    path = killed(4).write(tmp_path)
    analysis: Analysis = wsdebug.read(path, limits=replaced(**{limit: 2}))
    assert "2 times" in notes(analysis)[limit]
    assert "at once" in notes(analysis)[limit]
    assert [one.code for one in analysis.fleet] == code
    assert [one.code for one in wsdebug.read(path).fleet] == ["DX502"]
    assert notes(wsdebug.read(path)) == {}


def test_a_port_scan_is_told_of_in_short(tmp_path):
    capture = Capture()
    for port in range(1, 131):
        knock = Knock.__new__(Knock)
        knock._capture, knock._hosts = capture, HOSTS
        knock._ports, knock._next = {"c": (4_000, port), "s": (port, 4_000)}, {"c": 1, "s": 0}
        knock.send("c", SYN)
        knock.send("s", RST)
    analysis = wsdebug.read(capture.write(tmp_path))
    assert len(analysis.fleet) == 100
    assert notes(analysis)["refusing"].startswith("30 times")
