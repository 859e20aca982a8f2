"""Packets to connections: the loop that every packet of a capture goes through."""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence

from wsdebug.model.limits import DEFAULT_LIMITS, Limits
from wsdebug.model.place import Packet
from wsdebug.transport.assembly import Assembly, linger
from wsdebug.transport.flow import Flow, Opener
from wsdebug.transport.half import Half
from wsdebug.transport.holes import TAIL
from wsdebug.transport.ip import TCP, Header
from wsdebug.transport.link import ETHERNET
from wsdebug.transport.lot import Lot
from wsdebug.transport.parked import OVER, Parked, Parking
from wsdebug.transport.segment import ACK, SYN, Segment
from wsdebug.transport.table import Table, note_reuse
from wsdebug.transport.unwrap import Unwrapper

# Ethernet, IP and TCP without options in between, as far as a segment in order needs them.
# IPv4: EtherType, version with header length, total length, fragment field, TTL, protocol.
_IPV4 = struct.Struct("!12xHBxH2xHBB2x12sIIBBH")
# IPv6: EtherType, (version, class, label), payload length, next header, hop limit.
_IPV6 = struct.Struct("!12xHIHBB36sIIBBH")
# Both: addresses with ports, sequence, acknowledgement, data offset, flags, window.
_DONT_FRAGMENT = 0x4000
_HALF_SPACE = 0x40000000
_NOWHERE = 1 << 29
# By the byte with the data offset, where the payload begins behind 34 bytes of Ethernet and IPv4;
# behind every packet where it is too small (RFC 9293 3.1). By the flags, whether a segment is ACK
# or data and no SYN, FIN or RST. Tuples: looking something up costs less than shifting bits.
_BEHIND_TCP = tuple(34 + (byte >> 4) * 4 if byte >= 0x50 else _NOWHERE for byte in range(256))
_IS_PLAIN = tuple(flags & 0x17 == ACK for flags in range(256))


