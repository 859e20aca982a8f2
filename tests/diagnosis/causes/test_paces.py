"""Advice to ping suits the silence that ended the connection, and names the limit at hand."""

from __future__ import annotations

import pytest

from tests.analysis.conversation import Conversation
from tests.diagnosis.causes.scripts import UWS, fin
from wsdebug.diagnosis.betrayed import Betrayed, suited
from wsdebug.knowledge.advice import advice


def silent(seconds: float, head: bytes = b"") -> Conversation:
    talk = Conversation().upgrade(answer=head)
    talk.tells(talk.client, 1, b"hello").tells(talk.server, 1, b"hello")
    return fin(talk.waits(round(seconds * 1000)))


@pytest.mark.parametrize(("seconds", "pace"), [(60, 25), (30, 15), (6.2, 3), (1.2, 1)])
def test_pings_come_before_the_limit(seconds: float, pace: int) -> None:
    told = advice("ping", ["websockets"], seconds)
    assert told.startswith(f"Send a ping every {pace} s")
    assert f"ping_interval={pace})" in told
    assert advice("ping-sooner", ["websockets"], seconds).endswith(
        f"ping_interval={min(pace, 20)})"
    )


def test_other_numbers_of_a_text_stay() -> None:
    assert advice("reconnect", ["websockets"], 2.0) == advice("reconnect", ["websockets"])


def test_a_server_with_a_limit_of_its_own_is_told_how_to_raise_it(tmp_path) -> None:
    cause = silent(10.4, UWS).read(tmp_path).causes[0]
    assert cause.name == "proxy-idle-timeout"
    assert cause.title.startswith("An idle timeout of the server, or of what stands before it")
    assert cause.advice[0].startswith("Send a ping every 5 s")
    assert cause.advice[1].startswith("Or raise the idle timeout of the server itself")
    assert "uWebSockets: idleTimeout: 960" in cause.advice[1]
    assert any(each.text.endswith("a limit of its own: idleTimeout.") for each in cause.because)


def test_of_another_server_nothing_of_its_own_is_said(tmp_path) -> None:
    cause = silent(60.2).read(tmp_path).causes[0]
    assert cause.title == "An idle timeout between client and server cut the connection"
    assert not any("of its own" in each.text for each in cause.because)


def test_examples_are_those_of_the_side_that_has_to_change() -> None:
    found = Betrayed(client="websockets", server="uWebSockets", proxy="nginx")
    assert suited("ping", found) == ["uWebSockets"]
    assert suited("reconnect", found) == ["websockets"]
    assert suited("raise-timeout", found) == ["uWebSockets", "websockets", "nginx"]


def test_where_that_side_is_unknown_the_other_has_to_do() -> None:
    assert suited("reconnect", Betrayed(server="ws")) == ["ws"]
    legs = (Betrayed(client="browser", proxy="nginx"), Betrayed(server="ws"))
    assert suited("ping", *legs) == ["ws"]
    assert suited("reconnect", *legs) == ["browser"]


def test_one_library_on_both_sides_is_told_for_both() -> None:
    both = Betrayed(client="ws", server="ws")
    assert suited("ping", both) == ["ws"]
    assert suited("reconnect", both) == ["ws"]
