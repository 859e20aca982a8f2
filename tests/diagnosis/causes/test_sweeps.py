"""Numbers alone prove nothing: what must hold for every silence, and for every late violation."""

from __future__ import annotations

import pytest

from tests.diagnosis.causes.scripts import fin, opened, silent
from wsdebug.knowledge.timeouts import ALL, fitting
from wsdebug.model.report import Certainty, Connection

PRODUCTS = sorted({one.product for one in ALL})
GAPS = [seconds for seconds in range(1, 701) if not fitting(seconds)]


def told(connection: Connection) -> str:
    """Everything that the causes claim: titles and evidence, but not the advice."""
    return " ".join(
        text
        for cause in connection.causes
        for text in (cause.title, *(one.text for one in cause.because))
    )


def test_the_sweep_has_something_to_sweep() -> None:
    assert len(GAPS) > 500
    assert {60, 120, 350} & set(GAPS) == set()


@pytest.mark.parametrize("side", ["server", "client"])
def test_a_silence_that_is_nobodys_default_names_nobody(side: str, tmp_path) -> None:
    for seconds in GAPS:
        connection = silent(seconds, side).read(tmp_path)
        assert all(
            cause.certainty is not Certainty.CERTAIN or cause.name == "tcp-fin-without-close"
            for cause in connection.causes
        ), seconds
        assert [name for name in PRODUCTS if name in told(connection)] == [], seconds


@pytest.mark.parametrize("seconds", [60, 100, 120, 300])
def test_a_known_default_on_one_leg_is_likely_at_best(seconds: int, tmp_path) -> None:
    connection = silent(seconds).read(tmp_path)
    first = connection.causes[0]
    assert (first.name, first.certainty) == ("proxy-idle-timeout", Certainty.LIKELY)
    assert any("Only one leg" in one.text for one in first.against)


@pytest.mark.parametrize(("seconds", "side"), [(7, "server"), (36, "server"), (60, "client")])
def test_a_silence_on_one_leg_that_is_no_servers_default_is_possible(seconds, side, tmp_path):
    first, *others = silent(seconds, side).read(tmp_path).causes
    assert (first.name, first.certainty) == ("tcp-fin-without-close", Certainty.CERTAIN)
    (idle,) = [one for one in others if one.name == "proxy-idle-timeout"]
    assert idle.certainty is Certainty.POSSIBLE
    for one in (first, idle):
        assert not any("crash" in text or "no long silence" in text for text in one.considered)
    assert not any("somebody has" in one.text for one in idle.because)


def test_only_where_there_was_no_silence_it_is_said(tmp_path) -> None:
    first = fin(opened()).read(tmp_path).causes[0]
    assert any("no long silence" in text for text in first.considered)


@pytest.mark.parametrize("code", [1000, 1001, 1002, 1007, 1008, 1009, 1011, 1012, 4001])
@pytest.mark.parametrize("opcode", [3, 0, 11])
@pytest.mark.parametrize("pause", [0, 0.2, 3])
def test_a_violation_after_the_peers_close_is_not_blamed(code, opcode, pause, tmp_path) -> None:
    talk = opened()
    talk.closes(talk.server, code).waits(pause * 1000).tells(talk.client, opcode, b"late")
    connection = fin(talk.waits(10)).read(tmp_path)
    assert connection.findings
    names = [cause.name for cause in connection.causes]
    assert "protocol-violation" not in names
    assert "raw-bytes-on-socket" not in names


@pytest.mark.parametrize("pause", [2, 5, 30])
def test_a_violation_that_was_tolerated_is_not_blamed(pause: int, tmp_path) -> None:
    talk = opened()
    talk.tells(talk.client, 3, b"?").waits(pause * 1000)
    for speaker in (talk.server, talk.client):
        talk.tells(speaker, 1, b"and on")
    first = fin(talk.waits(200)).read(tmp_path).causes[0]
    assert first.name == "tcp-fin-without-close"
    assert any("tolerated" in text for text in first.considered)
