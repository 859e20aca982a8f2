"""Violations that the receiver lived with: they are no reason for an end that comes later."""

from __future__ import annotations

import pytest

from tests.analysis.conversation import Conversation
from tests.diagnosis.causes.scripts import fin, opened
from wsdebug.model.report import Certainty, Connection

BAD = b"\xff\xfe"


def claims(connection: Connection) -> dict[str, Certainty]:
    return {one.name: one.certainty for one in connection.causes}


def bad_text(*pauses: float) -> Conversation:
    """A text that is no UTF-8; the server sends a message after each of these pauses."""
    talk = opened()
    talk.tells(talk.client, 1, BAD)
    for pause in pauses:
        talk.waits(pause * 1000).tells(talk.server, 1, b"tick")
    return talk


@pytest.mark.parametrize("code", [1002, 1007])
def test_who_went_on_sending_for_seconds_closes_for_another_reason(code, tmp_path) -> None:
    talk = bad_text(1, 1, 2)
    connection = talk.closes(talk.server, code, b"not json").hangs_up().read(tmp_path)
    assert "protocol-violation" not in claims(connection)


def test_a_late_code_that_answers_it_is_a_guess(tmp_path) -> None:
    talk = bad_text().waits(4_000)
    connection = talk.closes(talk.server, 1007).hangs_up().read(tmp_path)
    assert claims(connection)["protocol-violation"] is Certainty.POSSIBLE


def test_a_code_of_another_kind_does_not_answer_it(tmp_path) -> None:
    talk = bad_text()
    connection = talk.closes(talk.server, 1009, b"quota").hangs_up().read(tmp_path)
    assert "protocol-violation" not in claims(connection)


@pytest.mark.parametrize("code", [1008, 4000])
def test_a_code_that_fails_no_connection_answers_nothing(code, tmp_path) -> None:
    talk = bad_text()
    connection = talk.closes(talk.server, code).hangs_up().read(tmp_path)
    assert "protocol-violation" not in claims(connection)


@pytest.mark.parametrize("code", [None, 1000, 1011])
def test_a_close_that_says_nothing_at_once_is_likely_the_answer(code, tmp_path) -> None:
    talk = bad_text()
    connection = talk.closes(talk.server, code).hangs_up().read(tmp_path)
    assert claims(connection) == {"protocol-violation": Certainty.LIKELY}


@pytest.mark.parametrize("code", [None, 1000])
def test_so_it_is_where_the_offender_answers_it(code, tmp_path) -> None:
    talk = bad_text()
    talk.closes(talk.server, code).closes(talk.client, code)
    assert claims(talk.hangs_up().read(tmp_path)) == {"protocol-violation": Certainty.LIKELY}


@pytest.mark.parametrize("code", [None, 1000, 1011])
def test_who_waits_or_speaks_before_such_a_close_means_something_else(code, tmp_path) -> None:
    for talk in (bad_text().waits(400), bad_text(0.0)):
        ended = talk.closes(talk.server, code).hangs_up().read(tmp_path)
        assert "protocol-violation" not in claims(ended)


def test_a_slow_pong_makes_no_long_way(tmp_path) -> None:
    talk = opened()
    talk.tells(talk.server, 9, b"beat").waits(6_000).tells(talk.client, 10, b"beat")
    talk.tells(talk.client, 1, BAD).waits(8_000)
    assert "protocol-violation" not in claims(fin(talk).read(tmp_path))


def test_what_was_let_pass_before_is_let_pass(tmp_path) -> None:
    talk = opened()
    for _ in range(6):
        talk.waits(500).tells(talk.client, 1, BAD).tells(talk.server, 1, b"ok")
    assert "protocol-violation" not in claims(fin(talk.waits(400)).read(tmp_path))


def test_data_well_after_it_show_that_the_receiver_went_on(tmp_path) -> None:
    assert "protocol-violation" not in claims(fin(bad_text(0.6).waits(100)).read(tmp_path))
    assert claims(fin(bad_text(0.02).waits(100)).read(tmp_path))["protocol-violation"]


def test_what_its_sender_says_later_makes_it_no_younger(tmp_path) -> None:
    talk = opened()
    talk.tells(talk.client, 1, b"ab\xffcd").waits(4_000).tells(talk.client, 1, b"more")
    assert "protocol-violation" not in claims(fin(talk.waits(10)).read(tmp_path))
