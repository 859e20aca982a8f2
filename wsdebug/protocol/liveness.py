"""Pings and pongs of both sides (RFC 6455 5.5.2, 5.5.3): which pong answers which ping.

*Theory:* a pong carries the payload of the ping it answers; of several pings only the last need
be answered; a pong may come unasked.

*Practice:* the two directions reach the decoder in the order of the capture, which may show the
pong first. Where both times are known they decide what came first, else the order of the calls.
"""

from __future__ import annotations

from typing import NamedTuple

from wsdebug.model.facts import Fact, PongDiffers, Unsolicited
from wsdebug.model.limits import Limits
from wsdebug.model.place import NEITHER, SIDES, Side, Span

_ROUND_TRIPS = 4_096


class Beat(NamedTuple):
    """A ping or pong: `end` is the offset behind it in its side's TCP stream (heads included)."""

    frame: int
    end: int
    time: int | None
    payload: bytes
    span: Span
    order: int = 0
    """Of the calls, over both sides."""
    acknowledged: int | None = None
    """Bytes of the other side's TCP stream acknowledged by the packet that brought it."""


class Liveness:
    """The pings of each side that wait for their pong, and what the pongs told."""

    __slots__ = (
        "_ended", "_limits", "_loose", "_uncounted", "closed", "is_crowded", "lossy", "pings",
        "pongs", "round_trips", "waiting",
    )  # fmt: skip

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self.pings = 0
        self.pongs = 0
        self.round_trips: list[int] = []
        """Nanoseconds from ping to pong, the last 4 096 of them in no certain order."""
        self.waiting: dict[Side, list[Beat]] = {Side.CLIENT: [], Side.SERVER: []}
        """Pings of that side without a pong, oldest first; where more than `Limits.pings` wait,
        the first one and the newest."""
        self.closed = NEITHER
        """Sides that have sent a Close."""
        # Hardly a connection has any of these, and tens of thousands may be open: nothing is made
        # before it is needed.
        self._loose: dict[Side, list[Beat]] = {}
        """Pongs of that side which no ping explains yet."""
        self._uncounted: dict[Side, int] = {}
        """Loose pongs that were too many to keep."""
        self.is_crowded = False
        """More waited than `Limits.pings`."""
        self.lossy = NEITHER
        """Sides of which frames may be missing."""
        self._ended = NEITHER

    def lose(self, side: Side) -> None:
        """Frames of that side may be missing: nothing is held against the other's pongs."""
        self.lossy |= {side}

    def unsure(self, side: Side, beat: Beat, *, is_ping: bool) -> None:
        """A ping or pong behind a hole: it is counted, and may answer, but nothing is wanted of
        or held against it.
        """
        if is_ping:
            self.pings += 1
            return
        self.pongs += 1
        waiting = self.waiting[side.other]
        for index in range(len(waiting) - 1, -1, -1):
            if waiting[index].payload == beat.payload and _not_after(waiting[index], beat):
                self._note_round_trip(waiting[index], beat)
                del waiting[: index + 1]
                return

    def ping(self, side: Side, beat: Beat) -> None:
        """A ping of `side`; its pong may have come before it here."""
        self.pings += 1
        loose = self._loose.get(side.other, [])
        beat = beat._replace(order=self.pings + self.pongs)
        for index, pong in enumerate(loose):
            if pong.payload == beat.payload and _not_after(beat, pong):
                del loose[index]
                self._note_round_trip(beat, pong)
                return
        waiting = self.waiting[side]
        waiting.append(beat)
        if len(waiting) > self._limits.pings:
            self.is_crowded = True
            del waiting[1 if len(waiting) > 1 else 0]

    def pong(self, side: Side, beat: Beat) -> None:
        """A pong of `side`: it answers the ping it echoes and all that went before that one."""
        self.pongs += 1
        beat = beat._replace(order=self.pings + self.pongs)
        waiting = self.waiting[side.other]
        for index in range(len(waiting) - 1, -1, -1):
            ping = waiting[index]
            if ping.payload == beat.payload and _not_after(ping, beat):
                del waiting[: index + 1]
                self._note_round_trip(ping, beat)
                return
        loose = self._loose.setdefault(side, [])
        if len(loose) < self._limits.pings:
            loose.append(beat)
        else:
            self.is_crowded = True
            self._uncounted[side] = self._uncounted.get(side, 0) + 1

    def _note_round_trip(self, ping: Beat, pong: Beat) -> None:
        if ping.time is None or pong.time is None or pong.time < ping.time:
            return
        if len(self.round_trips) < _ROUND_TRIPS:
            self.round_trips.append(pong.time - ping.time)
        else:
            self.round_trips[self.pongs % _ROUND_TRIPS] = pong.time - ping.time

    def end(self, side: Side) -> list[Fact]:
        """A side is over; with the second one it is certain what its pongs were."""
        was_over = len(self._ended) == 2
        self._ended |= {side}
        if was_over or len(self._ended) < 2 or not self._loose:
            return []
        return [fact for side in SIDES for fact in self._verdict(side)]

    def _verdict(self, side: Side) -> list[Fact]:
        """PongDiffers for a pong while a ping waited in vain, Unsolicited for the rest."""
        if side.other in self.lossy:
            return []
        facts: list[Fact] = []
        unasked: list[Beat] = []
        for pong in self._loose.get(side, ()):
            waited = [ping for ping in self.waiting[side.other] if _not_after(ping, pong)]
            if waited:
                facts.append(PongDiffers(pong.span, pong.frame, pong.payload, waited[0].payload))
            else:
                unasked.append(pong)
        count = len(unasked) + self._uncounted.get(side, 0)
        if unasked:
            facts.append(Unsolicited(unasked[0].span, unasked[0].frame, count))
        return facts


def _not_after(ping: Beat, pong: Beat) -> bool:
    """Whether the ping had arrived when the pong was sent: its packet acknowledges it. Failing
    that, clocks tell, which may go backwards.
    """
    if pong.acknowledged is not None:
        return pong.acknowledged >= ping.end
    if ping.time is None or pong.time is None:
        return ping.order <= pong.order
    return ping.time <= pong.time
