"""What stacks do that no standard foresees, met when many of them were driven; the captures of the
others are stories (granian, gevent, flask-sock, caddy).
"""

from __future__ import annotations

import struct

import pytest

from tests.analysis.conversation import Conversation
from tests.diagnosis.causes.scripts import fin, opened, refused, writes
from wsdebug.model.report import Certainty, Connection

PAGE = b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 4\r\n\r\nnope" + b"\r\n" * 30
PADDED = b"\x81\x7e\x00\x05hello"
HUGE = b"\x81\x7f" + struct.pack("!Q", 1 << 40) + b"begun"


def first(connection: Connection) -> tuple[str, Certainty]:
    return connection.causes[0].name, connection.causes[0].certainty


def client_closes(talk: Conversation, code: int | None) -> Conversation:
    return talk.closes(talk.client, code).hangs_up()


def test_letters_echoed_as_a_code_answer_an_http_response(tmp_path) -> None:
    """Mojolicious reads "TP" of HTTP as a Close code and sends it back."""
    talk = client_closes(writes(opened(), PAGE), 0x5450)
    found = talk.read(tmp_path).causes
    assert "closed-by-application" not in [one.name for one in found]
    assert found[0].name == "http-response-on-upgraded-socket"


@pytest.mark.parametrize("code", [1002, 1011])
def test_a_length_that_is_not_minimal_is_what_1002_complains_of(code, tmp_path) -> None:
    """Boost.Beast and Qt send 1002 (libsoup too), WebSocket++ 1011."""
    name, _ = first(client_closes(writes(opened(), PADDED), code).read(tmp_path))
    assert name == "protocol-violation"


def test_it_is_let_pass_by_who_goes_on(tmp_path) -> None:
    talk = writes(opened(), PADDED).waits(500)
    names = [one.name for one in client_closes(talk, 1011).read(tmp_path).causes]
    assert "protocol-violation" not in names


def test_1002_in_the_middle_of_a_huge_frame_is_of_its_size(tmp_path) -> None:
    """npm websocket takes no length of more than 32 bits."""
    name, certainty = first(client_closes(writes(opened(), HUGE), 1002).read(tmp_path))
    assert (name, certainty) == ("message-too-big", Certainty.LIKELY)


@pytest.mark.parametrize(("payload", "more"), [(b"p" * 126, {}), (b"p", {"fin": False})])
def test_a_faulty_ping_waits_for_no_pong(payload, more, tmp_path) -> None:
    talk = opened()
    talk.tells(talk.server, 9, payload, **more).waits(20_000)
    names = [one.name for one in fin(talk).read(tmp_path).causes]
    assert "keepalive-ping-timeout" not in names


def test_a_refused_101_whose_client_leaves_later_is_a_guess(tmp_path) -> None:
    """undici and nhooyr/websocket refuse it and leave TCP open for a while."""
    talk = refused(b"Sec-WebSocket-Protocol: b\r\n", b"Sec-WebSocket-Protocol: a\r\n", seconds=6)
    found = {one.name: one.certainty for one in talk.read(tmp_path).causes}
    assert found["subprotocol-mismatch"] is Certainty.POSSIBLE


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (1000, b"ping timed out"),
        (1001, b"No response from ping frame."),
        (1008, b"Ping/Pong timeout"),
    ],
)
def test_a_reason_that_speaks_of_pings_is_a_keepalive(code, reason, tmp_path) -> None:
    """tornado, Deno and simple-websocket."""
    talk = opened()
    talk.tells(talk.server, 9, b"").waits(2_000)
    talk.closes(talk.server, code, reason).hangs_up()
    assert first(talk.read(tmp_path)) == ("keepalive-ping-timeout", Certainty.VERY_LIKELY)


def test_a_word_that_only_holds_ping_does_not(tmp_path) -> None:
    talk = opened()
    talk.tells(talk.server, 9, b"").waits(2_000)
    talk.closes(talk.server, 1001, b"stopping, the cart is emptied").hangs_up()
    assert first(talk.read(tmp_path))[0] != "keepalive-ping-timeout"
