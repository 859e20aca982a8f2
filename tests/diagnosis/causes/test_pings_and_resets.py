"""Pings that waited for nothing, crossings that were none, and a RST by somebody who knew."""

from __future__ import annotations

import pytest

from tests.analysis.conversation import Conversation
from tests.diagnosis.causes.scripts import crossing, fin, opened, pinged, shut


def names(talk: Conversation, folder) -> list[str]:
    return [one.name for one in talk.read(folder).causes]


@pytest.mark.parametrize("opcode", [1, 2, 10])
def test_whoever_sends_after_a_ping_is_alive(opcode: int, tmp_path) -> None:
    talk = pinged(1)
    talk.tells(talk.client, opcode, b"").waits(3_000)
    assert "keepalive-ping-timeout" not in names(fin(talk), tmp_path)


def test_what_was_under_way_when_the_ping_came_is_no_life(tmp_path) -> None:
    talk = pinged(0.02)
    talk.tells(talk.client, 1, b"crossed").waits(20_000)
    assert names(fin(talk), tmp_path)[0] == "keepalive-ping-timeout"


@pytest.mark.parametrize(("reason", "is_it"), [(b"", True), (b"keepalive ping timeout", True),
                                               (b"database is gone", False)])  # fmt: skip
def test_a_1011_with_the_programs_own_reason_is_no_keepalive(reason, is_it, tmp_path) -> None:
    talk = pinged(5)
    talk.closes(talk.server, 1011, reason).hangs_up()
    assert ("keepalive-ping-timeout" in names(talk, tmp_path)) is is_it


def test_a_ping_needs_time_to_be_answered(tmp_path) -> None:
    assert "keepalive-ping-timeout" not in names(fin(pinged(0.5)), tmp_path)


@pytest.mark.parametrize("is_acked", [False, True])
def test_an_end_that_acknowledges_the_ping_did_not_cross_it(is_acked: bool, tmp_path) -> None:
    talk = pinged(0, answered=True).waits(60_000)
    talk.tells(talk.server, 9, b"late", heard=is_acked).waits(10)
    assert ("keepalive-as-long-as-timeout" in names(fin(talk, "client"), tmp_path)) is not is_acked


def test_a_first_ping_has_no_interval(tmp_path) -> None:
    talk = opened().waits(60_000)
    talk.tells(talk.server, 9, b"first", heard=False).waits(10)
    assert "keepalive-as-long-as-timeout" not in names(fin(talk, "client"), tmp_path)


def test_pings_that_come_often_are_as_long_as_no_timeout(tmp_path) -> None:
    assert "keepalive-as-long-as-timeout" not in names(crossing(1, 0.01), tmp_path)


@pytest.mark.parametrize(("ip_id", "is_acked", "is_it"), [(0, False, True), (0, True, False),
                                                         (777, False, False)])  # fmt: skip
def test_a_flow_is_forgotten_by_whoever_does_not_know_it(ip_id, is_acked, is_it, tmp_path) -> None:
    talk = opened().waits(350_000)
    talk.tells(talk.server, 1, b"still there?", heard=is_acked)
    talk.client.resets(ip_id=ip_id)
    assert ("flow-forgotten" in names(talk, tmp_path)) is is_it


def test_a_window_that_was_shut_long_before_is_no_reason(tmp_path) -> None:
    talk = opened()
    talk.tells(talk.server, 1, b"a lot", heard=False)
    talk.client.acks(window=0)
    talk.waits(12_000)
    talk.client.acks(window=500)
    for _ in range(8):
        talk.waits(5_000).tells(talk.server, 1, b"and on")
    assert "slow-consumer" not in names(fin(talk), tmp_path)
    assert "slow-consumer" in names(shut(12), tmp_path)
