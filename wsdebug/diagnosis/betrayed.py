"""Which software the opening handshake betrays, so that advice can speak its language.

*Theory:* Server, User-Agent and Via say who speaks (RFC 9110 7.6.3, 10.1.5, 10.2.4).

*Practice:* proxies overwrite Server, and several libraries send neither. What is left is the order
of the headers: good enough to choose the example of an advice by, never to accuse anybody.
"""

from __future__ import annotations

import re

import msgspec

from wsdebug.knowledge.advice import side_of
from wsdebug.model.report import HandshakeReport

_CLIENTS = (
    (re.compile(r"websockets/"), "websockets"),
    (re.compile(r"aiohttp/"), "aiohttp"),
    (re.compile(r"Tornado/"), "tornado"),
    (re.compile(r"okhttp/", re.IGNORECASE), "okhttp"),
    (re.compile(r"Go-http-client/"), "gorilla"),
    (re.compile(r"Chrome/|Chromium/|Firefox/|Safari/|Mozilla/"), "browser"),
)
"""By User-Agent; the first that matches."""
_SERVERS = (
    (re.compile(r"websockets/"), "websockets"),
    (re.compile(r"aiohttp/"), "aiohttp"),
    (re.compile(r"TornadoServer/"), "tornado"),
    (re.compile(r"uvicorn", re.IGNORECASE), "uvicorn"),
    (re.compile(r"hypercorn", re.IGNORECASE), "hypercorn"),
    (re.compile(r"daphne", re.IGNORECASE), "daphne"),
    (re.compile(r"uWebSockets", re.IGNORECASE), "uWebSockets"),
    (re.compile(r"Kestrel"), "Kestrel"),
)
"""By Server."""
_PROXIES = (
    (re.compile(r"nginx|openresty", re.IGNORECASE), "nginx"),
    (re.compile(r"cloudflare", re.IGNORECASE), "Cloudflare"),
    (re.compile(r"envoy", re.IGNORECASE), "Envoy"),
    (re.compile(r"awselb", re.IGNORECASE), "AWS load balancer"),
    (re.compile(r"Apache"), "Apache"),
    (re.compile(r"Caddy"), "Caddy"),
    (re.compile(r"gunicorn|squid|varnish", re.IGNORECASE), ""),
)
"""By Server or Via; they stand in front of what answers the upgrade."""
_WS_CLIENT = ("sec-websocket-version", "sec-websocket-key", "connection", "upgrade")
"""The order in which `ws` for Node writes the request; no other library we know begins so."""
_BARE_ANSWER = ("upgrade", "connection", "sec-websocket-accept")
"""`ws` writes this and nothing else but the extension. So do others: gorilla/websocket is one."""


class Betrayed(msgspec.Struct, frozen=True):
    """Names of software, None where nothing betrays it. `proxy` is what stands in front of the
    server, or answered in its place. `guessed`: the server is named by the order of its headers
    alone.
    """

    client: str | None = None
    server: str | None = None
    proxy: str | None = None
    guessed: bool = False
    engine_io: bool = False
    """Socket.IO speaks here: its own pings are text messages."""

    @property
    def names(self) -> tuple[str, ...]:
        """All of them, the server's first."""
        named = (*self.of("server"), self.client, self.proxy)
        return tuple(name for name in named if name)

    def of(self, side: str) -> tuple[str, ...]:
        """Those of one side's code; none where `side` is empty."""
        socket_io = "engine.io" if self.engine_io else None
        sides = {"client": (self.client,), "server": (socket_io, self.server)}
        return tuple(name for name in sides.get(side, ()) if name)


def suited(topic: str, *found: Betrayed) -> list[str]:
    """The software whose examples suit a topic: that of the side which has to change something,
    where it is known.
    """
    mine = [name for one in found for name in one.of(side_of(topic))]
    return mine or [name for one in found for name in one.names]


def betrayed(shake: HandshakeReport) -> Betrayed:
    """What the heads of a handshake say about who wrote them."""
    answers = shake.response_headers
    server, via = _value(answers, "server"), _value(answers, "via")
    named = _match(_SERVERS, server)
    # A proxy hides the server behind it.
    guessed = named is None and server is None and _looks_bare(answers)
    return Betrayed(
        client=_client(shake.request_headers),
        server="ws" if guessed else named,
        proxy=_match(_PROXIES, server) or _match(_PROXIES, via) or ("a proxy" if via else None),
        guessed=guessed,
        engine_io="EIO=" in (shake.path or ""),
    )


def is_proxy(server: str | None) -> bool:
    """Whether a Server header is that of a proxy."""
    return server is not None and any(pattern.search(server) for pattern, _ in _PROXIES)


def _client(headers: list[tuple[str, str]]) -> str | None:
    named = _match(_CLIENTS, _value(headers, "user-agent"))
    if named is not None:
        return named
    order = tuple(name.lower() for name, _ in headers[: len(_WS_CLIENT)])
    return "ws" if order == _WS_CLIENT else None


def _looks_bare(headers: list[tuple[str, str]]) -> bool:
    names = tuple(name.lower() for name, _ in headers if name.lower() not in _NEGOTIATED)
    return names == _BARE_ANSWER


_NEGOTIATED = ("sec-websocket-extensions", "sec-websocket-protocol")


def _value(headers: list[tuple[str, str]], name: str) -> str | None:
    return next((value for key, value in headers if key.lower() == name), None)


def _match(table: tuple[tuple[re.Pattern[str], str], ...], value: str | None) -> str | None:
    if value is None:
        return None
    return next((name for pattern, name in table if pattern.search(value)), None) or None
