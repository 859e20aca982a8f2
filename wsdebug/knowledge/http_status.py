"""HTTP statuses as answers to a WebSocket handshake: what each means there and what to do."""

from __future__ import annotations

import msgspec


class HttpStatus(msgspec.Struct, frozen=True):
    """One status as the answer to an upgrade request."""

    status: int
    name: str
    meaning: str
    advice: str


_ELSEWHERE = (
    "The server sends the client elsewhere. Browsers do not follow redirects in a WebSocket "
    "handshake, and most libraries do not either."
)
_FINAL_URL = (
    "Use the final URL from the start. A redirect from http to https means: use wss. A missing "
    "or surplus slash at the end of the path is the other usual reason."
)
_STATUSES = (
    HttpStatus(
        101,
        "Switching Protocols",
        "The handshake is accepted; frames follow behind the empty line.",
        "Nothing, if Upgrade, Connection and Sec-WebSocket-Accept are right: wsdebug checks them.",
    ),
    HttpStatus(
        200,
        "OK",
        "The server answered as to an ordinary page: it did not see an upgrade, or no WebSocket "
        "lives at this path.",
        "Check the path. Check that each proxy passes Upgrade and Connection on. A single-page "
        "application's catch-all route answers 200 to everything.",
    ),
    HttpStatus(301, "Moved Permanently", _ELSEWHERE, _FINAL_URL),
    HttpStatus(302, "Found", _ELSEWHERE, _FINAL_URL),
    HttpStatus(303, "See Other", _ELSEWHERE, _FINAL_URL),
    HttpStatus(307, "Temporary Redirect", _ELSEWHERE, _FINAL_URL),
    HttpStatus(308, "Permanent Redirect", _ELSEWHERE, _FINAL_URL),
    HttpStatus(
        400,
        "Bad Request",
        "The server did not take the request for a valid WebSocket handshake, or a handler "
        "refused it.",
        "Look at the findings of the handshake: key, version, Host, Upgrade, Connection. If there "
        "are none, a proxy may have removed headers behind this capture. Socket.IO answers 400 "
        "to an unknown session when several servers run without sticky sessions.",
    ),
    HttpStatus(
        401,
        "Unauthorized",
        "The server wants to know who is asking.",
        "Send credentials: a cookie, or a token in the query or the subprotocol. Browsers cannot "
        "set an Authorization header on a WebSocket.",
    ),
    HttpStatus(
        403,
        "Forbidden",
        "The server knows the request and refuses it: mostly the Origin header is not allowed, "
        "else the token or a firewall rule.",
        "Compare the request's Origin with the server's list of allowed origins.",
    ),
    HttpStatus(
        404,
        "Not Found",
        "Nothing takes WebSockets at this path.",
        "Compare path and host with the server's routes; a proxy may have cut a prefix off.",
    ),
    HttpStatus(
        405,
        "Method Not Allowed",
        "The path exists, but not for this method.",
        "Open WebSockets with GET; check that the route is a WebSocket route.",
    ),
    HttpStatus(
        407,
        "Proxy Authentication Required",
        "A forward proxy wants credentials before it lets the connection through.",
        "Give the client the proxy's credentials, or use wss, which goes through CONNECT.",
    ),
    HttpStatus(
        408,
        "Request Timeout",
        "The server waited for a complete request and gave up.",
        "Look whether the request's empty line ever came. Behind a 101 it is Node's request "
        "timer: no 'upgrade' listener took the socket.",
    ),
    HttpStatus(
        421,
        "Misdirected Request",
        "The request reached a server that does not answer for this host.",
        "Do not reuse connections across host names; check Host and TLS server name.",
    ),
    HttpStatus(
        426,
        "Upgrade Required",
        "The server wants an upgrade it did not see, or another Sec-WebSocket-Version.",
        "If the answer has Sec-WebSocket-Version, the client must use one of those. Else a proxy "
        "removed Upgrade and Connection, or a plain GET was sent to a WebSocket port.",
    ),
    HttpStatus(
        429,
        "Too Many Requests",
        "A limit on connections or requests was reached.",
        "Connect again later, with growing random waits; honour Retry-After.",
    ),
    HttpStatus(
        431,
        "Request Header Fields Too Large",
        "The request's headers are too long, mostly cookies.",
        "Shorten cookies and tokens, or raise the server's limit.",
    ),
    HttpStatus(
        500,
        "Internal Server Error",
        "The server's code failed while it handled the upgrade.",
        "Read the server's log at this moment. With `ws` and Express: two owners of one upgrade "
        "('server.handleUpgrade() was called more than once').",
    ),
    HttpStatus(
        501,
        "Not Implemented",
        "The server, or a gateway, does not know upgrades at all.",
        "Find the hop that does not support WebSockets.",
    ),
    HttpStatus(
        502,
        "Bad Gateway",
        "A proxy could not talk to the server behind it, or did not understand its answer.",
        "Read the proxy's log. Is the server running, on that port, with or without TLS as the "
        "proxy expects?",
    ),
    HttpStatus(
        503,
        "Service Unavailable",
        "A proxy has no healthy server, or the server refuses new connections.",
        "Check health checks and connection limits; connect again with growing random waits.",
    ),
    HttpStatus(
        504,
        "Gateway Timeout",
        "A proxy passed the request on and got no answer in time.",
        "Look on the leg between proxy and server: is the 101 sent at all, does it get lost?",
    ),
)
HTTP_STATUSES = {entry.status: entry for entry in _STATUSES}

_CLASSES = {
    1: ("Informational", "An interim answer; the final one follows.", "Wait for the final answer."),
    2: (
        "Successful",
        "The server answered as to an ordinary request and did not switch protocols.",
        "Check the path, and that each proxy passes Upgrade and Connection on.",
    ),
    3: ("Redirection", _ELSEWHERE, _FINAL_URL),
    4: (
        "Client Error",
        "The server refused the request.",
        "Compare the request with what the server expects; its answer's body may say more.",
    ),
    5: (
        "Server Error",
        "The server, or a proxy before it, could not handle the request.",
        "Read the logs of the proxy and of the server at this moment.",
    ),
}


def http_status(status: int) -> HttpStatus | None:
    """What is known of a status; for one not listed, of its class; None outside 100 to 599."""
    known = HTTP_STATUSES.get(status)
    if known is not None:
        return known
    family = _CLASSES.get(status // 100)
    return None if family is None else HttpStatus(status, *family)
