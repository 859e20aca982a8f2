"""Packets to connections: the loop that every packet of a capture goes through."""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence

from wsdebug.model.limits import DEFAULT_LIMITS, Limits
from wsdebug.model.place import Packet
from wsdebug.transport.assembly import Assembly, linger
from wsdebug.transport.flow import Flow, Opener
from wsdebug.transport.half import MASK, Half
from wsdebug.transport.holes import TAIL
from wsdebug.transport.ip import Header
from wsdebug.transport.link import ETHERNET
from wsdebug.transport.segment import SYN, Segment
from wsdebug.transport.table import Table, note_reuse
from wsdebug.transport.unwrap import Unwrapper

# Ethernet, IP and TCP without options in between, as far as a segment in order needs them.
# IPv4: EtherType, version with header length, total length, fragment field, TTL, protocol.
_IPV4 = struct.Struct("!12xHBxH2xHBB14xIIHH")
# IPv6: EtherType, (version, class, label), payload length, next header, hop limit.
_IPV6 = struct.Struct("!12xHIHBB36xIIHH")
# Both: sequence, acknowledgement, data offset with flags, window.
_IPV4_HEADERS = 54
_HALF_SPACE = 0x40000000


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
        self._number = 0
        self._now = 0

    @property
    def tcp_connections(self) -> int:
        """TCP connections seen so far, wanted or not."""
        return self._table.made

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
        assembly = self._assembly
        alarms = assembly.alarms
        assembly.recent.follow(batch)
        live, stubs = self._table.live, self._table.stubs
        unpack_ipv4, unpack_ipv6 = _IPV4.unpack_from, _IPV6.unpack_from
        now = self._now
        due_number, due_time = alarms.due_number, alarms.due_time
        for packet in batch:
            number, time, linktype, data, _, _ = packet
            if time is not None:
                now = time
            if number >= due_number or now >= due_time:
                self._wake(number, now)
                due_number, due_time = alarms.due_number, alarms.due_time
            header = None
            try:
                kind, form, length, fragment, ttl, protocol, seq, ack, bits, window = unpack_ipv4(
                    data
                )
                if (
                    kind == 0x0800
                    and form == 0x45
                    and protocol == 6
                    and linktype == ETHERNET
                    and not fragment & 0x3FFF
                ):
                    key = data[26:38]
                    start, end = 34 + (bits >> 12 << 2), 14 + length
                elif kind == 0x86DD and form >> 4 == 6 and data[20] == 6 and linktype == ETHERNET:
                    _, _, length, _, ttl, seq, ack, bits, window = unpack_ipv6(data)
                    key = data[22:58]
                    start, end = 54 + (bits >> 12 << 2), 54 + length
                else:
                    header = self._header(packet, now)
                    if header is None:
                        due_number, due_time = alarms.due_number, alarms.due_time
                        continue
                    key, seq, ack, bits, window, ttl, _, start, end, _ = header
            except struct.error:  # fewer bytes than a plain packet has
                header = self._header(packet, now)
                if header is None:
                    due_number, due_time = alarms.due_number, alarms.due_time
                    continue
                key, seq, ack, bits, window, ttl, _, start, end, _ = header
            # A whole header (RFC 9293 3.1), and nothing cut.
            whole = bits >= 0x5000 and start <= end <= len(data)
            half = live.get(key)
            if half is None:
                if key in stubs and not bits & 7:
                    stubs[key].last_number = number
                    continue
            # ACK, no SYN, FIN or RST; window open, the next in order.
            elif whole and seq == half.fast_seq and bits & 0x17 == 0x10 and window:
                if ack != half.ack:
                    peer = half.peer
                    acked = half.ack_offset
                    step = (ack - half.ack) & MASK
                    if acked is None or step > _HALF_SPACE or acked + step > peer.offset:
                        tcp = start - (bits >> 12 << 2)
                        read = Header(key, seq, ack, bits, window, ttl, tcp, start, end)
                        self._slow(packet, now, read)
                        due_number, due_time = alarms.due_number, alarms.due_time
                        continue
                    acked += step
                    half.ack = ack
                    half.ack_offset = acked
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
                    half.fast_seq = (seq + size) & MASK
                    half.offset += size
                    half.last_mark = mark = (number, time, half.ack_offset)
                    payload = data[start:end]
                    half.tail = payload if size <= TAIL else payload[-TAIL:]
                    half.feed(payload, mark)
                continue
            if whole and header is None:
                tcp = start - (bits >> 12 << 2)
                header = Header(key, seq, ack, bits, window, ttl, tcp, start, end)
            self._slow(packet, now, header)
            due_number, due_time = alarms.due_number, alarms.due_time
        self._now = now
        self._table.part()
        if batch:
            self._number = batch[-1][0]

    def finish(self) -> None:
        """The capture has ended: settle and close every connection, in tcp.stream order."""
        self._unwrapper.fragments.finish()
        flows = {half.flow.index: half.flow for half in self._table.live.values()}
        for index in sorted(flows):
            self._close(flows[index])
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
            header = header._replace(network=found.network)
            header = header._replace(key=self._table.key_in(header))
        if found.packet is packet:
            return header
        self._assembly.recent.put_together(found.packet)
        self._slow(found.packet, now, header)
        return None

    def _slow(self, packet: Packet, now: int, header: Header | None) -> None:
        """Any segment; `header` where it was read already."""
        header = header or self._header(packet, now)
        if header is None:
            return
        self._number, self._now = packet[0], now
        segment = Segment(packet[0], packet[1], now, packet[3], header)
        half = self._find(segment)
        if half is not None:
            self._assembly.segment(half, segment)

    def _find(self, segment: Segment) -> Half | None:
        """The half that sent the segment, of a new connection if need be; None: not wanted."""
        table, header = self._table, segment.header
        key = header.key
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
        return table.add(key, segment.number, segment.time, header.network)

    def _wake(self, number: int, now: int) -> None:
        self._number, self._now = number, now
        for sleeper in self._assembly.alarms.due(number, now):
            if isinstance(sleeper, Half):
                self._assembly.wake(sleeper, number, now)
            elif not sleeper.ignored:
                until = (sleeper.last_time or 0) + linger(sleeper)
                if now >= until:
                    self._close(sleeper)
                else:
                    self._assembly.alarms.at_time(until, sleeper)

    def _close(self, flow: Flow) -> None:
        """Settle the connection, tell its consumer, and leave a stub."""
        self._assembly.conclude(flow, self._number, self._now)
        if flow.consumer is not None:
            flow.consumer.close(flow)
        flow.ignore()
