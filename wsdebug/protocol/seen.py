"""What a decoder has seen of the HTTP that came before the frames."""

from __future__ import annotations

from collections.abc import Sequence

from wsdebug.http import Piece
from wsdebug.model.handshake import Handshake
from wsdebug.model.place import Side
from wsdebug.protocol.exchange import Exchange
from wsdebug.protocol.outcome import Outcome


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

    def _carried(self, handshake: Handshake) -> None:
        """The heads were read elsewhere."""
        self._exchange.handshake = handshake
        if handshake.response is not None:
            outcome = Outcome.UPGRADED if handshake.is_accepted else Outcome.OTHER
            self._exchange.outcome = outcome

    def _unanswered(self, waiting: Sequence[tuple[Side, Piece]]) -> None:
        """The response lies in what cannot be read; `waiting` has come since the request."""
        for side, (piece, mark) in waiting:
            reader = self._exchange.reader(side)
            if isinstance(piece, bytes):
                reader.put(piece, mark)
            else:
                reader.put_gap(piece, mark)

    @property
    def is_http2(self) -> bool:
        """The connection goes on in HTTP/2; what waited is there for `drain`."""
        return self._exchange.outcome is Outcome.HTTP2

    def drain(self, side: Side) -> tuple[int, list[Piece]]:
        """Where `side`'s HTTP/1 ended, and what waits there for another to read it."""
        pieces = self._exchange.reader(side).drain()
        return self._exchange.reader(side).offset, pieces


def result_of(exchange: Exchange) -> str:
    """accepted, rejected, no-response or not-captured (REPORT)."""
    handshake = exchange.handshake
    if handshake is None:
        return "not-captured"
    status = handshake.response.status if handshake.response is not None else None
    is_accepted = handshake.is_accepted
    if exchange.outcome is Outcome.UPGRADED:
        return "accepted" if is_accepted else "not-captured"
    if status is not None and not is_accepted:
        return "rejected"
    # A 101 that the end cut off was no answer, unless it was the capture that ended.
    ended = exchange.server.ended
    was_cut = is_accepted and ended is not None and ended[0] == "capture"
    in_gap = exchange.server.lost and not exchange.server.is_at_end
    return "not-captured" if was_cut or in_gap else "no-response"
