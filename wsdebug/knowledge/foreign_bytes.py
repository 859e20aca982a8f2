"""What to do about bytes on an upgraded connection that are no frame, by what they look like."""

from __future__ import annotations

_HTTP_RESPONSE = (
    "Find who else answers this request: a second WebSocket server, a route or an error page that"
    " writes after the upgrade, a proxy. Let one 'upgrade' handler own the socket."
)
_ADVICE = {
    "http-response": _HTTP_RESPONSE,
    "http-request": (
        "Find who takes the upgraded connection for plain HTTP and sends the next request on it:"
        " mostly a connection pool in the client or a proxy. After a 101 the connection must leave"
        " the pool."
    ),
    "tls-record": (
        "One side speaks TLS where the other does not: wss:// to a TLS port, ws:// to a plain one."
        " Check what the proxy speaks to the server."
    ),
    "proxy-header": (
        "The proxy sends a PROXY protocol header that the server does not expect: turn it on in"
        " the server, or off in the proxy."
    ),
    "ssh-banner": "An SSH server speaks here: the port, or the target of the tunnel, is wrong.",
    "json": (
        "Send it with the library's send(), which makes a frame of it; nothing else may write to"
        " the socket."
    ),
    "text": (
        "Send it with the library's send(), which makes a frame of it; nothing else may write to"
        " the socket."
    ),
    "newline": (
        "Something ends its writes with a line break of its own (a println, a line-based proxy)."
        " Write the frame's bytes and nothing behind them."
    ),
    "chunk-size": (
        "Somebody treats the upgraded connection as a chunked HTTP body: send the 101 without"
        " Transfer-Encoding, and turn chunking off for it in each proxy."
    ),
    "zeros": (
        "A buffer was sent whole although only a part of it was filled: send as many bytes as were"
        " written into it."
    ),
}
_TIMEOUT_408 = (
    "This is Node's request timer: no 'upgrade' listener took the socket, so the timer went on."
    " Handle the upgrade in server.on('upgrade', ...); longer timeouts only put it off."
)


def foreign_bytes_advice(kind: str, preview: str) -> str | None:
    """What to do, by the kind of the bytes and their beginning; None for an unknown kind."""
    if kind == "http-response" and preview.startswith("HTTP/1.1 408"):
        return _TIMEOUT_408
    return _ADVICE.get(kind)
