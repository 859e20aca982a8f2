"""What a decoder has seen of the HTTP that came before the frames."""

from __future__ import annotations

from wsdebug.model.handshake import Handshake
from wsdebug.protocol.exchange import Exchange


class SeenHandshake:
    """The handshake and what stands around it, as far as seen."""

    __slots__ = ("_exchange",)

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    @property
    def handshake(self) -> Handshake | None:
        """The last upgrade request and its final response, as far as seen."""
        return self._exchange.handshake

    @property
    def attempts(self) -> list[Handshake]:
        """Earlier upgrade requests of the connection, the newest `Limits.attempts` of them."""
        return self._exchange.attempts

    @property
    def attempts_dropped(self) -> int:
        """How many there were beyond that."""
        return self._exchange.attempts_dropped

    @property
    def is_proxied(self) -> bool:
        """A PROXY protocol header stood in front of the client's first request."""
        return self._exchange.client.is_proxied

    @property
    def response_body(self) -> bytes:
        """The first bytes of what followed the response, where that was no 101."""
        return self._exchange.server.body_start
