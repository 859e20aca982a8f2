"""A proxy ended both legs after a silence: how sure that may make anybody of an idle timeout.

Real captures of a killed HAProxy, of HAProxy's `timeout tunnel` and of nginx, with the silence made
longer or shorter.
"""

from __future__ import annotations

from pathlib import Path

import pytest

import wsdebug
from tests.holes.disturbing import load, timed
from tests.holes.sweep import write
from tests.stored import ALL
from wsdebug.model.report import Cause, Certainty

SPOKEN = {"haproxy-killed": (30, 35), "haproxy-idle": (30, 32), "nginx-idle": (31, 34)}
"""The last packet with payload to the client and the proxy's FIN behind it, as their truths say."""
NANO = 10**9


def after(name: str, seconds: float, to: Path) -> Cause:
    """What the client's leg is said to have ended of, had the silence been as long as that."""
    packets = load(ALL[name])
    last, end = ((packets[number - 1][1] or 0) for number in SPOKEN[name])
    more = round(seconds * NANO) - (end - last)
    told = [
        timed(one, time + more if (time := one[1] or 0) > last + NANO else time) for one in packets
    ]
    write(told, to / "x.pcap")
    return wsdebug.read(to / "x.pcap").connections[0].causes[0]


def test_a_whole_second_proves_no_limit(tmp_path: Path) -> None:
    """One in ten of a killed proxy's connections ends so."""
    for seconds in (2, 4.01, 7, 20.03, 45.06):
        cause = after("haproxy-killed", seconds, tmp_path)
        assert (cause.code, cause.certainty) == ("DX202", Certainty.LIKELY), seconds
        assert any("by chance" in one.text for one in cause.against), seconds


def test_no_silence_of_a_killed_proxy_is_very_likely_a_limit(tmp_path: Path) -> None:
    """But for the tenth of a second at somebody's default."""
    sure = [
        tenths / 10
        for tenths in range(20, 660)
        if after("haproxy-killed", tenths / 10, tmp_path).certainty is Certainty.VERY_LIKELY
    ]
    assert {round(seconds) for seconds in sure} == {55, 60}  # Heroku, nginx and others
    assert len(sure) <= 10


@pytest.mark.parametrize(("seconds", "sure"), [(60.0, True), (60.1, True), (60.4, False)])
def test_a_default_counts_to_the_tenth_of_a_second(
    seconds: float, sure: bool, tmp_path: Path
) -> None:
    cause = after("nginx-idle", seconds, tmp_path)
    assert cause.code == "DX202"
    assert (cause.certainty is Certainty.VERY_LIKELY) == sure
    assert bool(cause.against) != sure


def test_a_shape_that_no_dying_process_leaves_counts_too(tmp_path: Path) -> None:
    """HAProxy's limit resets the connection to the server, and sends FIN to the client."""
    whole = after("haproxy-idle", 45, tmp_path)
    assert (whole.code, whole.certainty, whole.against) == ("DX202", Certainty.VERY_LIKELY, [])
    assert after("haproxy-idle", 44.5, tmp_path).code != "DX202"


def test_long_timers_strike_later(tmp_path: Path) -> None:
    """Linux lets a process sleep a thousandth longer, at most 0.1 s."""
    assert after("haproxy-idle", 600.1, tmp_path).code == "DX202"
    assert after("haproxy-idle", 3.1, tmp_path).code != "DX202"
