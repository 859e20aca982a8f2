"""Bytes of a stream that were read once, collected from the packets again.

The transport gave each byte to the first segment that brought it; so does this, from the earliest
packet that carries bytes of the range on. What never came stays a hole.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Container, Iterable, Iterator, Sequence
from itertools import chain
from typing import NamedTuple

from wsdebug.model.limits import DEFAULT_LIMITS
from wsdebug.model.place import Packet
from wsdebug.transport.half import MASK
from wsdebug.transport.ip import Header, IpPacket, ip_packet, tcp_header
from wsdebug.transport.link import ETHERNET
from wsdebug.transport.segment import SYN
from wsdebug.transport.unwrap import Unwrapper

_HALF_SPACE = 0x80000000
_ETHERNET_HEADER = 14
_IPV4_HEADERS = 54
_MOST_HELD = 1_000
"""Packets that wait for a fragment's others."""


class Carrier(NamedTuple):
    """A packet of the connection, its TCP header, and who sent it: 0 or 1."""

    packet: Packet
    header: Header
    sender: int


class Refill:
    """The range of `size` bytes from sequence number `seq` on."""

    __slots__ = ("_pieces", "data", "missing", "seq", "size")

    def __init__(self, seq: int, size: int, *, keep: bool = True) -> None:
        """Without `keep` it is only noted what came."""
        self.seq = seq & MASK
        self.size = min(size, _HALF_SPACE - 1)
        self.data = bytearray(self.size if keep else 0)
        self.missing = self.size
        self._pieces: list[tuple[int, int]] = []
        """What is there, from and to, in order."""

    def overlap(self, header: Header) -> tuple[int, int]:
        """From where to where in the range a segment reaches; nothing if that is not ascending."""
        start = self.place(header)
        return max(0, start), min(self.size, start + header.end - header.start)

    def take(self, header: Header, data: bytes) -> int:
        """Take what is not there yet; how many bytes that were."""
        start = self.place(header)
        payload = data[header.start : header.end]
        at, stop = max(0, start), min(self.size, start + len(payload))
        taken = 0
        for begin, end in self._lacking(at, stop):
            if self.data:
                self.data[begin:end] = payload[begin - start : end - start]
            taken += end - begin
        if taken:
            self._note(at, stop)
            self.missing -= taken
        return taken

    def put(self, data: bytes, at: int = 0) -> None:
        """Bytes of the range from `at` on, from elsewhere than packets; each part once."""
        size = min(len(data), self.size - at)
        if size <= 0:
            return
        if self.data:
            self.data[at : at + size] = data[:size]
        self._note(at, at + size)
        self.missing -= size

    def place(self, header: Header) -> int:
        """Where the first byte of a segment is, from the first of the range on."""
        # RFC 9293 3.4: a SYN takes a number, data on it begin behind.
        seq = header.seq + (1 if header.bits & SYN else 0)
        return ((seq - self.seq + _HALF_SPACE) & MASK) - _HALF_SPACE

    def _lacking(self, at: int, stop: int) -> Iterator[tuple[int, int]]:
        for begin, end in self._pieces:
            if end <= at:
                continue
            if begin >= stop:
                break
            if begin > at:
                yield at, begin
            at = end
        if at < stop:
            yield at, stop

    def _note(self, at: int, stop: int) -> None:
        pieces = self._pieces
        if pieces and pieces[-1][1] == at:  # in order, nearly always
            pieces[-1] = (pieces[-1][0], stop)
            return
        merged: list[tuple[int, int]] = []
        for piece in sorted([*pieces, (at, stop)]):
            if merged and piece[0] <= merged[-1][1]:
                merged[-1] = (merged[-1][0], max(merged[-1][1], piece[1]))
            else:
                merged.append(piece)
        self._pieces = merged

    def holes(self, at: int, stop: int) -> list[tuple[int, int]]:
        """Offset and length, from `at` on, of what did not come up to `stop`."""
        return [(begin - at, end - begin) for begin, end in self._lacking(at, stop)]


def carriers(
    batches: Iterable[Sequence[Packet]], keys: tuple[bytes, bytes], first: int, last: int
) -> Iterator[Carrier]:
    """The packets of one connection with numbers `first` to `last`; `keys` are those of its two
    directions. Of a packet that came in fragments the one that made it whole counts.
    """
    for packet, header in segments(batches, keys, first, last):
        yield Carrier(packet, header, keys.index(header.key))


def segments(
    batches: Iterable[Sequence[Packet]], keys: Container[bytes], first: int, last: int
) -> Iterator[tuple[Packet, Header]]:
    """The same for any number of connections; `keys` has those of all their directions."""
    unwrapper = Unwrapper(DEFAULT_LIMITS, {})
    for batch in batches:
        for packet in batch:
            number, time, _, data, wire, _ = packet
            if number > last:
                return
            if _is_plain(packet):
                # Most packets are others': looking for the key costs less than reading headers.
                if number >= first and data[26:38] in keys:
                    header = _plain_header(data, wire)
                    if header is not None:
                        yield packet, header
                continue
            found = unwrapper.read(packet, time or 0)
            if found is not None and number >= first and found.header.key in keys:
                yield found.packet, found.header


def with_keys(batches: Iterable[Sequence[Packet]]) -> Iterator[tuple[Packet, bytes | None]]:
    """Each packet with the key of its TCP connection; a fragment with that of what it is a part of,
    for which those behind it wait.
    """
    unwrapper = Unwrapper(DEFAULT_LIMITS, {})
    held: deque[tuple[Packet, list[bytes | None]]] = deque()
    open_parts: dict[int, list[bytes | None]] = {}
    key: bytes | None
    for packet in chain.from_iterable(batches):
        if _is_plain(packet):
            key, waits = packet[3][26:38], False
        else:
            found = unwrapper.read(packet, packet[1] or 0)
            key, waits = found.header.key if found else None, unwrapper.waits
            for number in unwrapper.parts[:-1]:
                open_parts.pop(number, []).append(key)
        if not held and not waits:
            yield packet, key
            continue
        keys: list[bytes | None] = [] if waits else [key]
        held.append((packet, keys))
        if waits:
            open_parts[packet[0]] = keys
        while held and (held[0][1] or len(held) > _MOST_HELD):
            first, its = held.popleft()
            open_parts.pop(first[0], None)
            yield first, its[0] if its else None
    for packet, keys in held:
        yield packet, keys[0] if keys else None


def _plain_header(data: bytes, wire: int) -> Header | None:
    """The TCP header of a plain packet; None where it is too short for one."""
    packet = ip_packet(data, _ETHERNET_HEADER, wire)
    header = tcp_header(data, packet) if isinstance(packet, IpPacket) else None
    return header if isinstance(header, Header) else None


def _is_plain(packet: Packet) -> bool:
    """Ethernet and IPv4 without anything that has to be read header by header, and TCP."""
    _, _, linktype, data, _, _ = packet
    plain = linktype == ETHERNET and data[12:15] == b"\x08\x00\x45" and data[23:24] == b"\x06"
    return plain and len(data) >= _IPV4_HEADERS and not int.from_bytes(data[20:22]) & 0x3FFF
