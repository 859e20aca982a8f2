"""What was sent before the end, where a side sends once more behind it."""

from __future__ import annotations

import pytest

from tests.analysis.conversation import Conversation
from tests.diagnosis.causes.scripts import forgotten, opened


def streaming(end: str, seconds: int = 9) -> Conversation:
    """The client sends every second, the last time behind the server's end."""
    talk = opened()
    for _ in range(seconds):
        talk.waits(1_000).tells(talk.client, 2, b"sample")
    talk.waits(20)
    if end == "fin":
        talk.server.ends()
    elif end == "rst":
        talk.server.resets()
    else:
        talk.closes(talk.server, 1011, b"gone", heard=False)
    return talk.tells(talk.client, 2, b"one more", heard=False)


@pytest.mark.parametrize("end", ["fin", "rst", "close"])
def test_data_behind_the_end_make_no_silence_before_it(end: str, tmp_path) -> None:
    connection = streaming(end).read(tmp_path)
    assert "silence" not in connection.end.why
    assert not [one for one in connection.timeline if one.kind == "silence"]
    assert "proxy-idle-timeout" not in [one.name for one in connection.causes]


def test_a_silence_is_seen_although_the_peer_speaks_behind_the_end(tmp_path) -> None:
    talk = opened().waits(60_000)
    talk.server.ends()
    connection = talk.tells(talk.client, 2, b"one more", heard=False).read(tmp_path)
    assert "after 60.0 s of silence" in connection.end.why


def test_a_forgotten_flow_to_which_the_sender_sends_once_more(tmp_path) -> None:
    talk = forgotten(350)
    talk.waits(3_000).tells(talk.server, 1, b"and again", heard=False)
    assert talk.read(tmp_path).causes[0].name == "flow-forgotten"
