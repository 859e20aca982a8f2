"""Client bytes sent before the 101 can have arrived (RFC 6455 4.1)."""

from __future__ import annotations

from collections.abc import Sequence

from wsdebug.http import Piece, starts_like_request
from wsdebug.model.handshake import EarlyFrames
from wsdebug.model.place import NO_MARK, Mark, Part, Side, Span


class EarlyBytes:
    """Measures the client's first bytes behind its request against the end of the 101.

    A packet that does not acknowledge the whole 101 was sent before its sender had read it. The
    order of packets in the capture proves nothing: it depends on where the capture was taken.
    `is_settled` once a byte came that was not early, or whose packet does not tell.
    """

    __slots__ = ("_first", "_length", "_needed", "is_settled")

    def __init__(self, needed: int) -> None:
        self._needed = needed  # offset behind the 101 in the server's TCP stream
        self._first: Mark = NO_MARK
        self._length = 0
        self.is_settled = False

    def see(self, data: bytes, mark: Mark) -> list[EarlyFrames]:
        """The next bytes; the fact once the early ones have come to an end."""
        acknowledged = mark[2]
        is_early = acknowledged is not None and acknowledged < self._needed
        if not is_early or (self._length == 0 and _is_pipelined(data)):
            return self.settle()
        if self._length == 0:
            self._first = mark
        self._length += len(data)
        return []

    def see_waiting(self, pieces: Sequence[Piece]) -> list[EarlyFrames]:
        """What had come before the 101 was read: the early ones are told at once, and what comes
        later as soon as it is known.
        """
        facts: list[EarlyFrames] = []
        for piece, mark in pieces:
            if not isinstance(piece, bytes):
                break
            if not self.is_settled:
                facts += self.see(piece, mark)
        return [*facts, *self.settle()] if pieces else facts

    def settle(self) -> list[EarlyFrames]:
        """No more bytes are measured; the fact, if any were early."""
        if self.is_settled:
            return []
        self.is_settled = True
        packet, time, acknowledged = self._first
        if acknowledged is None:
            return []
        span = Span(Side.CLIENT, Part.STREAM, 0, self._length, packet, time)
        return [EarlyFrames(span, acknowledged, self._needed)]


def _is_pipelined(data: bytes) -> bool:
    """Whether it is another request. One letter is enough: no legal client frame begins with a
    byte that a method begins with (RSV bits and opcodes above 2 without FIN).
    """
    return starts_like_request(data)
