"""What was sent before the end, where a side sends once more behind it."""

from __future__ import annotations

import pytest

import wsdebug
from tests.analysis.conversation import Conversation
from tests.analysis.streams import Capture, Talk, accept, request
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


@pytest.mark.parametrize("flags", [0x11, 0x14])
def test_a_server_that_hangs_up_behind_its_proxy_is_no_idle_timeout(flags: int, tmp_path) -> None:
    capture = Capture()
    front = Talk(capture, 4_001, 80, (b"\x0a\0\0\1", b"\x0a\0\0\2"))
    back = Talk(capture, 4_002, 81, (b"\x0a\0\0\2", b"\x0a\0\0\3"))
    for talk in (front, back):
        talk.say("c", request())
    for talk in (back, front):
        talk.say("s", accept())
    capture.packets += [b"\2" * 12 + b"\x08\x06" + bytes(46)] * 60_000  # ARP, a millisecond each
    for talk, who in ((back, "s"), (front, "s"), (front, "c"), (back, "c")):
        talk.send(who, flags if talk is back and who == "s" else 0x11)
    first, second = (one.causes for one in wsdebug.read(capture.write(tmp_path)).connections)
    assert [one.name for one in first] == ["tcp-fin-without-close"]
    assert first[0].title.startswith("The server behind the proxy")
    assert any("connection 2" in one.text for one in first[0].because)
    assert second[0].name in ("tcp-fin-without-close", "tcp-reset")
    assert "proxy-idle-timeout" not in [one.name for one in second]
