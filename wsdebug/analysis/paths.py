"""Legs of a proxy that draws a Sec-WebSocket-Key of its own: known by time and payload.

Such a proxy asks its server while its client waits: the second handshake lies within the first, and
comes from where the first went. That is only a supposition, for many a server opens a connection of
its own in that moment. Legs of one path it makes only if, when both are over, the server's frames
began with the same bytes on both and each side sent as many bytes and frames on both.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from wsdebug.analysis.tracker import Tracker, half_of
from wsdebug.model.handshake import Handshake
from wsdebug.model.place import SIDES, Side

FEWEST = 24
"""Bytes of the server's frames below which two streams are alike by chance."""
LAG = 1_000_000_000
"""Nanoseconds by which the last payload may differ between the legs."""
_RECENT = 4
_ADDRESSES = 10_000


class Shake(NamedTuple):
    """An accepted handshake."""

    leg: Any
    """Whose: a `Tracker`, or a `Usual` one whose packets wait."""
    stream: int
    """Its tcp.stream."""
    client: bytes
    """Address."""
    server: tuple[bytes, int]
    """Address and port."""
    packets: tuple[int | None, int | None]
    """Of request and answer."""


def shake_of(tracker: Tracker, handshake: Handshake) -> Shake:
    """That of a connection which is read."""
    client, server = half_of(tracker.flow, Side.CLIENT), half_of(tracker.flow, Side.SERVER)
    heads = (handshake.request, handshake.response)
    asked, answered = (head.packet if head is not None else None for head in heads)
    peer = server.address, server.port
    return Shake(tracker, tracker.flow.index, client.address, peer, (asked, answered))


class Nested:
    """The latest accepted handshakes of each client address."""

    def __init__(self) -> None:
        self._recent: dict[bytes, list[Shake]] = {}

    def behind(self, front: Shake) -> Any:
        """The one open connection whose handshake lay within this one's, and came from where this
        one went; None if there are several. The connection itself is remembered as well.
        """
        found = self.within(front)
        self.remember(front)
        return found[0].leg if len(found) == 1 else None

    def replace(self, front: Shake) -> None:
        """Another one stands for the connection, if it is still remembered."""
        recent = self._recent.get(front.client, [])
        recent[:] = [front if one.stream == front.stream else one for one in recent]

    def within(self, front: Shake) -> list[Shake]:
        """All that could be behind it."""
        return [
            back
            for back in self._recent.get(front.server[0], ())
            if back.stream != front.stream
            and _lies_within(back, front)
            and back.server != front.server
        ]

    def forget(self, client: bytes, stream: int) -> None:
        """It is over."""
        recent = self._recent.get(client, ())
        if len(recent) > 1:
            self._recent[client] = [one for one in recent if one.stream != stream]
        elif recent and recent[0].stream == stream:
            del self._recent[client]

    def remember(self, front: Shake) -> None:
        """The latest few of an address are kept: this may push out another one."""
        recent = self._recent.get(front.client)
        if recent is None:
            self._recent[front.client] = [front]
            if len(self._recent) > _ADDRESSES:
                del self._recent[next(iter(self._recent))]
            return
        for place, one in enumerate(recent):
            if one.stream == front.stream:
                recent[place] = front
                break
        else:
            recent.append(front)
        del recent[:-_RECENT]


def _lies_within(inner: Shake, outer: Shake) -> bool:
    asked, answered = outer.packets
    packets = [packet for packet in (asked, *inner.packets, answered) if packet is not None]
    return len(packets) == 4 and packets == sorted(packets)


def leads_elsewhere(one_leg: Tracker, other_leg: Tracker) -> bool:
    """Whether the two go to different servers, as the legs of a path do."""
    one, other = (half_of(each.flow, Side.SERVER) for each in (one_leg, other_leg))
    return (one.address, one.port) != (other.address, other.port)


def carry_the_same(front: Tracker, back: Tracker) -> bool:
    """Whether two connections that are over carried the same payload at the same time."""
    if len(front.greeting) < FEWEST or front.greeting != back.greeting:
        return False
    return all(_are_alike(front, back, side) for side in SIDES)


def _are_alike(front: Tracker, back: Tracker, side: Side) -> bool:
    one, other = front.decoder.streams.get(side), back.decoder.streams.get(side)
    if one is None or other is None or one.gaps or other.gaps or one.counts != other.counts:
        return False
    sizes = [
        half_of(leg.flow, side).offset - leg.decoder.base.get(side, 0) for leg in (front, back)
    ]
    last = [half_of(leg.flow, side).last_data for leg in (front, back)]
    times = [stamp[1] for stamp in last if stamp is not None and stamp[1] is not None]
    return sizes[0] == sizes[1] and (len(times) < 2 or abs(times[0] - times[1]) <= LAG)
