"""HS121 and HS122: the extended CONNECT that opens a WebSocket over HTTP/2 (RFC 8441 3 to 5)."""

from __future__ import annotations

from collections.abc import Iterator

from wsdebug.model.handshake import Handshake
from wsdebug.model.report import Severity
from wsdebug.rules.handshake.fields import line, shown
from wsdebug.rules.registry import Offence, rule

_NEEDED = (":scheme", ":path", ":authority")


@rule(
    code="HS121",
    title="The server had not allowed CONNECT with :protocol",
    section="RFC 8441 3",
    severity=Severity.ERROR,
    fix="Switch WebSockets over HTTP/2 on in the server (Node: settings: { enableConnectProtocol: "
    "true }), or let the client open WebSockets over HTTP/1.1.",
    fatal=True,
)
def connect_protocol_not_enabled(handshake: Handshake) -> Iterator[Offence]:
    """Over HTTP/2 a WebSocket is opened by CONNECT with the pseudo-header :protocol. A client may
    send that only once the server's SETTINGS have carried SETTINGS_ENABLE_CONNECT_PROTOCOL = 1; to
    any other server it is a malformed request, which is answered by RST_STREAM PROTOCOL_ERROR or by
    a status of 400 to 501.

    Browsers keep to it: without the setting they open a connection of HTTP/1.1 for the WebSocket.
    The sender is a client that was told to use HTTP/2 come what may, or a proxy that takes it for
    granted in its backend. It is judged where the server's SETTINGS stand in the capture, before
    the request.
    """
    head = handshake.request
    if head is not None and handshake.is_http2 and handshake.connect_enabled is False:
        protocol = ", ".join(shown(field.value) for field in head.all(":protocol"))
        yield Offence(
            head.span(),
            f":protocol {protocol}, and SETTINGS of the server that do not enable it",
            "SETTINGS_ENABLE_CONNECT_PROTOCOL = 1 from the server before it",
        )


@rule(
    code="HS122",
    title="The CONNECT request or its answer is malformed",
    section="RFC 8441 4, RFC 8441 5, RFC 9113 8.2.2",
    severity=Severity.ERROR,
    fix="Send :method CONNECT, :protocol websocket, :scheme, :path and :authority, without "
    "Upgrade, Connection and Sec-WebSocket-Key; answer with 200.",
    fatal=True,
)
def connect_request_malformed(handshake: Handshake) -> Iterator[Offence]:
    """An extended CONNECT names the scheme, the path and the authority, as no other CONNECT does.
    Upgrade and Connection belong to HTTP/1.1 and make any message of HTTP/2 malformed. The answer
    that opens the WebSocket is 200 (any 2xx), never 101, a status that HTTP/2 does not have.

    Sec-WebSocket-Key and Sec-WebSocket-Accept have no part in it; a request that carries the key
    all the same does no harm, and is a note. It comes from gateways that carry a request of
    HTTP/1.1 over as it is.
    """
    if not handshake.is_http2:
        return
    yield from _request(handshake)
    answer = handshake.response
    if answer is None:
        return
    if answer.status == 101:
        yield Offence(answer.span(), ":status 101", ":status 200")
    for field in answer.all("upgrade") + answer.all("connection"):
        yield Offence(answer.span(field), line(field), f"no {shown(field.name)} over HTTP/2")


def _request(handshake: Handshake) -> Iterator[Offence]:
    head = handshake.request
    if head is None:
        return
    for name in _NEEDED:
        if not head.all(name):
            yield Offence(head.span(), f"no {name}", f"one {name}")
    for field in head.all("upgrade") + head.all("connection"):
        yield Offence(head.span(field), line(field), f"no {shown(field.name)} over HTTP/2")
    for field in head.all("sec-websocket-key"):
        wanted = "no Sec-WebSocket-Key: over HTTP/2 nothing answers it"
        yield Offence(head.span(field), line(field), wanted, Severity.NOTE)
