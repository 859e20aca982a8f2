"""All that a cause may look at: a finished connection, its life, and a few figures of each side.

Plain data: no packets, no decoder. Made once for each connection that did not simply end well.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from wsdebug.diagnosis.betrayed import Betrayed, betrayed
from wsdebug.diagnosis.ending import Verdict
from wsdebug.diagnosis.life import Life, SideLife, Stamp
from wsdebug.diagnosis.timeouts import Wait, wait_before
from wsdebug.model.once import once
from wsdebug.model.place import SIDES, Side
from wsdebug.model.report import Connection, Evidence, Finding
from wsdebug.model.tcp import Ladder

SECOND = 1_000_000_000


class Ping(msgspec.Struct, frozen=True):
    """A ping that never got its pong."""

    frame: int
    at: Stamp
    end: int
    """Offset behind it in its side's TCP stream."""


class LastFrame(msgspec.Struct, frozen=True):
    """The last frame of a side that is no Close."""

    number: int
    opcode: int
    length: int
    """As its header declares it, in bytes."""
    at: Stamp


class SideScene(msgspec.Struct, frozen=True):
    """What one side sent, besides its life."""

    last: LastFrame | None = None
    pings: Sequence[Ping] = ()
    """Its pings without a pong, oldest first."""
    ladders: Sequence[Ladder] = ()
    acks: Sequence[tuple[int | None, int]] = ()
    """When the other side acknowledged how many bytes of its stream: times thinned to a second."""
    zero_windows: Sequence[tuple[int | None, int | None]] = ()
    """When it could take nothing more: (from, until) in ns; until None: to the end."""
    first: Stamp | None = None
    """Of the client: its first frame, if that came behind the 101."""
    base: int = 0
    """Offset of its first frame in its TCP stream."""
    last_packet: Stamp | None = None
    """Its last packet of any kind."""
    rst_is_bare: bool = False
    """Its RST has IP-ID 0: that of a socket already closed, or of nobody."""
    opening: bytes = b""
    """Of a TLS connection: the first bytes."""

    @property
    def shut(self) -> tuple[int, int | None] | None:
        """Its longest zero window, if that lasted 5 s or more; one that never ended is longest."""
        known = [(begin, until) for begin, until in self.zero_windows if begin is not None]
        long = [one for one in known if one[1] is None or one[1] - one[0] >= 5 * SECOND]
        return max(long, key=_length, default=None)

    def acked_beyond(self, offset: int) -> bool:
        """Whether the other side acknowledged its stream up to `offset`."""
        return any(acked >= offset for _, acked in self.acks)


def _length(window: tuple[int, int | None]) -> float:
    return float("inf") if window[1] is None else window[1] - window[0]


class Scene(msgspec.Struct, frozen=True, dict=True):
    """One connection, whole. `legs`: the other legs of its path, in the order of their requests,
    this one left out; `is_front` where this one's request came first.
    """

    connection: Connection
    life: Life
    verdict: Verdict
    client: SideScene = SideScene()
    server: SideScene = SideScene()
    answer: str | None = None
    """First line of what came back on an upgrade request in place of a response."""
    body: bytes = b""
    """How the page began that refused the upgrade."""
    is_proxied: bool = False
    """A PROXY protocol header stood in front of the request."""
    legs: Sequence[Scene] = ()
    is_front: bool = True

    @once
    def betrayed(self) -> Betrayed:
        """The software that the handshake names."""
        return betrayed(self.connection.handshake)

    @once
    def known(self) -> dict[str, Any]:
        """What was worked out of this scene and is asked for by many causes."""
        return {}

    @once
    def wait(self) -> Wait | None:
        """What it had waited for when the first Close, FIN or RST came."""
        end = self.end
        return wait_before(self.life, end) if end is not None else None

    @property
    def findings(self) -> Sequence[Finding]:
        """Of the connection."""
        return self.connection.findings

    @property
    def end(self) -> Stamp | None:
        """The first Close, FIN or RST of either side."""
        return self.life.end

    @property
    def is_open(self) -> bool:
        """The upgrade succeeded, or lies before the capture."""
        return self.life.handshake in ("accepted", "not-captured")

    @property
    def ender(self) -> Side | None:
        """The side whose Close, FIN or RST came first."""
        end = self.end
        if end is None:
            return None
        return next(side for side in SIDES if self.life.side(side).terminal == end)

    @property
    def has_gaps(self) -> bool:
        """Bytes are missing, or could not be read as frames."""
        one = self.connection
        return bool(one.gaps or one.unsynchronised) or not all(map(self.is_complete, SIDES))

    def is_complete(self, side: Side) -> bool:
        """From its first captured byte to its end nothing of the side's stream is missing."""
        return self.life.side(side).is_complete

    @property
    def round_trip(self) -> int:
        """The slowest ping and pong, in ns; 0 where there was none."""
        trips = self.connection.liveness.rtt_ms
        return int(trips.max * 1e6) if trips is not None else 0

    @property
    def usual_trip(self) -> int:
        """The middle of the pings' and pongs' times, in ns: one slow pong is no long way."""
        trips = self.connection.liveness.rtt_ms
        return int(trips.median * 1e6) if trips is not None else 0

    def side(self, side: Side) -> SideScene:
        """What is known of a side."""
        return self.client if side is Side.CLIENT else self.server

    def fatal(self) -> Iterator[Finding]:
        """The findings at which a receiver had to fail the connection."""
        return (finding for finding in self.findings if finding.fatal)

    def named(self, *names: str) -> list[Finding]:
        """The findings of these names."""
        return [finding for finding in self.findings if finding.name in names]

    def active_before(self, time: int) -> int | None:
        """When either side last got new bytes acknowledged before `time`, in ns, to a second."""
        times = [
            at
            for side in SIDES
            for at, _ in self.side(side).acks
            if at is not None and at < time - SECOND // 20
        ]
        return max(times, default=None)

    def since_101(self, stamp: Stamp) -> float | None:
        """Seconds from the 101 to `stamp`."""
        start = self.life.responded
        if start is None or start.time is None or stamp.time is None:
            return None
        return (stamp.time - start.time) / SECOND


def quiet_end(scene: Scene) -> tuple[Side, SideLife] | None:
    """Who ended an open connection by FIN or RST with no Close before it, and how it did."""
    ender = scene.ender
    if scene.verdict.how not in ("fin", "rst") or ender is None or not scene.is_open:
        return None
    return ender, scene.life.side(ender)


def shown(finding: Finding, text: str) -> Evidence:
    """Evidence at the place of a finding."""
    return Evidence(text, finding.side, finding.frame, finding.packet)


def seen(stamp: Stamp | None, side: Side | None, text: str, frame: int | None = None) -> Evidence:
    """Evidence in a packet."""
    return Evidence(text, side, frame, stamp.packet if stamp is not None else None)
