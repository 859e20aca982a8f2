"""One TCP segment on the slow path, and whether the capture holds its packet twice."""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from collections.abc import Sequence
from operator import itemgetter

from wsdebug.model.place import Packet
from wsdebug.transport.half import Stamp
from wsdebug.transport.ip import Header

FIN, SYN, RST, ACK = 1, 2, 4, 16  # RFC 9293 3.1

_LOOK_BACK = 64
_TWICE = 5_000_000
_IPV6_KEY = 36


class Segment:
    """A packet with its TCP header; `now` is the capture's clock in nanoseconds, which stands
    still at a packet without a time.
    """

    __slots__ = ("at", "data", "header", "now", "number", "size", "time")

    def __init__(
        self, number: int, time: int | None, now: int, data: bytes, header: Header
    ) -> None:
        self.number = number
        self.time = time
        self.now = now
        self.data = data
        self.header = header
        self.at: Stamp = (number, time)
        """Packet and time."""
        self.size = header.end - header.start
        """Payload bytes on the wire."""

    @property
    def payload(self) -> bytes:
        """Payload bytes captured."""
        return self.data[self.header.start : self.header.end]

    @property
    def ip_id_offset(self) -> int | None:
        """Where the IPv4 identification stands (RFC 791 3.1); IPv6 has none."""
        if len(self.header.key) >= _IPV6_KEY:
            return None
        return self.data.rfind(self.header.key[:8], 0, self.header.tcp) - 8

    @property
    def ip_id(self) -> int | None:
        """The IPv4 identification."""
        at = self.ip_id_offset
        return None if at is None else int.from_bytes(self.data[at : at + 2], "big")


class Recent:
    """The last packets of the capture, to find a packet that was captured twice (two mirror
    ports, the "any" device, both sides of a router).
    """

    __slots__ = ("_batch", "_before", "_made")

    def __init__(self) -> None:
        self._batch: Sequence[Packet] = ()
        self._before: Sequence[Packet] = ()
        self._made: deque[Packet] = deque(maxlen=_LOOK_BACK)

    def follow(self, batch: Sequence[Packet]) -> None:
        """Another batch has come."""
        before = self._batch[-_LOOK_BACK:]
        if len(before) < _LOOK_BACK:
            before = [*self._before, *before][-_LOOK_BACK:]
        self._before = before
        self._batch = batch

    def put_together(self, packet: Packet) -> None:
        """A packet that came in fragments: as it was before that, it is in no batch."""
        self._made.append(packet)

    def has(self, segment: Segment) -> bool:
        """Whether one of the 64 packets before, at most 5 ms old, is the same IP packet: same
        TCP header and payload, same IP-ID. Link header, TTL and IP checksum may differ.
        """
        index = bisect_left(self._batch, segment.number, key=lambda packet: packet[0])
        before = self._batch[max(0, index - _LOOK_BACK) : index]
        if len(before) < _LOOK_BACK:
            before = [*self._before[len(before) - _LOOK_BACK :], *before]
        tcp, ip_id = segment.header.tcp, segment.ip_id_offset
        head, rest = segment.data[tcp : tcp + 16], segment.data[tcp + 18 : segment.header.end]
        earlier = before
        if self._made:
            least = before[0][0] if before else 0
            made = [one for one in self._made if least <= one[0] < segment.number]
            earlier = sorted([*before, *made], key=itemgetter(0))
        for _, time, _, data, _, _ in reversed(earlier):
            if time is not None and segment.now - time > _TWICE:
                return False
            at = data.find(head)
            if at < 0 or not data.startswith(rest, at + 18):
                continue
            if ip_id is None:
                return True
            other = at - tcp + ip_id
            if other >= 0 and data[other : other + 2] == segment.data[ip_id : ip_id + 2]:
                return True
        return False
