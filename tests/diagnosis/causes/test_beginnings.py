"""Connections whose beginning or inside the capture does not show."""

from __future__ import annotations

from tests.analysis.conversation import Conversation
from tests.diagnosis.causes.scripts import fin
from tests.diagnosis.lives import life
from tests.report.samples import make_connection
from wsdebug.diagnosis.causes import ranked
from wsdebug.diagnosis.ending import ending
from wsdebug.diagnosis.scene import Scene
from wsdebug.model.report import Certainty, HandshakeReport

HELLO = bytes.fromhex("16030100100100000c0303") + bytes(10)
ALERT = bytes.fromhex("15030300020228")


def encrypted(answer: bytes) -> Conversation:
    talk = Conversation().handshake()
    talk.client.says(HELLO)
    talk.server.acks()
    talk.server.says(answer)
    talk.client.acks()
    return talk


def test_tls_without_keys_tells_how_tcp_ended(tmp_path) -> None:
    (cause,) = fin(encrypted(HELLO).waits(60_000)).read(tmp_path).causes
    assert (cause.name, cause.certainty) == ("encrypted-no-keys", Certainty.CERTAIN)
    text = " ".join(one.text for one in cause.because)
    assert "by FIN after 60.0 s of silence" in text
    assert "nginx" in text


def test_plain_http_back_on_a_hello_is_the_wrong_port(tmp_path) -> None:
    causes = fin(encrypted(b"HTTP/1.1 400 Bad Request\r\n\r\n")).read(tmp_path).causes
    assert causes[0].name == "tls-in-plaintext"


def test_an_alert_back_on_a_plain_request_is_the_wrong_port(tmp_path) -> None:
    talk = Conversation().handshake()
    talk.client.says(b"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                     b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                     b"Sec-WebSocket-Version: 13\r\n\r\n")  # fmt: skip
    talk.server.acks()
    talk.server.says(ALERT)
    talk.client.acks()
    assert fin(talk).read(tmp_path).causes[0].name == "tls-in-plaintext"


def test_joined_in_the_middle_says_so() -> None:
    one = life("S data @4; S rst @5", handshake="not-captured", status=None)
    shake = HandshakeReport("not-captured")
    connection = make_connection(1, handshake=shake)
    causes = ranked(Scene(connection, one, ending(one)))
    assert [cause.name for cause in causes] == ["tcp-reset", "capture-started-midstream"]
    captured = life("S data @4; S rst @5")
    found = ranked(Scene(make_connection(1), captured, ending(captured)))
    assert [cause.name for cause in found] == ["tcp-reset"]
