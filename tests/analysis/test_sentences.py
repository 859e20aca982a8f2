"""The sentence that says why, and the timeline, where conversations tempt them to say too much."""

import pytest

from tests.analysis.conversation import REQUEST, RESPONSE, Conversation


def answered(data, ender):
    """An upgrade request, these bytes back, and TCP ended by `ender`."""
    talk = Conversation().handshake()
    talk.client.says(REQUEST + b"\r\n")
    talk.server.acks()
    if data:
        talk.server.says(data)
        talk.client.acks()
    one = getattr(talk, ender)
    one.ends()
    one.peer.acks().ends()
    return talk


def told(connection, kind, side):
    """The moments of that kind and side."""
    return [one.text for one in connection.timeline if (one.kind, one.side.value) == (kind, side)]


@pytest.mark.parametrize(
    ("data", "says", "shows"),
    [
        (b"", "no response came", []),
        (
            b"SSH-2.0-OpenSSH\r\n",
            'is no HTTP response: "SSH-2.0-OpenSSH"',
            ['no HTTP response: "SSH-2.0-OpenSSH"'],
        ),
        (
            bytes.fromhex("15030100020246"),
            r'is no HTTP response: "\x15\x03\x01\x00\x02\x02F"',
            [r'no HTTP response: "\x15\x03\x01\x00\x02\x02F"'],
        ),
        (
            RESPONSE[:40],
            'was cut off after "HTTP/1.1 101 Switching Protocols"',
            ["101, cut off"],
        ),
    ],
    ids=["nothing", "SSH", "TLS alert", "half a head"],
)
def test_what_came_in_place_of_a_response(tmp_path, data, says, shows):
    connection = answered(data, "server").read(tmp_path)
    assert connection.handshake.result == "no-response"
    assert says in connection.end.why
    assert told(connection, "response", "server") == shows


def test_a_close_may_stand_in_what_the_capture_lacks(tmp_path):
    talk = Conversation().upgrade()
    talk.server.says(talk.wire(talk.server, 8, b"\x03\xe8"), captured=False)
    talk.client.acks()
    connection = talk.hangs_up().goes_on(1).read(tmp_path)
    assert "no Close frame" not in connection.end.why
    assert "the capture cannot tell: bytes before it cannot be read" in connection.end.why
    assert told(connection, "fin", "server") == ["TCP FIN"]
    assert connection.end.seen_by_application.client is None


def test_an_answer_may_stand_in_what_the_capture_lacks(tmp_path):
    talk = Conversation().upgrade()
    talk.closes(talk.client)
    talk.server.says(talk.wire(talk.server, 8, b"\x03\xe8"), captured=False)
    talk.client.acks()
    connection = talk.hangs_up().goes_on(1).read(tmp_path)
    assert "without a Close of its own" not in connection.end.why
    assert "a Close of the server may stand" in connection.end.why


@pytest.mark.parametrize(("code", "seen"), [(1009, 1006), (1000, None)])
def test_who_failed_reads_no_close_in_what_cannot_be_read(tmp_path, code, seen):
    talk = Conversation().upgrade()
    talk.client.says(talk.wire(talk.client, 2, b"x" * 50, form=64, length=1 << 63))
    talk.server.acks()
    connection = talk.closes(talk.server, code).hangs_up().read(tmp_path)
    assert connection.end.seen_by_application.server == seen
    assert "the capture lacks" not in connection.end.why


@pytest.mark.parametrize(
    ("first", "says"),
    [
        ("server", "and closed TCP before one came back from the client"),
        ("client", "; the client closed TCP without a Close of its own"),
    ],
)
def test_who_left_a_close_unanswered(tmp_path, first, says):
    talk = Conversation().upgrade()
    talk.closes(talk.server, 1002)
    one = getattr(talk, first)
    one.ends()
    one.peer.acks().ends()
    connection = talk.read(tmp_path)
    assert says in connection.end.why
    assert told(connection, "fin", "server") == ["TCP FIN"]
    assert told(connection, "fin", "client") == ["TCP FIN, no Close of its own before it"]


@pytest.mark.parametrize(("pause", "said"), [(200, []), (5000, [5.0])])
def test_a_long_message_just_before_the_close_is_no_silence(tmp_path, pause, said):
    talk = Conversation().upgrade()
    frame = talk.wire(talk.client, 2, bytes(1000))
    talk.client.says(frame[:500])
    talk.server.acks()
    talk.waits(30_000)
    talk.client.says(frame[500:])
    talk.server.acks()
    talk.waits(pause).closes(talk.client).closes(talk.server)
    connection = talk.hangs_up().read(tmp_path)
    silences = [round(one.seconds, 1) for one in connection.timeline if one.kind == "silence"]
    assert silences == said
