"""Each cause with a conversation that died of it, and one that looks like it and did not."""

from __future__ import annotations

import pytest

from tests.analysis.conversation import REQUEST, Conversation
from tests.diagnosis.causes.scripts import (
    HTTP,
    REFUSAL,
    Script,
    aged,
    asks,
    bare_client,
    big,
    characters,
    crossing,
    damaged,
    fails,
    fin,
    forgotten,
    interleaved,
    ladder,
    masked,
    opened,
    page_pings,
    pinged,
    refused,
    rst,
    shut,
    silent,
    swallowed,
    writes,
)
from wsdebug.diagnosis.causes import all_causes
from wsdebug.model.report import Certainty

DEFLATE = b"Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover\r\n"
BACKEND = REQUEST.replace(b"Upgrade: websocket\r\n", b"").replace(
    b"Connection: Upgrade", b"Connection: close\r\nX-Forwarded-For: 198.51.100.1"
)
NO_KEY = BACKEND.replace(b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n", b"")
BAD_VERSION = REQUEST.replace(b"Version: 13", b"Version: 8")
PAGE = b"HTTP/1.1 %s\r\nServer: lb\r\nContent-Type: text/html\r\nContent-Length: 2\r\n\r\nno"
PROXY = b"PROXY TCP4 192.0.2.9 192.0.2.2 5 80\r\n"
TLS = bytes.fromhex("160303000401000000")


def context_used() -> Conversation:
    """A server that gave its context up and uses it all the same."""
    talk = Conversation().upgrade(offer=DEFLATE, answer=DEFLATE)
    import zlib

    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    for _ in range(2):
        text = b"the same long words, the same long words again"
        body = (packer.compress(text) + packer.flush(zlib.Z_SYNC_FLUSH)).removesuffix(
            b"\0\0\xff\xff"
        )
        talk.tells(talk.server, 1, body, rsv=4)
    return fails(talk, 1007)


def no_deflate() -> Conversation:
    """RSV1 on data that is no deflate stream: broken, but nobody's parameter."""
    talk = Conversation().upgrade(offer=DEFLATE, answer=DEFLATE)
    talk.tells(talk.server, 1, b"\xff\xfe\xfd not deflate", rsv=4)
    return fails(talk, 1007)


def foreign_rst(*, goes_on: bool) -> Conversation:
    """A RST in the server's name with another TTL (or with its own)."""
    talk = rst(opened(), ttl=37 if goes_on else 64)
    return talk.waits(200).tells(talk.server, 1, b"as if nothing were") if goes_on else talk


def late_violation() -> Conversation:
    """An unknown opcode of the client behind the server's own Close."""
    talk = opened()
    talk.closes(talk.server, 1011, b"bye").waits(50).tells(talk.client, 3, b"?")
    return fin(talk)


def violation(pause: float = 0) -> Conversation:
    """An unknown opcode of the client, and FIN of the server so many seconds later."""
    talk = opened()
    talk.tells(talk.client, 3, b"?").waits(pause * 1000)
    return fin(talk)


def unanswered_close(seconds: float) -> Conversation:
    """Close of the server, nothing back, and its FIN so much later."""
    talk = opened()
    talk.closes(talk.server, 1001).waits(seconds * 1000)
    return fin(talk)


def black_hole(*, alive: bool) -> Conversation:
    """A ladder of a full segment; the client still sends, or does not."""
    talk = opened()
    offset = talk.server.seq - talk.server.isn - 1
    data = talk.wire(talk.server, 2, bytes(1400))
    talk.server.says(data)
    pause = 200
    for turn in range(6):
        talk.waits(pause)
        if alive and turn == 5:
            talk.client.sends("A")
        talk.server.repeats(offset, data)
        pause *= 2
    return talk.goes_on(10)


def complaint(*, wrong: bool) -> Conversation:
    """The client says 1002, over a wrong frame or over nothing."""
    talk = opened()
    talk.tells(talk.server, 3 if wrong else 1, b"frame")
    return fails(talk)


def lossy(*, lost: bool) -> Conversation:
    """A message that the capture lacks before the end."""
    talk = opened()
    talk.server.says(talk.wire(talk.server, 1, b"gone"), captured=not lost)
    talk.client.acks()
    return fin(talk)


SCRIPTS: dict[str, tuple[Script, Script]] = {
    "double-upgrade": (
        lambda: fails(writes(Conversation().upgrade(), REFUSAL)),
        lambda: fails(writes(opened().waits(5_000), HTTP % b"500 Internal Server Error")),
    ),
    "http-response-on-upgraded-socket": (
        lambda: fails(writes(opened(), HTTP % b"404 Not Found")),
        lambda: fails(writes(opened(), b'{"status": 404}')),
    ),
    "http-408-on-upgraded-socket": (
        lambda: fails(
            writes(opened(), b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n")
        ),
        lambda: writes(opened().bye(), b""),
    ),
    "raw-bytes-on-socket": (
        lambda: fails(writes(opened(), b'{"tick": 1}')),
        lambda: fails(writes(opened(), PROXY)),
    ),
    "tls-in-plaintext": (
        lambda: fails(writes(opened(), TLS)),
        lambda: fails(writes(opened(), b"\n")),
    ),
    "proxy-protocol-header": (
        lambda: fails(writes(opened(), PROXY)),
        lambda: fails(writes(opened(), b"Proxy error: gone")),
    ),
    "ssh-banner": (
        lambda: fin(asks(b"SSH-2.0-OpenSSH_9.2\r\n")),
        lambda: fin(asks()),
    ),
    "bytes-altered-in-transit": (
        lambda: fails(
            writes(
                Conversation().upgrade(answer=b"Server: app\r\n").waits(2_000),
                PAGE % b"502 Bad Gateway",
            )
        ),
        lambda: damaged(2),
    ),
    "interleaved-writers": (
        lambda: interleaved(whole=True),
        lambda: interleaved(whole=False),
    ),
    "wrong-length-field": (lambda: characters(6), lambda: characters(5)),
    "client-not-masking": (
        bare_client,
        lambda: masked(opened(), by_client=False),
    ),
    "server-masking": (
        lambda: masked(Conversation().upgrade(), by_client=False),
        bare_client,
    ),
    "compression-mismatch": (context_used, no_deflate),
    "closed-by-application": (
        lambda: opened().closes_both(1011),
        lambda: opened().bye(),
    ),
    "proxy-idle-timeout": (lambda: silent(60), lambda: silent(2)),
    "age-limit": (lambda: aged(30, 5), lambda: aged(23, 1)),
    "keepalive-as-long-as-timeout": (lambda: crossing(60, 0.01), lambda: crossing(60, 4)),
    "peer-vanished": (
        lambda: ladder(opened(), "server", b"\x81\x04tick"),
        lambda: fin(ladder_that_heals()),
    ),
    "keepalive-ping-timeout": (
        lambda: fin(pinged(20)),
        lambda: fin(pinged(20, answered=True), "client"),
    ),
    "protocol-violation": (violation, late_violation),
    "message-too-big": (lambda: big(20_000), lambda: big(9_000)),
    "tcp-fin-without-close": (lambda: fin(opened()), lambda: silent(60)),
    "tcp-reset": (lambda: rst(opened()), lambda: foreign_rst(goes_on=True)),
    "rst-injected": (
        lambda: foreign_rst(goes_on=True),
        lambda: foreign_rst(goes_on=False),
    ),
    "slow-consumer": (lambda: shut(12), lambda: shut(2)),
    "truncated-mid-frame": (lambda: swallowed(300, 7), lambda: fin(opened())),
    "closed-right-after-open": (
        lambda: fin(Conversation().upgrade().waits(100)),
        lambda: fin(Conversation().upgrade().waits(4_000)),
    ),
    "close-handshake-timeout": (lambda: unanswered_close(10), lambda: unanswered_close(0.1)),
    "background-throttling": (
        lambda: page_pings([25, 25, 25, 60, 60, 60]),
        lambda: page_pings([25, 25, 25, 25, 25, 25]),
    ),
    "mtu-black-hole": (lambda: black_hole(alive=True), lambda: black_hole(alive=False)),
    "flow-forgotten": (lambda: forgotten(350), lambda: forgotten(3)),
    "proxy-drops-upgrade-headers": (
        lambda: fin(asks(HTTP % b"426 Upgrade Required", BACKEND)),
        lambda: fin(asks(HTTP % b"426 Upgrade Required", BAD_VERSION)),
    ),
    "transparent-proxy-answered": (
        lambda: fin(asks((HTTP % b"200 OK").replace(b"\r\n", b"\r\nVia: 1.1 cache\r\n", 1))),
        lambda: fin(asks(HTTP % b"200 OK")),
    ),
    "handshake-rejected": (
        lambda: fin(asks(HTTP % b"403 Forbidden")),
        lambda: fin(asks(HTTP % b"426 Upgrade Required", BACKEND)),
    ),
    "handshake-timeout": (
        lambda: fin(asks(seconds=3), "client"),
        lambda: fin(asks(seconds=0.1), "client"),
    ),
    "handshake-no-response": (lambda: fin(asks()), lambda: fin(asks(HTTP % b"404 Not Found"))),
    "client-handshake-violation": (
        lambda: fin(asks(HTTP % b"426 Upgrade Required", BAD_VERSION)),
        lambda: fin(asks(HTTP % b"404 Not Found", BAD_VERSION)),
    ),
    "server-handshake-violation": (
        lambda: refused(b"Sec-WebSocket-Extensions: x-mux\r\n"),
        lambda: refused(b"Sec-WebSocket-Extensions: x-mux\r\n", seconds=9),
    ),
    "subprotocol-mismatch": (
        lambda: refused(b"Sec-WebSocket-Protocol: b\r\n", b"Sec-WebSocket-Protocol: a\r\n"),
        lambda: refused(b"Sec-WebSocket-Protocol: a\r\n", b"Sec-WebSocket-Protocol: a\r\n"),
    ),
    "wrong-accept": (lambda: mixed_up(0), lambda: mixed_up(9)),
    "clean-close": (lambda: opened().bye(), lambda: opened().closes_both(4000)),
    "still-open": (lambda: opened().goes_on(3), lambda: fin(opened())),
    "capture-incomplete": (lambda: lossy(lost=True), lambda: lossy(lost=False)),
    "wire-is-valid": (lambda: complaint(wrong=False), lambda: complaint(wrong=True)),
}
ELSEWHERE = {
    "capture-started-midstream": "the capture's handshake is missing: test_beginnings.py",
    "encrypted-no-keys": "TLS: test_beginnings.py",
    "tls-alert": "TLS: tests/captures/test_tls.py",
    "h2-goaway": "HTTP/2: tests/http2/test_stories.py",
    "h2-stream-reset": "HTTP/2: tests/http2/test_stories.py",
}


def ladder_that_heals() -> Conversation:
    """The same bytes again and again, then an answer, and the session goes on."""
    talk = opened()
    offset, data = talk.server.seq - talk.server.isn - 1, talk.wire(talk.server, 1, b"tick")
    talk.server.says(data)
    for pause in (200, 400, 800, 1600):
        talk.waits(pause)
        talk.server.repeats(offset, data)
    talk.client.acks()
    return talk.tells(talk.client, 1, b"back").tells(talk.server, 1, b"good")


def mixed_up(seconds: float) -> Conversation:
    """The answer to another key."""
    other = REQUEST.replace(b"dGhlIHNhbXBsZSBub25jZQ==", b"AAAAAAAAAAAAAAAAAAAAAA==")
    talk = asks(request=other)
    talk.server.says(
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
    )
    talk.client.acks()
    return fin(talk.waits(seconds * 1000), "client")


@pytest.mark.parametrize("name", list(SCRIPTS))
def test_who_died_of_it(name: str, tmp_path) -> None:
    causes = SCRIPTS[name][0]().read(tmp_path).causes
    first = next(one for one in causes if one.name == name)
    assert first.because
    assert all(one.text for one in first.because)
    # One connection of that age proves no limit: the cause is named, behind what is certain.
    is_guess = name == "age-limit"
    assert (first.certainty is Certainty.POSSIBLE) == is_guess
    assert first is causes[0] or is_guess


@pytest.mark.parametrize("name", list(SCRIPTS))
def test_what_only_looks_like_it(name: str, tmp_path) -> None:
    causes = SCRIPTS[name][1]().read(tmp_path).causes
    assert causes
    found = [one for one in causes if one.name == name]
    assert all(one.certainty is Certainty.POSSIBLE for one in found), found


def test_every_cause_has_its_look_alike() -> None:
    assert {each.name for each in all_causes()} == set(SCRIPTS) | set(ELSEWHERE)
