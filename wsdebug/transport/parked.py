"""Connections whose packets wait until it is known whether they went as others before.

A busy server's capture holds tens of thousands of short connections in which TCP did nothing worth
a word. Of these each packet is asked only what makes it unremarkable: the next number, no flag but
ACK, an open window, no more acknowledged than was sent, time that does not run back. At the first
packet that is anything else, and wherever somebody wants to know more, the packets that waited are
read as those of any other connection (`Transport`), so nothing is decided here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, TypeAlias

from wsdebug import compiled
from wsdebug.model.place import Mark, Packet
from wsdebug.transport.half import LATEST
from wsdebug.transport.segment import ACK, FIN, SYN

Take: TypeAlias = Callable[[bytes, Mark], bool]
"""The next bytes of a side; False where they are out of the ordinary."""

NOT, TAKEN, OVER = 0, 1, 2
"""What came of a packet. Over: with it both sides have sent their FIN."""
MOST = 8_192
"""Connections that wait at one time."""
_MOST_PACKETS = 64
MOST_BYTES = 12 << 10
"""Of one connection, in packets and in bytes as captured, whatever stands behind the payload: at
most 96 MiB wait. With what is around them that makes 220 MiB where each is a tuple, and 120 MiB
where they are bytes in a row, that is compiled (measured).
"""
_FLAGS = 0x17
"""ACK, RST, SYN, FIN (RFC 9293 3.1)."""
_HALF_SPACE = 0x40000000
_END = 1 << 32


class Parking(Protocol):
    """Who says what is ordinary."""

    def begin(self, parked: Parked) -> None:
        """A connection has sent its SYN: set `feed` of both sides."""

    def over(self, parked: Parked) -> bool:
        """It is over, every byte and both FINs acknowledged. False: it was not ordinary."""

    def left(self, parked: Parked) -> None:
        """It is read as any other, from its first packet on."""


class ParkedHalf:
    """One direction. `sent` and `acked` count bytes of a stream from 0, and its FIN as one more:
    what this side sent, and what it acknowledged of the other.
    """

    __slots__ = ("ack", "acked", "feed", "fin", "next", "peer", "sent", "ttl", "whole")

    peer: ParkedHalf

    def __init__(self, whole: Parked) -> None:
        self.whole = whole
        self.next = self.ack = -1
        self.sent = self.acked = 0
        self.ttl: int | None = None
        self.fin: tuple[int, int] | None = None
        self.feed: Take = refuse

    def take(
        self, packet: Packet, seq: int, ack: int, flags: int, window: int, ttl: int, start: int,
        end: int,
    ) -> int:  # fmt: skip
        """The next packet of this side. Where it is `NOT` taken nothing is kept of it."""
        number, time, _, data, _, _ = packet
        if time is None or time >= LATEST or not start <= end <= len(data):
            return NOT
        whole, step = self.whole, ack - self.ack
        whole.size += len(data)
        if whole.size > MOST_BYTES or len(whole.packets) >= _MOST_PACKETS:
            return NOT
        acked = self.acked + step
        if (
            seq != self.next
            or not window
            or time < whole.last_time
            or not 0 <= step <= _HALF_SPACE
            or acked > self.peer.sent
        ):
            return self._answer(packet, time, seq, ack, flags, window, ttl, end - start)
        kind, size = flags & _FLAGS, end - start
        if kind == ACK:
            if size:
                if self.fin is not None:
                    return NOT
                if not self.feed(data[start:end], (number, time, acked)):
                    return NOT
                self.next = seq + size  # at 2**32 nothing fits any more
                self.sent += size
        elif kind == ACK | FIN and not size and self.fin is None:
            self.fin = number, time
            self.next = seq + 1
            self.sent += 1
        else:
            return NOT
        self.ack, self.acked, self.ttl = ack, acked, ttl
        whole.last_time = time
        whole.packets.append(packet)
        return OVER if kind != ACK and self.peer.fin is not None else TAKEN

    def _answer(
        self, packet: Packet, time: int, seq: int, ack: int, flags: int, window: int, ttl: int,
        size: int,
    ) -> int:  # fmt: skip
        """A SYN-ACK (RFC 9293 3.5), if it is the other side's first packet."""
        whole, peer = self.whole, self.peer
        if self.next >= 0 or flags & _FLAGS != ACK | SYN or size or ack != peer.next or not window:
            return NOT
        if time < whole.last_time or seq + 1 >= _END:
            return NOT
        self.next = peer.ack = seq + 1
        self.ack, self.ttl = ack, ttl
        whole.last_time = time
        whole.packets.append(packet)
        return TAKEN


class Parked:
    """One connection. `index` is Wireshark's tcp.stream, `back` the key of the other direction;
    times are ns. Who sent the SYN is the client.
    """

    __slots__ = (
        "back", "client", "index", "is_gone", "key", "last_time", "packets", "server", "size",
        "start", "usual",
    )  # fmt: skip

    def __init__(
        self, index: int, key: bytes, back: bytes, packet: Packet, time: int, seq: int, ttl: int
    ) -> None:
        self.index, self.key, self.back = index, key, back
        self.packets = [packet]
        """What is compiled keeps bytes and makes these anew for each who asks."""
        self.start = self.last_time = time
        self.size = len(packet[3])
        self.is_gone = False
        self.usual: Any = None
        """What `Parking` knows of it."""
        self.client, self.server = ParkedHalf(self), ParkedHalf(self)
        self.client.peer, self.server.peer = self.server, self.client
        self.client.next, self.client.ttl = seq + 1, ttl

    @property
    def first_number(self) -> int:
        """The number of the first packet that waits."""
        return self.packets[0][0]

    @property
    def last_number(self) -> int:
        """The number of the last one."""
        return self.packets[-1][0]

    @property
    def is_settled(self) -> bool:
        """Whether both FINs were sent and acknowledged, and with them every byte."""
        one, other = self.client, self.server
        is_over = one.fin is not None and other.fin is not None
        return is_over and one.acked == other.sent and other.acked == one.sent

    def part(self) -> None:
        """Nothing leads in a circle any more, so that the memory is free at once."""
        self.is_gone, self.usual, self.packets = True, None, []
        for half in (self.client, self.server):
            half.feed = refuse
            del half.peer
        del self.client, self.server


def begins(bits: int, size: int) -> bool:
    """Whether a segment may begin a connection that waits: a SYN and nothing else."""
    return bits & _FLAGS == SYN and not size


def refuse(data: bytes, mark: Mark) -> bool:  # noqa: ARG001 - stands for `Take`
    """Bytes that do not come in the usual course."""
    return False


park: type[Parked] = Parked if compiled.parked is None else compiled.parked.Parked
"""Makes a connection of which only the SYN has come."""
