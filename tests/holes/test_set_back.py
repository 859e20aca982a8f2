"""A capture whose clock was set back, or whose connection goes on from another port: what cannot be
known of it is not said.
"""

from __future__ import annotations

import random
import struct
from pathlib import Path

import pytest

import wsdebug
from tests.holes.disturbing import Packets, load, more_said, timed
from tests.holes.sweep import write
from tests.stored import ALL, STORIES
from wsdebug.diagnosis.fleet.set_back import SetBack, set_backs
from wsdebug.model.place import Packet
from wsdebug.model.report import Analysis, Certainty

SECOND = 10**9
MANY = (
    "killed-and-stormed",
    "killed-server-ten",
    "nginx-idle-three",
    "nginx-reload",
    "reconnect-storm",
    "shutdown-1001-ten",
    "ten-close-together",
    "unmasked-client-kills-server",
)
ONE = ("close-1000-client", "close-unanswered-ws", "fragments-and-pings", "nginx-idle")
STEPS = (-0.2, -1.5, -60, -3600)


def set_back(packets: Packets, at: int, seconds: float) -> Packets:
    """From the packet behind `at` on the clock is another."""
    more = round(seconds * SECOND)
    return [timed(one, (one[1] or 0) + (more if one[0] > at else 0)) for one in packets]


def told(packets: Packets, to: Path) -> Analysis:
    write(packets, to / "x.pcap")
    return wsdebug.read(to / "x.pcap")


@pytest.mark.parametrize("name", [*MANY, *ONE])
def test_nothing_befalls_anybody_because_a_clock_was_set_back(name: str, tmp_path: Path) -> None:
    whole, packets, dice = wsdebug.read(ALL[name]), load(ALL[name]), random.Random(name)
    for step in STEPS:
        for at in dice.sample(range(2, len(packets)), 4):
            lesser = told(set_back(packets, at, step), tmp_path)
            known = {one.code for one in whole.fleet}
            # That they ended together is less than what ended them.
            known |= {"DX505"} if known & {"DX501", "DX502", "DX503"} else set()
            assert {one.code for one in lesser.fleet} <= known, at
            assert more_said(whole, lesser, set()) == [], (step, at)


def test_it_is_said_why_nothing_is_said(tmp_path: Path) -> None:
    """Ten that were told 1001 and closed were ten that came back at once, before."""
    analysis = told(set_back(load(ALL["shutdown-1001-ten"]), 43, -1.5), tmp_path)
    assert analysis.fleet == []
    (note,) = analysis.captures[0].warnings
    assert (note.kind, note.packet is not None) == ("clock-set-back", True)
    assert "set back by" in note.message


def test_a_step_long_before_takes_nothing_away(tmp_path: Path) -> None:
    """Ten connections; ten minutes later ten others, which are told 1001."""
    early = load(ALL["ten-close-together"])
    late, zero = load(ALL["shutdown-1001-ten"]), early[0][1] or 0
    more = zero + 600 * SECOND - (late[0][1] or 0)
    packets = set_back(early, 40, -1.5) + [timed(one, (one[1] or 0) + more) for one in late]
    analysis = told(packets, tmp_path)
    assert [one.code for one in analysis.fleet] == ["DX504"]
    assert analysis.captures[0].warnings == []


def test_times_that_came_twice() -> None:
    """Time in seconds, packet: 5 to 7 s came twice."""
    moments = [(1, 1), (4, 2), (7, 3), (5, 4), (6, 5), (9, 6)]
    steps = set_backs([(time * SECOND, packet) for time, packet in moments])
    assert steps == [SetBack(5 * SECOND, 7 * SECOND, 4)]
    (step,) = steps
    assert step.touches(36 * SECOND, 36 * SECOND)
    assert not step.touches(38 * SECOND, 39 * SECOND)
    assert set_backs([(SECOND, 1), (SECOND - SECOND // 20, 2)]) == []  # two cards
    assert set_backs([]) == []


def test_how_long_it_was_silent_is_not_known(tmp_path: Path) -> None:
    """Set back in the silence that nginx ended."""
    one = told(set_back(load(ALL["nginx-idle"]), 32, -60), tmp_path).connections[0]
    assert "of silence" not in one.end.why
    assert "DX202" not in [cause.code for cause in one.causes]
    assert not any("no long silence" in text for text in one.causes[0].considered)


def test_a_complaint_that_a_clock_put_forward_made_late_is_no_applications(tmp_path: Path) -> None:
    packets = set_back(load(ALL["double-upgrade-second-101-ws6"]), 10, 5)
    first = told(packets, tmp_path).connections[0].causes[0]
    assert (first.code, first.certainty) == ("DX201", Certainty.POSSIBLE)
    assert any("broke a rule" in one.text for one in first.against)


# ---- another port in the middle -----------------------------------------------------------------
def moved(packets: Packets, at: int, port: int) -> Packets:
    """From the packet behind `at` on the client's port is another: as where what stands before the
    tap was replaced, or the table of a NAT lost.
    """
    return [_renamed(one, port) if one[0] > at else one for one in packets]


def _renamed(one: Packet, port: int) -> Packet:
    data, tcp = one[3], 14 + (one[3][14] & 15) * 4
    for place in (tcp, tcp + 2):
        if struct.unpack_from("!H", data, place)[0] == port:
            data = data[:place] + struct.pack("!H", 61234) + data[place + 2 :]
    return (*one[:3], data, *one[4:])


@pytest.mark.parametrize("name", ["double-upgrade-second-101-ws6", "shared-socket-json"])
def test_what_broke_the_protocol_on_the_other_port_is_unknown(name: str, tmp_path: Path) -> None:
    """A 1002 that answers what the first port got is no application's."""
    (first, *_) = wsdebug.read(ALL[name]).connections
    packets = load(ALL[name])
    bad = next(one.packet or 0 for one in first.findings if one.fatal)
    lesser = told(moved(packets, bad, first.client.port), tmp_path)
    (new,) = [one for one in lesser.connections if 61234 in (one.client.port, one.server.port)]
    assert new.end.close_codes.client == 1002
    likely = [one.code for one in new.causes if one.certainty.rank >= Certainty.LIKELY.rank]
    assert likely in (["DX404"], ["DX403"]), likely


def test_the_stories_are_there() -> None:
    assert {*MANY, *ONE} <= set(STORIES)
