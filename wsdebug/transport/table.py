"""The connections of a capture by address and port: live ones, and stubs of the others."""

from __future__ import annotations

from collections.abc import Callable

from wsdebug.model.place import Packet
from wsdebug.model.tcp import EventKind
from wsdebug.transport.flow import Flow, Opener
from wsdebug.transport.flow_key import reverse_key
from wsdebug.transport.half import MASK, Half
from wsdebug.transport.ip import Header
from wsdebug.transport.parked import MOST, Parked, ParkedHalf, park
from wsdebug.transport.segment import ACK, RST, SYN, Segment

_NEAR = 1 << 24
"""Bytes: numbers further from where a stream stands are another's. Two streams of like addresses
are that near once in 128 times."""
_WORD = 33
"""Bits of a sequence number, and of -1 beside them."""
_EVICTED_SHARE = 16
"""A full table gives up this fraction at once: looking for the oldest goes over all of them, and
must cost no more than the packets that filled the table."""


class Stub:
    """What is left of a connection nobody wants: enough to know its SYNs from those of a new
    one on the same ports. One for both directions; sequence numbers are -1 where not known.
    """

    __slots__ = ("_bases", "forward", "is_over", "last_number")

    def __init__(
        self, forward: bytes, bases: tuple[int, int], last_number: int, *, is_over: bool
    ) -> None:
        self.forward = forward
        # Both in one number: there is one of these for each connection of a capture.
        self._bases = bases[0] + 1 << _WORD | bases[1] + 1
        self.is_over = is_over
        self.last_number = last_number

    def base(self, key: bytes) -> int:
        """The sequence number at which the direction of that key began."""
        bases = self._bases
        return (bases >> _WORD if key == self.forward else bases & (1 << _WORD) - 1) - 1


