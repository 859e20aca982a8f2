"""Conditions of single causes: each conversation lacks one thing that the cause must have."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.analysis.conversation import Conversation
from tests.diagnosis.causes.scripts import aged, fin, opened, pinged, rst


def pinged_by_the_ender() -> Conversation:
    """A silence of a known length, in which the ender waits for its pong."""
    return fin(pinged(60))


def lost_in_the_silence() -> Conversation:
    talk = opened().waits(30_000)
    talk.server.says(talk.wire(talk.server, 1, b"gone"), captured=False)
    talk.client.acks()
    return fin(talk.waits(60_000))


def foreign_after_the_end() -> Conversation:
    """FIN of the server, and then a RST in its name that another host made."""
    talk = opened()
    talk.server.ends()
    talk.client.acks()
    return rst(talk.waits(50), ttl=37)


def answered_too_big() -> Conversation:
    """The server says 1009, the client repeats it: nobody sent the client too much."""
    return opened().closes_both(1009)


def hung_up_by_the_other() -> Conversation:
    """The other side ended TCP, without a Close, before the closer did."""
    talk = opened()
    talk.closes(talk.server, 1001).waits(10_000)
    return fin(talk, "client")


def old_and_silent() -> Conversation:
    """30 s old, of which the last moment has the only frame."""
    talk = Conversation().upgrade().waits(29_800)
    return fin(talk.tells(talk.server, 1, b"tick").waits(100))


WITHOUT: list[tuple[str, Callable[[], Conversation]]] = [
    ("proxy-idle-timeout", pinged_by_the_ender),
    ("proxy-idle-timeout", lost_in_the_silence),
    ("rst-injected", foreign_after_the_end),
    ("close-handshake-timeout", hung_up_by_the_other),
    ("age-limit", old_and_silent),
]


@pytest.mark.parametrize(("name", "script"), WITHOUT, ids=[one[1].__name__ for one in WITHOUT])
def test_without_it_the_cause_is_not_found(name: str, script, tmp_path) -> None:
    assert name not in [one.name for one in script().read(tmp_path).causes]


def test_the_first_close_says_whose_limit_it_was(tmp_path) -> None:
    (claim,) = [
        one for one in answered_too_big().read(tmp_path).causes if one.name == "message-too-big"
    ]
    assert "client sent a message over the server's limit" in claim.title


def test_the_same_age_with_more_frames_is_found(tmp_path) -> None:
    assert "age-limit" in [one.name for one in aged(30, 5).read(tmp_path).causes]
