"""A TLS connection without keys: nothing is known of its inside, all that TCP shows of its end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from wsdebug.analysis.lives import last_stamp, tcp_life
from wsdebug.analysis.tracker import half_of
from wsdebug.diagnosis.life import Life
from wsdebug.model.place import Mark, Side

if TYPE_CHECKING:
    from wsdebug.analysis.shared import Shared
    from wsdebug.transport import Flow


_OPENING = 8


class Encrypted:
    """The consumer of a TLS connection: it reads nothing but how the server begins."""

    __slots__ = ("_shared", "flow", "id", "opening")

    def __init__(self, flow: Flow, shared: Shared) -> None:
        self.flow = flow
        self._shared = shared
        self.id = shared.number()
        self.opening = b""
        """The first bytes of the server: whether TLS is what it speaks."""
        half_of(flow, Side.CLIENT).feed = _unread
        half_of(flow, Side.SERVER).feed = self._open
        if shared.store is not None:
            shared.store.recognised(self, None)

    def _open(self, data: bytes, mark: Mark) -> None:  # noqa: ARG002 - the transport's contract
        self.opening = data[:_OPENING]
        half_of(self.flow, Side.SERVER).feed = _unread

    def take(self, facts: Sequence[object]) -> None:
        """Nothing is read, so nothing is found."""

    def gap(self, side: Side, length: int | None, mark: Mark, reason: str) -> None:
        """Nothing is read, so nothing is missed."""

    def overlap(self, side: Side, offset: int, kept: bytes, other: bytes, mark: Mark) -> None:
        """Which of two ciphertexts arrived is not for us to say."""

    def end(self, side: Side, how: str, mark: Mark) -> None:
        """The flow keeps it."""

    def close(self, flow: Flow) -> None:  # noqa: ARG002 - the transport's contract
        """The connection is over, or the capture is."""
        self._shared.on_close(self)

    def life(self, now: int | None) -> Life:
        """What TCP alone tells of its end."""
        return Life(
            handshake="encrypted",
            status=None,
            client=tcp_life(self.flow, Side.CLIENT),
            server=tcp_life(self.flow, Side.SERVER),
            start=self.flow.start,
            requested=None,
            responded=None,
            last=last_stamp(self.flow),
            capture_end=now,
        )


def _unread(data: bytes, mark: Mark) -> None:
    """Ciphertext without keys."""