class Transport:
    """Takes packets in capture order and calls `opener` for each connection that carries bytes.

    `leaving` is told of every connection once, wanted or not: when nobody wants it any more, or it
    is over. `skipped` counts what was no TCP segment, by name; `limits` what was given up, by
    limit.
    """

    def __init__(
        self,
        opener: Opener,
        limits: Limits = DEFAULT_LIMITS,
        leaving: Callable[[Flow], None] | None = None,
    ) -> None:
        self.limits: dict[str, int] = {}
        self._unwrapper = Unwrapper(limits, self.limits)
        self.skipped = self._unwrapper.skipped
        self._assembly = Assembly(limits, self.limits)
        self._table = Table(opener, limits.flows, limits.events, self.limits)
        self._table.close = self._close
        self._table.leaving = leaving
        self._lot: Lot | None = None
        self._number = self._now = 0

    def park(self, parking: Parking | None) -> None:
        """Whose packets wait, to be said before the first one; None: nobody's."""
        self._lot = None
        if parking is not None:
            self._lot = Lot(self._table, self._assembly.alarms, parking, self._again, self._wake)

    @property
    def tcp_connections(self) -> int:
        """TCP connections seen so far, wanted or not."""
        return self._table.made

    @property
    def now(self) -> int:
        """The time of the packet at which something happened last, in ns; 0 before that."""
        return self._now

    @property
    def number(self) -> int:
        """That packet's."""
        return self._number

    @property
    def cut_packets(self) -> int:
        """Segments that the capture holds only up to its snap length."""
        return self._assembly.cut_packets

    @property
    def contradicting_fragments(self) -> tuple[int, int | None]:
        """IP packets refused because their fragments contradict each other; the first's number."""
        fragments = self._unwrapper.fragments
        return fragments.contradicting, fragments.first_contradicting

    def consume(self, batch: Sequence[Packet]) -> None:
        """Take the next packets.

        One loop with everything in local variables: a call for each packet would cost more than
        the packet. It takes the plain case (Ethernet, IP without options, ACK or data in order,
        window open) and hands the rest to `_slow`.
        """
        assembly, lot = self._assembly, self._lot
        alarms = assembly.alarms
        assembly.recent.follow(batch)
        live, stubs, waiting = self._table.live.get, self._table.stubs.get, self._table.parked.get
        unpack_ipv4, unpack_ipv6 = _IPV4.unpack_from, _IPV6.unpack_from
        now = self._now
        for packet in lot.sift(batch) if lot is not None else batch:
            number, time, linktype, data, _, _ = packet
            if time is not None:
                now = time
            elif lot is not None:
                now = lot.reached(now)
            if alarms.are_set and (number >= alarms.due_number or now >= alarms.due_time):
                self._wake(number, now)
            try:
                kind, form, length, part, ttl, protocol, key, seq, ack, words, flags, window = (
                    unpack_ipv4(data)
                )
            except struct.error:  # fewer bytes than a plain packet has
                kind = 0
            header = None
            if (
                kind == 0x0800
                and form == 0x45
                and protocol == TCP
                and linktype == ETHERNET
                and (part == _DONT_FRAGMENT or not part & 0x3FFF)
            ):
                start, end = _BEHIND_TCP[words], 14 + length
            elif (
                kind == 0x86DD
                and form >> 4 == 6
                and linktype == ETHERNET
                and data[20] == TCP
                and len(data) >= _IPV6.size
            ):
                _, _, length, _, ttl, key, seq, ack, words, flags, window = unpack_ipv6(data)
                start, end = _BEHIND_TCP[words] + 20, 54 + length
            else:
                header = self._header(packet, now)
                if header is None:
                    continue
                key, seq, ack, bits, window, ttl, _, start, end, _ = header
                words, flags = bits >> 8, bits & 0xFF
            half = live(key)
            if half is not None:
                step, acked = ack - half.ack, half.ack_offset
                # A whole header and nothing cut; ACK, no SYN, FIN or RST; the window open, the next
                # in order; of the peer's bytes no more acknowledged than were captured.
                if (
                    seq == half.fast_seq
                    and start <= end <= len(data)
                    and _IS_PLAIN[flags]
                    and window
                    and (
                        not step
                        or (
                            acked is not None
                            and 0 < step <= _HALF_SPACE
                            and acked + step <= half.peer.offset
                        )
                    )
                ):
                    if step:
                        peer = half.peer
                        half.ack = ack
                        half.ack_offset = acked = acked + step
                        if now >= peer.ack_due:
                            peer.keep_ack(now)
                        peer.acked = acked
                        peer.acked_time = time
                    half.packets += 1
                    half.last_number = number
                    half.last_time = time
                    half.ttl = ttl
                    if start < end:
                        size = end - start
                        half.fast_seq = seq + size  # at 2**32 nothing fits any more: to `_slow`
                        half.offset += size
                        half.last_mark = mark = (number, time, acked)
                        payload = data[start:end]
                        half.tail = payload if size <= TAIL else payload[-TAIL:]
                        facts = half.feed(payload, mark)
                        if facts:
                            half.flow.take(facts)
                    continue
            elif (parked := waiting(key)) is not None:
                if come := parked.take(packet, seq, ack, flags, window, ttl, start, end):
                    if come == OVER and lot is not None:
                        lot.over(parked.whole, now)
                    continue
            elif (stub := stubs(key)) is not None and not flags & 7:
                stub.last_number = number
                continue
            if header is None and start <= end <= len(data):
                tcp = start - (words >> 4 << 2)
                header = Header(key, seq, ack, words << 8 | flags, window, ttl, tcp, start, end)
            self._slow(packet, now, header)
        self._now = lot.reached(now) if lot is not None else now
        self._table.part()
        if batch:
            self._number = batch[-1][0]

    def finish(self) -> None:
        """The capture has ended: settle and close every connection, in tcp.stream order."""
        self._unwrapper.fragments.finish()
        waiting = [half.whole for half in self._table.parked.values()]
        flows: dict[int, Flow | Parked] = {one.index: one for one in waiting}
        flows |= {half.flow.index: half.flow for half in self._table.live.values()}
        for index in sorted(flows):
            self._end(flows[index])
        self._table.part()

    def _header(self, packet: Packet, now: int) -> Header | None:
        """Read any packet, header by header; None if it is no TCP segment, or if it made one whole
        that came in fragments: that is dealt with here.
        """
        found = self._unwrapper.read(packet, now)
        if found is None:
            return None
        header = found.header
        if found.network:
            self.unpark(header.key)
            header = header._replace(network=found.network)
            header = header._replace(key=self._table.key_in(header))
        if found.packet is packet:
            return header
        self._assembly.recent.put_together(found.packet)
        self._slow(found.packet, now, header)
        return None

    def unpark(self, key: bytes) -> None:
        """Read what waited of a connection, if anything did."""
        if self._lot is not None:
            self._lot.unpark(key)

    def _again(self, packet: Packet) -> None:
        """A packet that has waited."""
        at = self._number, self._now
        self._slow(packet, packet[1] or 0, None)
        self._number, self._now = at

    def _end(self, one: Flow | Parked) -> None:
        """It is over, or the capture is."""
        left = self._lot.settle if self._lot is not None else None
        flow = one if isinstance(one, Flow) else left and left(one)
        if flow is not None:
            self._close(flow)

    def _slow(self, packet: Packet, now: int, header: Header | None) -> None:
        """Any segment; `header` where it was read already."""
        header = header or self._header(packet, now)
        if header is None:
            return
        self._number, self._now = packet[0], now
        segment = Segment(packet[0], packet[1], now, packet[3], header)
        half = self._find(segment, packet)
        if half is not None:
            self._assembly.segment(half, segment)

    def _find(self, segment: Segment, packet: Packet) -> Half | None:
        """The half that sent the segment, of a new connection if need be; None: not wanted, or the
        packet waits.
        """
        table, header, key = self._table, segment.header, segment.header.key
        self.unpark(key)
        half = table.live.get(key)
        if half is not None:
            if not header.bits & SYN or not table.reused(half, segment):
                return half
            note_reuse(half, segment)
            self._close(half.flow)
        elif (stub := table.stubs.get(key)) is not None:
            stub.last_number = segment.number
            if not table.revive(key, stub, header.bits, header.seq):
                return None
        if self._lot is not None and self._lot.parks(packet, header):
            return None
        return table.add(key, segment.number, segment.time, header.network)

    def _wake(self, number: int, now: int) -> None:
        self._number, self._now = number, now
        for sleeper in self._assembly.alarms.due(number, now):
            if isinstance(sleeper, Half):
                self._assembly.wake(sleeper, number, now)
            elif not sleeper.is_gone:
                until = (sleeper.last_time or 0) + linger(sleeper)
                if now >= until:
                    self._end(sleeper)
                else:
                    self._assembly.alarms.at_time(until, sleeper)

    def _close(self, flow: Flow) -> None:
        """Settle the connection, tell its consumer, and leave a stub."""
        self._assembly.conclude(flow, self._number, self._now)
        if flow.consumer is not None:
            flow.consumer.close(flow)
        flow.ignore()
