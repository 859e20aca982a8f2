"""Conversations that die of one cause each, and beside each one that only looks like it.

Each is a function that makes a conversation, read by the real decoder: `it` has the cause first, in
`alike` it must not be found, or at most be possible.
"""

from __future__ import annotations

from collections.abc import Callable

from tests.analysis.conversation import REQUEST, Conversation
from tests.protocol.streams import frame

Script = Callable[[], Conversation]
HTTP = b"HTTP/1.1 %s\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nno"
REFUSAL = (
    b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Type: text/html\r\n"
    b"Content-Length: 11\r\n\r\nBad Request"
)
"""As `ws` writes it (abortHandshake)."""
CHROME = b"User-Agent: Mozilla/5.0 Chrome/130\r\n"
UWS = b"Server: uWebSockets_20\r\n"


def opened(**more: object) -> Conversation:
    """An upgrade and one echo."""
    talk = Conversation(**more).upgrade()
    return talk.tells(talk.client, 1, b"hello").tells(talk.server, 1, b"hello")


def fails(talk: Conversation, code: int = 1002) -> Conversation:
    """The client fails the connection and both hang up."""
    return talk.closes(talk.client, code).hangs_up()


def writes(talk: Conversation, data: bytes) -> Conversation:
    """The server writes bytes that no library made."""
    talk.server.says(data)
    talk.client.acks()
    return talk


def fin(talk: Conversation, side: str = "server") -> Conversation:
    """TCP is ended by one side, the other follows."""
    speaker = getattr(talk, side)
    speaker.ends()
    speaker.peer.acks().ends()
    speaker.acks()
    return talk


def rst(talk: Conversation, side: str = "server", **more: object) -> Conversation:
    getattr(talk, side).resets(**more)
    return talk


def asks(answer: bytes = b"", request: bytes = REQUEST, seconds: float = 0) -> Conversation:
    """A request, and what came back in place of a 101."""
    talk = Conversation().handshake()
    talk.client.says(request + b"\r\n")
    talk.server.acks()
    talk.waits(seconds * 1000)
    if answer:
        talk.server.says(answer)
        talk.client.acks()
    return talk


def ladder(talk: Conversation, side: str, data: bytes, sends: int = 6) -> Conversation:
    """The same bytes again and again, nothing comes back."""
    speaker = getattr(talk, side)
    offset, pause = speaker.seq - speaker.isn - 1, 200.0
    speaker.says(data)
    for _ in range(sends):
        talk.waits(pause)
        speaker.repeats(offset, data)
        pause *= 2
    return talk.goes_on(10)


def silent(seconds: float, side: str = "server", **more: object) -> Conversation:
    """FIN after a silence."""
    return fin(opened(**more).waits(seconds * 1000), side)


def pinged(seconds: float, *, answered: bool = False) -> Conversation:
    """A ping of the server, its end so many seconds later."""
    talk = opened()
    talk.tells(talk.server, 9, b"beat")
    if answered:
        talk.tells(talk.client, 10, b"beat")
    talk.waits(seconds * 1000)
    return talk


def shut(seconds: float) -> Conversation:
    """The client's window is closed for so long, then the server says 1011."""
    talk = opened()
    talk.tells(talk.server, 1, b"a lot", heard=False)
    talk.client.acks(window=0)
    talk.waits(seconds * 1000)
    talk.client.acks(window=500)
    return talk.closes(talk.server, 1011, b"too slow").hangs_up()


def aged(seconds: int, step: float) -> Conversation:
    """Ends `seconds` after the 101 while messages flow."""
    talk = opened()
    for _ in range(int(seconds / step) - 1):
        talk.waits(step * 1000).tells(talk.server, 1, b"tick")
    return fin(talk.waits(step * 1000 - 100))


def page_pings(pauses: list[float]) -> Conversation:
    """A page that sends something after each of these pauses, then the server hangs up."""
    talk = Conversation().upgrade(offer=CHROME)
    for pause in pauses:
        talk.waits(pause * 1000).tells(talk.client, 1, b'{"type":"ping"}')
    return fin(talk.waits(2_000))


def crossing(before: float, apart: float) -> Conversation:
    """An answered ping, a pause, a ping that nobody answers, and FIN of the client's side."""
    talk = pinged(0, answered=True).waits(before * 1000)
    talk.tells(talk.server, 9, b"late", heard=False)
    return fin(talk.waits(apart * 1000), "client")


def forgotten(silence: float) -> Conversation:
    """A message after a silence is answered by a bare RST."""
    talk = opened().waits(silence * 1000)
    talk.tells(talk.server, 1, b"still there?", heard=False)
    talk.client.resets(ip_id=0)
    return talk


def characters(declared: int) -> Conversation:
    """The server declares this length for a text of 8 bytes and 6 characters."""
    text = "größer".encode()
    talk = opened()
    talk.server.says(bytes((0x81, declared)) + text + frame(1, b"and on") + frame(1, b"and on"))
    talk.client.acks()
    return fails(talk, 1007)


def swallowed(declared: int, sent: int) -> Conversation:
    """A frame that declares more than was ever sent, then FIN."""
    talk = opened()
    talk.server.says(b"\x81\x7e" + declared.to_bytes(2, "big") + b"x" * sent)
    talk.client.acks()
    return fin(talk.waits(2_000))


def interleaved(*, whole: bool) -> Conversation:
    """A frame of another writer inside one, or (not `whole`) just text that is too much."""
    inner = frame(1, b"from the other writer")
    outer = frame(1, b"0123456789" * 6)
    mixed = outer[:20] + (inner if whole else b"#" * len(inner)) + outer[20:]
    talk = opened()
    talk.server.says(mixed + frame(1, b"and on") + frame(1, b"and on"))
    talk.client.acks()
    return fails(talk, 1002)


def damaged(good: int) -> Conversation:
    """A control frame without FIN behind so many good frames."""
    talk = opened()
    for number in range(good):
        talk.tells(talk.server, 1, b"tick %d" % number)
    talk.tells(talk.server, 9, b"beat", fin=0)
    return fails(talk)


def masked(talk: Conversation, *, by_client: bool) -> Conversation:
    """A frame that is masked as the other side must, and the Close 1002 it earns."""
    if by_client:
        talk.tells(talk.client, 1, b"bare", key=None)
        return talk.closes(talk.server, 1002).hangs_up()
    talk.tells(talk.server, 1, b"masked", key=b"\1\2\3\4")
    return fails(talk)


def bare_client() -> Conversation:
    """A client that never masks."""
    return masked(Conversation().upgrade(), by_client=True)


def big(size: int, answer: bytes = UWS, *, seconds: float = 0) -> Conversation:
    """A message of this size, and FIN of the server behind it."""
    talk = Conversation().upgrade(answer=answer)
    data = talk.wire(talk.client, 2, bytes(size))
    for at in range(0, len(data), 1400):
        talk.client.says(data[at : at + 1400])
    talk.server.acks()
    return fin(talk.waits(seconds * 1000))


def refused(answer: bytes, offer: bytes = b"", *, seconds: float = 0) -> Conversation:
    """A 101 with these headers, and FIN of the client so much later."""
    talk = Conversation().upgrade(offer=offer, answer=answer)
    return fin(talk.waits(seconds * 1000), "client")
