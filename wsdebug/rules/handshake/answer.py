"""HS108, HS117, HS120: what a 101 must and must not say (RFC 6455 4.1, 4.2.2)."""

from __future__ import annotations

from collections.abc import Iterator

from wsdebug.model.handshake import Field, Handshake, Head
from wsdebug.model.report import Severity
from wsdebug.protocol.keys import accept_value
from wsdebug.rules.handshake.fields import line, shown, whole_answer, whole_request
from wsdebug.rules.registry import Offence, rule


@rule(
    code="HS108",
    title="Sec-WebSocket-Accept is not the answer to the key",
    section="RFC 6455 4.1, RFC 6455 11.3.3",
    severity=Severity.ERROR,
    fix="Answer with base64(SHA-1(key + 258EAFA5-E914-47DA-95CA-C5AB0DC85B11)) of this request's "
    "own key; keep caches and connection mix-ups between proxy and server out of the upgrade.",
    fatal=True,
    only_http1=True,
)
def wrong_accept(handshake: Handshake) -> Iterator[Offence]:
    """The server proves that it read *this* request as a WebSocket request by sending the hash of
    its key back. The client must refuse anything else; browsers say "Incorrect
    'Sec-WebSocket-Accept' header value".

    A value that fits another key of the capture means that answers were mixed up: a cache, or a
    proxy that shares connections to the server. A value that fits none comes from a server
    written by hand: the key was trimmed or decoded first, the hash was written in hex, or the
    fixed text has a typing error.

    It is not judged where the key or the answer was not seen whole.
    """
    answer, request = whole_answer(handshake), whole_request(handshake)
    if answer is None:
        return
    accepts = answer.all("sec-websocket-accept")
    if not accepts:
        yield Offence(answer.span(), "no Sec-WebSocket-Accept", "one Sec-WebSocket-Accept")
    for field in accepts[1:]:
        yield Offence(answer.span(field), f"a further {line(field)}", "one Sec-WebSocket-Accept")
    keys = request.all("sec-websocket-key") if request is not None else ()
    if accepts and len(keys) == 1:
        yield from _wrong_value(handshake, answer, accepts[0], keys[0].value)


def _wrong_value(handshake: Handshake, head: Head, field: Field, key: str) -> Iterator[Offence]:
    wanted = accept_value(key)
    if field.value == wanted:
        return
    fits, other = "", handshake.accept_of
    if other is not None:
        fits = f", which fits the key {shown(other)} of another request in this capture"
    yield Offence(
        head.span(field),
        shown(field.value) + fits,
        f"{wanted} (for the key {shown(key)})",
        detail={"key": shown(key), "fits_key": None if other is None else shown(other)},
    )


@rule(
    code="HS117",
    title="The 101 announces a body",
    section="RFC 9110 8.6, RFC 9112 6.1",
    severity=Severity.ERROR,
    fix="Send the 101 without Content-Length and Transfer-Encoding; write it to the socket "
    "yourself or let the WebSocket library do so, not the web framework.",
    only_http1=True,
)
def upgrade_response_has_body(handshake: Handshake) -> Iterator[Offence]:
    """A 101 has no body: behind its empty line stand frames. Content-Length and Transfer-Encoding
    say otherwise, and must not be sent with it.

    WebSocket clients mostly ignore them. A proxy that believes them takes the first frames for
    a body, or wraps them in chunks, and the client then meets bytes that are no frame.
    `Content-Length: 0` does no harm and is a warning. Web frameworks add these headers to every
    answer they are allowed to finish.
    """
    answer = whole_answer(handshake)
    if answer is None:
        return
    for field in answer.fields:
        if field.key in ("content-length", "transfer-encoding"):
            empty = field.key == "content-length" and field.value == "0"
            yield Offence(
                answer.span(field),
                line(field),
                "no Content-Length and no Transfer-Encoding",
                Severity.WARNING if empty else None,
            )


@rule(
    code="HS120",
    title="The 101 carries Sec-WebSocket-Version",
    section="RFC 6455 4.4",
    severity=Severity.NOTE,
    fix="Nothing to do; leave the header out of the 101 to be tidy.",
)
def version_header_in_101(handshake: Handshake) -> Iterator[Offence]:
    """The server names versions only when it refuses the client's. In a 101 the header says
    nothing, and clients ignore it. Some servers copy it from the request.
    """
    answer = whole_answer(handshake)
    if answer is not None:
        for field in answer.all("sec-websocket-version"):
            yield Offence(answer.span(field), line(field), "no Sec-WebSocket-Version in a 101")