class Table:
    """Finds the half a packet belongs to; makes connections, forgets the least recently used."""

    def __init__(
        self, opener: Opener, most: int, most_events: int, given_up: dict[str, int]
    ) -> None:
        self.live: dict[bytes, Half] = {}
        self.stubs: dict[bytes, Stub] = {}
        self.parked: dict[bytes, ParkedHalf] = {}
        """Both directions of connections whose packets wait."""
        self.made = 0
        """Connections so far: the next one's tcp.stream."""
        self.close: Callable[[Flow], None] = Flow.ignore
        self.leaving: Callable[[Flow], None] | None = None
        """Called once for each connection, wanted or not, before it becomes a stub."""
        self._over: list[Flow] = []
        self._opener = opener
        self._most = most
        self._most_events = most_events
        self._given_up = given_up

    @property
    def is_full(self) -> bool:
        """Whether a new connection takes an old one's place."""
        return len(self.live) + len(self.stubs) + len(self.parked) >= 2 * self._most

    def add(
        self,
        key: bytes,
        number: int,
        time: int | None,
        network: bytes = b"",
        index: int | None = None,
    ) -> Half:
        """A new connection; returns the half that sent the packet. `index`: it was counted when its
        packets were parked.
        """
        if self.is_full:
            self._evict()
        if index is None:
            index, self.made = self.made, self.made + 1
        flow = Flow(index, key, self._opener, self._forget, self._most_events)
        flow.start, flow.first_packet, flow.network = time, number, network
        for each, half in ((reverse_key(key), flow.second), (key, flow.first)):
            self.stubs.pop(each, None)
            self.live[each] = half
        return flow.first

    # ---- connections whose packets wait ------------------------------------------------------
    def park(
        self, packet: Packet, time: int, keys: tuple[bytes, bytes], seq: int, ttl: int
    ) -> Parked | None:
        """A new connection, of which this is the SYN, with the keys of both directions, which
        differ; None where there is no room for one more.
        """
        waiting = self.parked
        most = 2 * self._most - len(self.live) - len(self.stubs)
        if len(waiting) >= 2 * MOST or len(waiting) >= most:
            return None
        parked = park(self.made, *keys, packet, time, seq, ttl)
        self.made += 1
        key, back = keys
        self.stubs.pop(key, None)
        self.stubs.pop(back, None)
        waiting[key], waiting[back] = parked.client, parked.server
        return parked

    def unpark(self, parked: Parked) -> None:
        """It waits no more."""
        parked.is_gone = True
        del self.parked[parked.key], self.parked[parked.back]

    def settle(self, parked: Parked) -> None:
        """It is over, and was read where it waited."""
        self.unpark(parked)
        one, other = parked.client, parked.server
        # Behind the first byte and FIN stand `sent` numbers.
        bases = (one.next - one.sent) & MASK, (other.next - other.sent) & MASK
        stub = Stub(parked.key, bases, parked.last_number, is_over=True)
        self.stubs[parked.key] = self.stubs[parked.back] = stub

    def key_in(self, header: Header) -> bytes:
        """The key of a segment from a tunnel that keeps address spaces apart.

        One connection is often captured inside a tunnel and outside, or in two networks that a
        router joins: that is one connection, under the plain key as for Wireshark. Only where the
        numbers cannot be those of the connection under that key is it another network's, with
        the same addresses and ports, and gets a key with the network in it.
        """
        apart = header.key + header.network
        if apart in self.live or apart in self.stubs:
            return apart
        half = self.live.get(header.key)
        if half is None or half.flow.network == header.network or _fits(half, header):
            return header.key
        return apart

    def reused(self, half: Half, segment: Segment) -> bool:
        """Whether this SYN begins another connection on the ports of `half`'s."""
        flow, header = half.flow, segment.header
        if half.base < 0:  # nothing of this side yet: with data of the peer a SYN comes too late
            return not header.bits & ACK and (flow.is_over or half.peer.offset > 0)
        return _is_reuse(header.bits, (header.seq + 1) & MASK != half.base, flow.is_over)

    def revive(self, key: bytes, stub: Stub, bits: int, seq: int) -> bool:
        """Look at a SYN, FIN or RST of an unwanted connection: does it begin another one?"""
        if bits & RST:
            stub.is_over = True
        if not bits & SYN:
            return False
        base = stub.base(key)
        differs = base < 0 or (seq + 1) & MASK != base
        return _is_reuse(bits, differs, stub.is_over)

    def _forget(self, flow: Flow) -> None:
        if self.leaving is not None:
            self.leaving(flow)
        key = _key(flow)
        bases = flow.first.base, flow.second.base
        stub = Stub(key, bases, flow.last_packet, is_over=flow.is_over)
        for half, each in ((flow.first, key), (flow.second, reverse_key(key))):
            self.live.pop(each, None)
            self.stubs[each] = stub
            half.feed = half.opening = _drop
            half.waiting, half.tail = None, b""
        self._over.append(flow)

    def part(self) -> None:
        """Take apart the flows that were forgotten; to be called when nobody is at work on one."""
        for flow in self._over:
            flow.first.part()
            flow.second.part()
        self._over.clear()

    def _evict(self) -> None:
        """Give up the least recently used connections."""
        share = max(1, self._most // _EVICTED_SHARE)
        flows = [half.flow for half in self.live.values() if half is half.flow.first]
        stubs = [(key, stub) for key, stub in self.stubs.items() if key == stub.forward]
        numbers = [flow.last_packet for flow in flows] + [stub.last_number for _, stub in stubs]
        numbers.sort()
        newest = numbers[min(share, len(numbers)) - 1] if numbers else -1
        for flow in flows:
            if flow.last_packet <= newest and not flow.ignored:
                flow.limits_hit |= {"flows"}
                self.close(flow)
                self._drop(_key(flow))
        for key, stub in stubs:
            if stub.last_number <= newest:
                self._drop(key)

    def _drop(self, key: bytes) -> None:
        """Forget even the stub."""
        if self.stubs.pop(key, None) is not None:
            self.stubs.pop(reverse_key(key), None)
            self._given_up["flows"] = self._given_up.get("flows", 0) + 1


def note_reuse(half: Half, segment: Segment) -> None:
    """Tell the old connection why it is over."""
    half.flow.note(EventKind.PORT_REUSE, half, segment.at)


def _is_reuse(bits: int, differs: bool, is_over: bool) -> bool:
    # A SYN with another number is a new connection, as for Wireshark; one with the same number
    # is a retransmission, but not after a FIN or RST. A SYN-ACK may answer a SYN that the
    # capture lacks.
    if bits & ACK:
        return differs and is_over
    return differs or is_over


def _fits(half: Half, header: Header) -> bool:
    """Whether a segment may be one of `half`'s, by its numbers."""
    if half.base < 0:  # nothing of this side yet: what it acknowledges must be the peer's
        half, number = half.peer, header.ack
        if not header.bits & ACK:
            return False
    else:
        number = header.seq + (header.bits & SYN) // SYN
    return (number - half.base - half.offset + _NEAR) & MASK < 2 * _NEAR


def _key(flow: Flow) -> bytes:
    first, second = flow.first, flow.second
    ports = first.port.to_bytes(2, "big") + second.port.to_bytes(2, "big")
    return first.address + second.address + ports + (flow.network if flow.is_apart else b"")


def _drop(data: bytes, mark: object) -> None:
    """Stand in for `half.feed` of an ignored connection."""
