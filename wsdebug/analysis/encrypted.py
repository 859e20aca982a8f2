"""A TLS connection without keys: of its inside nothing is known, of its end everything TCP shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wsdebug.diagnosis.life import Ladder, Life, SideLife, Stamp
from wsdebug.model.place import Mark, Side

if TYPE_CHECKING:
    from wsdebug.analysis.shared import Shared
    from wsdebug.transport import Flow, Half


class Encrypted:
    """The consumer of a TLS connection: it reads nothing."""

    __slots__ = ("_shared", "flow", "id")

    def __init__(self, flow: Flow, shared: Shared) -> None:
        self.flow = flow
        self._shared = shared
        self.id = shared.number()
        for half in (flow.client, flow.server):
            half.feed = _unread

    def gap(self, side: Side, length: int | None, mark: Mark, reason: str) -> None:
        """Nothing is read, so nothing is missed."""

    def overlap(self, side: Side, offset: int, kept: bytes, other: bytes, mark: Mark) -> None:
        """Which of two ciphertexts arrived is not for us to say."""

    def end(self, side: Side, how: str, mark: Mark) -> None:
        """The flow keeps it."""

    def close(self, flow: Flow) -> None:
        """The connection is over, or the capture is."""
        self._shared.on_close(self)

    def life(self, now: int | None) -> Life:
        """What TCP alone tells of its end."""
        flow = self.flow
        return Life(
            handshake="encrypted",
            status=None,
            client=_side(flow.client),
            server=_side(flow.server),
            start=flow.start,
            requested=None,
            responded=None,
            last=max(Stamp(*half.last_packet) for half in (flow.client, flow.server) if half.last_packet),
            capture_end=now,
        )


def _side(half: Half) -> SideLife:
    return SideLife(
        fin=Stamp(*half.fin) if half.fin else None,
        rst=Stamp(*half.rst) if half.rst else None,
        ladders=tuple(Ladder(Stamp(*one.first), Stamp(*one.last)) for one in half.ladders),
        last_data=Stamp(*half.last_data) if half.last_data else None,
    )


def _unread(data: bytes, mark: Mark) -> None:
    """Ciphertext without keys."""
