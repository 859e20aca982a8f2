"""Link layers: what a captured packet begins with, and where that ends."""

from __future__ import annotations

from typing import Literal, TypeAlias

from wsdebug.capture.link_types import link_type_name
from wsdebug.transport.layers import CUT, ETHERNET_FRAME, IP, PPP, PPPOE_SESSION

ETHERNET = 1

Found: TypeAlias = tuple[int, int]
"""What comes next (an EtherType, or one of the names of `layers`) and where it begins."""

# AF_INET6 is another number on each system: Linux, NetBSD and OpenBSD, FreeBSD, macOS.
_FAMILIES_IPV6 = frozenset({10, 24, 28, 30})
_BRIDGE = 7
_NFULA_PAYLOAD = 9
_MOST_ATTRIBUTES = 64
_PKTAP = 258


def behind_link(linktype: int, data: bytes) -> Found | str:
    """What the link header carries, or the name of what the packet holds in its place."""
    # https://www.tcpdump.org/linktypes.html names the numbers.
    match linktype:
        case 1:
            return ETHERNET_FRAME, 0
        case 113:  # LINUX_SLL: the protocol is the last field of 16 bytes
            return _ethertype(data, 14, 16)
        case 276:  # LINUX_SLL2: the protocol is the first field of 20 bytes
            return _ethertype(data, 0, 20)
        case 0 | 108:  # NULL (byte order of the writer) and LOOP (network byte order)
            return _behind_family(data)
        case 12 | 14 | 101 | 228 | 229:  # RAW as BSD, OpenBSD and the standard have it; IPV4, IPV6
            return IP, 0
        case 9:
            return PPP, 0
        case 50:  # PPP_HDLC
            return _behind_hdlc(data)
        case 104:  # C_HDLC
            return _ethertype(data, 2, 4)
        case 51:  # PPP_ETHER
            return PPPOE_SESSION, 0
        case 166 | 204:  # PPP_PPPD, PPP_WITH_DIR: a byte for the direction
            return PPP, 2 if linktype == 166 and data[1:2] == b"\x03" else 1
        case 239:
            return _behind_nflog(data)
        case 258:
            return _behind_pktap(data)
    name = link_type_name(linktype)
    if 147 <= linktype <= 162:  # for private use, so the registry of `capture` has no name
        name = f"USER{linktype - 147}"
    return f"link type {linktype} ({name})" if name != str(linktype) else f"link type {linktype}"


def _ethertype(data: bytes, place: int, behind: int) -> Found | str:
    if len(data) <= behind:
        return CUT
    return int.from_bytes(data[place : place + 2], "big"), behind


def _behind_family(data: bytes) -> Found | str:
    """BSD loopback: four bytes of address family, in either byte order."""
    if len(data) <= 4:
        return CUT
    family = int.from_bytes(data[:4], "big")
    if family > 0xFFFF:
        family = int.from_bytes(data[:4], "little")
    if family == 2 or family in _FAMILIES_IPV6:
        return IP, 4
    return f"address family {family}"


def _behind_hdlc(data: bytes) -> Found | str:
    """RFC 1662 3.1: FF 03; Cisco HDLC has 0F or 8F, 00 and an EtherType in its place."""
    if data[:1] in (b"\x0f", b"\x8f"):
        return _ethertype(data, 2, 4)
    return PPP, 0


def _behind_nflog(data: bytes) -> Found | str:
    """Linux netfilter's log: family, version, resource; then attributes in the writer's byte
    order, each of length, type and value, at borders of four. One is the packet.
    """
    if len(data) < 8:
        return CUT
    # The packet stands last: the attributes before it are shorter than 256 bytes.
    order: Literal["big", "little"] = "little" if data[4] else "big"
    at = 4
    for _ in range(_MOST_ATTRIBUTES):
        if len(data) < at + 4:
            return "NFLOG without a packet"
        length = int.from_bytes(data[at : at + 2], order)
        kind = int.from_bytes(data[at + 2 : at + 4], order) & 0x7FFF
        if kind == _NFULA_PAYLOAD:
            return (ETHERNET_FRAME if data[0] == _BRIDGE else IP), at + 4
        if length < 4:
            return "NFLOG with a broken attribute"
        at += length + 3 & ~3
    return "NFLOG without a packet"


def _behind_pktap(data: bytes) -> Found | str:
    """macOS: length of this header, type of record (1 is a packet), link type inside; more."""
    if len(data) < 12:
        return CUT
    length, record, inside = (int.from_bytes(data[at : at + 4], "little") for at in (0, 4, 8))
    if record != 1:
        return f"PKTAP record {record}"
    if not 12 <= length < len(data):
        return CUT
    if inside == _PKTAP:
        return "PKTAP in PKTAP"
    found = behind_link(inside, data[length:])
    return found if isinstance(found, str) else (found[0], found[1] + length)
