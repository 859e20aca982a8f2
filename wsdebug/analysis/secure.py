"""A TLS connection whose keys may be at hand: what is inside goes through the same opening.

It is the consumer of the TCP connection. Where the keys are missing or do not fit, an `Encrypted`
takes its place.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from wsdebug.analysis.encrypted import OPENING, Encrypted
from wsdebug.analysis.tracker import half_of
from wsdebug.model.place import SIDES, Mark, Side
from wsdebug.model.tls import Keys
from wsdebug.transport.carried import CarriedFlow, CarriedHalf
from wsdebug.transport.tls import TlsSession

if TYPE_CHECKING:
    from wsdebug.analysis.shared import Shared
    from wsdebug.transport import Flow
    from wsdebug.transport.flow import Opener


class Secure:
    """`inside` is the connection that TLS carries."""

    __slots__ = ("_opening", "_shared", "flow", "inside", "session")

    def __init__(self, flow: Flow, shared: Shared, opener: Opener) -> None:
        self.flow = flow
        self._shared = shared
        self._opening = b""
        self.session = TlsSession(shared.tls_keys, self)
        reach = {side: self.session.sides[side].places for side in SIDES}
        self.inside = CarriedFlow(flow, opener, reach, self.session.facts)
        for side in SIDES:
            half_of(flow, side).feed = partial(self._feed, side)
            if shared.store is not None:
                self._half(side).keeper = shared.store.plain.side()

    # ---- what the transport tells -----------------------------------------------------------
    def _feed(self, side: Side, data: bytes, mark: Mark) -> None:
        session = self.session
        if side is Side.SERVER and not self._opening:
            self._opening = data[:OPENING]
        if session.is_waiting:
            self._retry()
        session.feed(side, data, mark)
        if session.is_closed_book:
            self._encrypted()
        elif session.has_data and not self.flow.ignored:  # from now on nothing is given up any more
            for each in SIDES:
                half_of(self.flow, each).feed = session.sides[each].records.feed

    def take(self, facts: Sequence[object]) -> None:
        """Facts are those of the inside."""

    def gap(self, side: Side, length: int | None, mark: Mark, reason: str) -> None:  # noqa: ARG002 - the transport's contract
        """Ciphertext is missing."""
        self.session.gap(side, length, mark)

    def overlap(self, side: Side, offset: int, kept: bytes, other: bytes, mark: Mark) -> None:
        """Which of two ciphertexts is the right one, the records tell."""

    def end(self, side: Side, how: str, mark: Mark) -> None:
        """TCP's end is the end of the inside, whether or not TLS said good-bye."""
        self.session.end(side, mark)
        if self.session.is_closed_book:
            self._encrypted()
        elif not self.session.is_waiting:
            self._half(side).end(how, mark)

    def _retry(self) -> None:
        """Keys may have come; the ends that came before them are told behind the data."""
        self.session.retry()
        if not self.session.is_waiting:
            self._tell_ends()

    def _tell_ends(self) -> None:
        for side in SIDES:
            ended = half_of(self.flow, side).ended
            if ended is not None:
                self._half(side).end(*ended)

    def close(self, flow: Flow) -> None:
        """The connection is over, or the capture is."""
        self._retry()
        for side in SIDES:
            self.session.end(side, half_of(flow, side).last_mark)
        if self.inside.consumer is not None:
            self.inside.consumer.close(self.inside)
        elif not self.inside.is_open:
            self._never_opened(flow)

    def _never_opened(self, flow: Flow) -> None:
        """No byte of data: it is no WebSocket, unless the handshake failed."""
        facts = self.session.facts
        if facts.keys is not Keys.FIT or facts.alerts:
            self._encrypted().close(flow)

    # ---- what TLS tells ---------------------------------------------------------------------
    def data(self, side: Side, data: bytes, mark: Mark) -> None:
        """Plaintext."""
        if not self.inside.ignored:
            self._half(side).take(data, mark)

    def lack(self, side: Side, mark: Mark) -> None:
        """Plaintext is missing; records tell nothing of how much."""
        inside = self.inside
        if not inside.ignored:
            inside.ready(self._half(side), b"")
            if inside.consumer is not None:
                inside.consumer.gap(side, None, mark, "tls")

    def _half(self, side: Side) -> CarriedHalf:
        half = half_of(self.inside, side)
        assert isinstance(half, CarriedHalf)
        return half

    def _encrypted(self) -> Encrypted:
        """The inside stays closed."""
        encrypted = Encrypted(self.flow, self._shared, self.session)
        encrypted.opening = self._opening
        self.flow.consumer = encrypted
        return encrypted
