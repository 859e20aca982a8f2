"""Tunnels: what an IP packet carries when it carries packets."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from wsdebug.transport import layers
from wsdebug.transport.ip import IpPacket, protocol_name

_UDP = 17
_NOWHERE = b""


class Inside(NamedTuple):
    """What a tunnel carries, as `layers` names it, and where it begins. `network` is the number of
    the virtual network it belongs to, where the tunnel keeps address spaces apart.
    """

    kind: int
    offset: int
    network: bytes = _NOWHERE


def inside(data: bytes, packet: IpPacket) -> Inside | str:
    """What this IP packet carries, or its name where it is no tunnel."""
    match packet.protocol:
        case 4 | 41:  # RFC 2003; RFC 2473, RFC 4213
            return Inside(layers.IP, packet.start)
        case 47:
            return _gre(data, packet.start)
        case 137:  # RFC 4023
            return Inside(layers.MPLS, packet.start)
        case 97 if data[packet.start : packet.start + 2] == b"\x30\0":  # RFC 3378
            return Inside(layers.ETHERNET_FRAME, packet.start + 2)
        case 17:
            return _udp(data, packet.start)
    return protocol_name(packet.protocol)


def _gre(data: bytes, at: int) -> Inside | str:
    """RFC 2784 2, RFC 2890 2: flags and version, an EtherType, then what the flags announce."""
    if len(data) <= at + 4:
        return "cut inside the GRE header"
    flags, version = data[at], data[at + 1] & 7
    kind = int.from_bytes(data[at + 2 : at + 4], "big")
    if version > 1 or flags & 0x40:  # RFC 2784 2.3: routing is no part of GRE any more
        return f"GRE version {version}" if version > 1 else "GRE with routing"
    words = [flags & 0x80, flags & 0x20, flags & 0x10, version and data[at + 1] & 0x80]
    start = at + 4 + 4 * sum(map(bool, words))
    if len(data) <= start:
        return "cut inside the GRE header"
    network = _NOWHERE
    if kind == layers.ERSPAN and not flags & 0x10:  # type I has no header of its own
        kind = layers.ETHERNET_FRAME
    elif kind == layers.ETHERNET_FRAME and flags & 0x20:
        # RFC 7637 3.2: the key holds the virtual subnet, and a byte that varies by flow.
        key = at + (8 if flags & 0x80 else 4)
        network = data[key : key + 3]
    return Inside(kind, start, network)


def _udp(data: bytes, at: int) -> Inside | str:
    """Tunnels are known by the destination port; what is inside must look like it too."""
    read = _PORTS.get(int.from_bytes(data[at + 2 : at + 4], "big"))
    return (read and read(data, at + 8)) or "UDP"


def _vxlan(data: bytes, at: int) -> Inside | str | None:
    # RFC 7348 5: flags with only I set, and a network of 24 bits. Others use reserved bits.
    if len(data) <= at + 8:
        return "cut inside the VXLAN header"
    if not data[at] & 0x08:
        return None
    return Inside(layers.ETHERNET_FRAME, at + 8, data[at + 4 : at + 7])


_NEXT = {1: layers.IPV4, 2: layers.IPV6, 3: layers.ETHERNET_FRAME, 4: 0x894F, 5: layers.MPLS}


def _vxlan_gpe(data: bytes, at: int) -> Inside | str | None:
    # draft-ietf-nvo3-vxlan-gpe 3: bit P says that the fourth byte names what is inside.
    if len(data) <= at + 8:
        return "cut inside the VXLAN header"
    if not data[at] & 0x08:
        return None
    kind = _NEXT.get(data[at + 3], layers.ETHERNET_FRAME) if data[at] & 0x04 else 0x6558
    return Inside(kind, at + 8, data[at + 4 : at + 7])


def _geneve(data: bytes, at: int) -> Inside | str | None:
    # RFC 8926 3.4: version and length of the options in units of 4, flags, EtherType, network.
    if len(data) <= at + 8:
        return "cut inside the Geneve header"
    if data[at] >> 6:
        return None
    start = at + 8 + 4 * (data[at] & 63)
    if len(data) <= start:
        return "cut inside the Geneve header"
    return Inside(int.from_bytes(data[at + 2 : at + 4], "big"), start, data[at + 4 : at + 7])


def _gtp_u(data: bytes, at: int) -> Inside | str | None:
    # 3GPP TS 29.281 5.1: version 1 of GTP (not GTP'), flags, type, length, tunnel.
    if len(data) <= at + 8:
        return "cut inside the GTP-U header"
    if data[at] & 0xF0 != 0x30:
        return None
    if data[at + 1] != 255:  # echoes, errors: no packet inside
        return "GTP-U signalling"
    start = at + 8
    if data[at] & 7:
        extension, start = data[at + 11 : at + 12] if data[at] & 4 else b"", at + 12
        # 5.2.1: length in units of 4, content, type of the next one; 0 ends them.
        while extension and extension != b"\0":
            if len(data) <= start or not data[start]:
                return "cut inside the GTP-U header"
            start += 4 * data[start]
            extension = data[start - 1 : start]
    if len(data) <= start:
        return "cut inside the GTP-U header"
    if data[start] >> 4 not in (4, 6):
        return "GTP-U without IP"
    return Inside(layers.IP, start)


def _mpls(data: bytes, at: int) -> Inside | str | None:
    return Inside(layers.MPLS, at) if len(data) > at + 4 else None


_PORTS: dict[int, Callable[[bytes, int], Inside | str | None]] = {
    2152: _gtp_u,
    4789: _vxlan,
    8472: _vxlan,  # as Linux had it before the port was assigned; flannel still does
    4790: _vxlan_gpe,
    6081: _geneve,
    6635: _mpls,  # RFC 7510
}
