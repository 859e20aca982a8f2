"""IPv4 and IPv6 with all their extras, and the TCP header behind them: the readable way.

`transport.demultiplexer` reads the plain case (Ethernet, no options) in its own loop; everything
else comes here by way of `transport.unwrap`.
"""

from __future__ import annotations

import struct
from typing import NamedTuple

TCP = 6
_AUTHENTICATION = 51
_FRAGMENT = 44
# RFC 8200 4.3, 4.4, 4.6; RFC 6275 6.1; RFC 7401; RFC 5533: length in units of 8, less one.
_EXTENSIONS = frozenset({0, 43, 60, 135, 139, 140})
_MOST_EXTENSIONS = 16

_PROTOCOLS = {
    1: "ICMP",
    2: "IGMP",
    17: "UDP",
    33: "DCCP",
    50: "ESP",
    58: "ICMPv6",
    59: "IPv6 without payload",
    89: "OSPF",
    103: "PIM",
    112: "VRRP",
    132: "SCTP",
}

_IPV4_HEADER = struct.Struct("!BxHxxHBB")
"""Version with header length, total length, flags with fragment offset, TTL, protocol."""
_TCP_HEADER = struct.Struct("!IIHH")
"""Sequence, acknowledgement, data offset with flags, window: behind the ports."""


class Header(NamedTuple):
    """The fields of a TCP segment; offsets count in the captured packet."""

    key: bytes
    """Source and destination address, source and destination port."""
    seq: int
    ack: int
    bits: int
    """Data offset (top four bits) and flags."""
    window: int
    ttl: int
    tcp: int
    """Where the TCP header begins."""
    start: int
    """Where its payload begins."""
    end: int
    """Where its payload ends on the wire; beyond the captured bytes where the packet was cut."""
    network: bytes = b""
    """Number of the virtual network, where it came through a tunnel that has one."""


class IpPacket(NamedTuple):
    """A whole IP packet; `start` and `end` are those of its payload, as in `Header`."""

    addresses: bytes
    protocol: int
    ttl: int
    start: int
    end: int


class Fragment(NamedTuple):
    """A part of an IP packet: `start` to `end` here is its payload from `at` on."""

    key: bytes
    """What the parts of one packet have in common: addresses, identification, with IPv4 the
    protocol."""
    addresses: bytes
    ip_id: int
    protocol: int
    ttl: int
    start: int
    end: int
    at: int
    more: bool
    """It is not the last."""

    @property
    def name(self) -> str:
        """What it is counted as while its others are missing."""
        return "IPv4 fragment" if len(self.addresses) == 8 else "IPv6 fragment"


def protocol_name(number: int) -> str:
    """The IANA keyword, or the number where we know none."""
    return _PROTOCOLS.get(number, f"IP protocol {number}")


def ip_packet(data: bytes, offset: int, wire_length: int) -> IpPacket | Fragment | str:
    """Read the IP header at `offset`, or say what is wrong with it."""
    version = data[offset] >> 4
    if version == 4:
        return _ipv4(data, offset, wire_length)
    if version == 6:
        return _ipv6(data, offset, wire_length)
    return f"IP version {version}"


def tcp_header(data: bytes, packet: IpPacket) -> Header | str:
    """Read the TCP header of an IP packet that carries TCP."""
    at, end = packet.start, packet.end
    if end < at + 20:
        return "TCP header too short"
    if len(data) < at + 20:
        return "cut inside the TCP header"
    seq, ack, bits, window = _TCP_HEADER.unpack_from(data, at + 4)
    start = at + (bits >> 12) * 4
    if start < at + 20 or start > end:
        return "TCP header too short"
    key = packet.addresses + data[at : at + 4]
    return Header(key, seq, ack, bits, window, packet.ttl, at, start, end)


def _ipv4(data: bytes, offset: int, wire_length: int) -> IpPacket | Fragment | str:
    if len(data) < offset + 20:
        return "cut inside the IPv4 header"
    form, total, fragment, ttl, protocol = _IPV4_HEADER.unpack_from(data, offset)
    size = (form & 15) * 4
    # A packet that waits for segmentation offload may carry total length 0.
    end = offset + total if total else max(wire_length, len(data))
    if size < 20 or end < offset + size:
        return "IPv4 header too short"
    start = offset + size
    # RFC 791 3.1: more fragments, or an offset, in units of 8.
    if fragment & 0x3FFF:
        addresses, ip_id = data[offset + 12 : offset + 20], data[offset + 4 : offset + 6]
        key = addresses + ip_id + bytes((protocol,))
        number, more = int.from_bytes(ip_id, "big"), bool(fragment & 0x2000)
        at = (fragment & 0x1FFF) * 8
        return Fragment(key, addresses, number, protocol, ttl, start, end, at, more)
    if protocol == _AUTHENTICATION and len(data) > start + 1:
        protocol, start = data[start], start + (data[start + 1] + 2) * 4
    return IpPacket(data[offset + 12 : offset + 20], protocol, ttl, start, end)


def _ipv6(data: bytes, offset: int, wire_length: int) -> IpPacket | Fragment | str:
    if len(data) < offset + 40:
        return "cut inside the IPv6 header"
    payload = int.from_bytes(data[offset + 4 : offset + 6], "big")
    # RFC 2675 3: 0 with a jumbo payload; so do packets that wait for segmentation offload.
    end = offset + 40 + payload if payload else max(wire_length, len(data))
    protocol, start = data[offset + 6], offset + 40
    for _ in range(_MOST_EXTENSIONS):
        if protocol in _EXTENSIONS:
            width = 8
        elif protocol == _AUTHENTICATION:  # RFC 4302 2.2: in units of 4, less two
            width = 4
        elif protocol == _FRAGMENT:
            # RFC 6946: offset 0 and no more fragments is a whole packet.
            place = int.from_bytes(data[start + 2 : start + 4], "big")
            if place & 0xFFF9 and len(data) >= start + 8:
                addresses = data[offset + 8 : offset + 40]
                key, ttl = addresses + data[start + 4 : start + 8], data[offset + 7]
                start, at, more, protocol = start + 8, place & 0xFFF8, bool(place & 1), data[start]
                return Fragment(key, addresses, 0, protocol, ttl, start, end, at, more)
            width = 0
        else:
            addresses = data[offset + 8 : offset + 40]
            return IpPacket(addresses, protocol, data[offset + 7], start, end)
        if len(data) < start + 8:
            return "cut inside the IPv6 header"
        units = data[start + 1] + (2 if width == 4 else 1)
        protocol, start = data[start], start + (units * width or 8)
    return "too many IPv6 extension headers"
