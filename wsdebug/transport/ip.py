"""IPv4 and IPv6 with all their extras, down to the TCP header: the readable way.

`transport.demultiplexer` reads the plain case (Ethernet, no options) in its own loop and comes
here with everything else.
"""

from __future__ import annotations

import struct
from typing import NamedTuple, TypeAlias

TCP = 6
_AUTHENTICATION = 51
_FRAGMENT = 44
# RFC 8200 4.3, 4.4, 4.6; RFC 6275 6.1; RFC 7401; RFC 5533: length in units of 8, less one.
_EXTENSIONS = frozenset({0, 43, 60, 135, 139, 140})
_MOST_EXTENSIONS = 16

_PROTOCOLS = {
    1: "ICMP",
    2: "IGMP",
    4: "IPv4 in IP",
    17: "UDP",
    33: "DCCP",
    41: "IPv6 in IP",
    47: "GRE",
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


_Packet: TypeAlias = tuple[bytes, int, int, int, int]
"""An IP packet: addresses (source and destination), protocol, TTL, payload from, to."""


def tcp_header(data: bytes, offset: int, wire_length: int) -> Header | str:
    """Read IP and TCP from `offset` on, or say what the packet is in place of TCP."""
    version = data[offset] >> 4
    if version == 4:
        packet = _ipv4(data, offset, wire_length)
    elif version == 6:
        packet = _ipv6(data, offset, wire_length)
    else:
        return f"IP version {version}"
    if isinstance(packet, str):
        return packet
    addresses, protocol, ttl, at, end = packet
    if protocol != TCP:
        return _PROTOCOLS.get(protocol, f"IP protocol {protocol}")
    if end < at + 20:
        return "TCP header too short"
    if len(data) < at + 20:
        return "cut inside the TCP header"
    seq, ack, bits, window = _TCP_HEADER.unpack_from(data, at + 4)
    start = at + (bits >> 12) * 4
    if start < at + 20 or start > end:
        return "TCP header too short"
    key = addresses + data[at : at + 4]
    return Header(key, seq, ack, bits, window, ttl, at, start, end)


def _ipv4(data: bytes, offset: int, wire_length: int) -> _Packet | str:
    if len(data) < offset + 20:
        return "cut inside the IPv4 header"
    form, total, fragment, ttl, protocol = _IPV4_HEADER.unpack_from(data, offset)
    size = (form & 15) * 4
    # A packet that waits for segmentation offload may carry total length 0.
    end = offset + total if total else max(wire_length, len(data))
    if size < 20 or end < offset + size:
        return "IPv4 header too short"
    # RFC 791 3.1: more fragments, or an offset.
    if fragment & 0x3FFF:
        return "IPv4 fragment"
    start = offset + size
    if protocol == _AUTHENTICATION and len(data) > start + 1:
        protocol, start = data[start], start + (data[start + 1] + 2) * 4
    return data[offset + 12 : offset + 20], protocol, ttl, start, end


def _ipv6(data: bytes, offset: int, wire_length: int) -> _Packet | str:
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
            if int.from_bytes(data[start + 2 : start + 4], "big") & 0xFFF9:
                return "IPv6 fragment"
            width = 0
        else:
            addresses = data[offset + 8 : offset + 40]
            return addresses, protocol, data[offset + 7], start, end
        if len(data) < start + 8:
            return "cut inside the IPv6 header"
        units = data[start + 1] + (2 if width == 4 else 1)
        protocol, start = data[start], start + (units * width or 8)
    return "too many IPv6 extension headers"
