"""A TLS connection that cannot be read: nothing is known of its inside, all that TCP shows of its
end, and what the hellos say before encryption begins.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

import msgspec

from wsdebug.analysis.lives import last_stamp, stamp_of, tcp_life
from wsdebug.analysis.tracker import half_of
from wsdebug.diagnosis.life import Life, SideLife, Stamp
from wsdebug.model.place import NO_MARK, SIDES, Mark, Side
from wsdebug.model.tls import Keys
from wsdebug.transport.tls import HEADER, TlsSession

if TYPE_CHECKING:
    from wsdebug.analysis.shared import Shared
    from wsdebug.transport import Flow


OPENING = 8
"""Bytes of the server that are kept: they tell whether it speaks TLS at all."""
_ALERT, _DATA = 21, 23
_ALERT_SIZES = (19, 11)
"""Bytes of a TLS 1.3 record that holds an alert: two, the type and the tag (of CCM_8: 8 bytes)."""
_AT_ONCE = 1_000_000_000


class Nobody:
    """Reads no plaintext: there is none (`transport.tls.Inside`)."""

    def data(self, side: Side, data: bytes, mark: Mark) -> None:
        """Never called."""

    def lack(self, side: Side, mark: Mark) -> None:
        """Never called."""


NOBODY = Nobody()


class Tail:
    """The last segment of a side, and when the one before it came."""

    __slots__ = ("before", "data", "last")

    def __init__(self) -> None:
        self.before: Mark = NO_MARK
        self.last: Mark = NO_MARK
        self.data = b""

    def feed(self, data: bytes, mark: Mark) -> None:
        """The next segment."""
        self.before, self.last, self.data = self.last, mark, data

    @property
    def is_farewell(self) -> bool:
        """Whether it was one record that looks like a close_notify, and nothing else."""
        data = self.data
        if len(data) <= HEADER or len(data) != HEADER + int.from_bytes(data[3:5]):
            return False
        return data[0] == _ALERT or (data[0] == _DATA and len(data) - HEADER in _ALERT_SIZES)


class Encrypted:
    """The consumer of a TLS connection without keys. `late`: its beginning was not captured."""

    __slots__ = ("_shared", "_tails", "flow", "id", "opening", "session")

    def __init__(
        self, flow: Flow, shared: Shared, session: TlsSession, *, late: bool = False
    ) -> None:
        self.flow = flow
        self.session = session
        if late:
            session.facts.keys = Keys.NO_HELLO
        self._shared = shared
        self.id = shared.number()
        self.opening = b""
        """The first bytes of the server: whether TLS is what it speaks."""
        self._tails = {side: Tail() for side in SIDES}
        for side in SIDES:
            half_of(flow, side).feed = partial(self._feed, side)
        if shared.store is not None:
            shared.store.recognised(self, None)

    def _feed(self, side: Side, data: bytes, mark: Mark) -> None:
        if side is Side.SERVER and not self.opening:
            self.opening = data[:OPENING]
        tail, reader = self._tails[side], self.session.sides[side]
        tail.feed(data, mark)
        self.session.feed(side, data, mark)
        if reader.is_sealed or reader.records.is_over or self.session.facts.keys is Keys.NO_HELLO:
            half_of(self.flow, side).feed = tail.feed

    def take(self, facts: Sequence[object]) -> None:
        """Nothing is read, so nothing is found."""

    def gap(self, side: Side, length: int | None, mark: Mark, reason: str) -> None:  # noqa: ARG002 - the transport's contract
        """Nothing is read behind the hellos, so nothing is missed there."""
        self.session.gap(side, length, mark)

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
            client=self._side_life(Side.CLIENT),
            server=self._side_life(Side.SERVER),
            start=self.flow.start,
            requested=None,
            responded=None,
            last=last_stamp(self.flow),
            capture_end=now,
        )

    def _side_life(self, side: Side) -> SideLife:
        """A last record of an alert's size, just before the end, is TLS saying good-bye and no
        data: the silence before it counts.
        """
        facts, tail = self.session.facts, self._tails[side]
        life = tcp_life(self.flow, side, facts)
        before = stamp_of(tail.before[:2]) if tail.before is not NO_MARK else None
        if before is None or not tail.is_farewell or not self._ends_at_once(tail.last[1]):
            return life
        changed: dict[str, Stamp | None] = {
            name: before
            for name in ("last_data", "last_before")
            if (stamp := getattr(life, name)) is not None and stamp.packet == tail.last[0]
        }
        if life.tls_end is None and (life.fin is None or (tail.last[0] or 0) < life.fin.packet):
            changed["tls_end"] = stamp_of(tail.last[:2])
        return msgspec.structs.replace(life, **changed)

    def _ends_at_once(self, time: int | None) -> bool:
        """A FIN or RST of either side follows."""
        ends = [stamp[1] for half in self.flow.halves for stamp in (half.fin, half.rst) if stamp]
        known = [end for end in ends if end is not None]
        return time is not None and bool(known) and min(known) - time <= _AT_ONCE
