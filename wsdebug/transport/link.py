"""Link layers: where in a captured packet the IP header begins."""

from __future__ import annotations

from wsdebug.capture.link_types import link_type_name

ETHERNET = 1

_VLAN_TAGS = frozenset({0x8100, 0x88A8, 0x9100})
_MOST_TAGS = 16
_IPV4, _IPV6 = 0x0800, 0x86DD

# AF_INET6 is another number on each system: Linux, NetBSD and OpenBSD, FreeBSD, macOS.
_FAMILIES_IPV6 = frozenset({10, 24, 28, 30})

_ETHERTYPES = {
    0x0806: "ARP",
    0x8035: "RARP",
    0x8847: "MPLS",
    0x8848: "MPLS",
    0x8863: "PPPoE discovery",
    0x8864: "PPPoE session",
    0x888E: "EAPOL",
    0x88CC: "LLDP",
    0x88E5: "MACsec",
}


def ip_offset(linktype: int, data: bytes) -> int | str:
    """The offset of the IP header, or the name of what the packet carries in its place."""
    # https://www.tcpdump.org/linktypes.html names the numbers.
    match linktype:
        case 1:
            return _behind_ethertype(data, 12)
        case 113:  # LINUX_SLL: the protocol is the last field of 16 bytes
            return _behind_ethertype(data, 14)
        case 276:  # LINUX_SLL2: the protocol is the first field of 20 bytes
            return _behind_ethertype(data, 0, 20)
        case 0 | 108:  # NULL (byte order of the writer) and LOOP (network byte order)
            return _behind_family(data)
        case 12 | 14 | 101 | 228 | 229:  # RAW as BSD, OpenBSD and the standard have it; IPV4, IPV6
            return 0
    name = link_type_name(linktype)
    if 147 <= linktype <= 162:  # for private use, so the registry of `capture` has no name
        name = f"USER{linktype - 147}"
    return f"link type {linktype} ({name})" if name != str(linktype) else f"link type {linktype}"


def _behind_ethertype(data: bytes, place: int, behind: int | None = None) -> int | str:
    """Follow an EtherType at `place` through VLAN tags; `behind` is where its payload begins."""
    offset = place + 2 if behind is None else behind
    kind = int.from_bytes(data[place : place + 2], "big")
    tags = 0
    while kind in _VLAN_TAGS and len(data) >= offset + 4:
        if tags == _MOST_TAGS:
            return "too many VLAN tags"
        tags += 1
        # IEEE 802.1Q 9.3: two bytes of priority and VLAN number, then the EtherType it hides.
        kind = int.from_bytes(data[offset + 2 : offset + 4], "big")
        offset += 4
    if len(data) <= offset:
        return "cut inside the link header"
    if kind in (_IPV4, _IPV6):
        return offset
    if kind < 0x600:  # IEEE 802.3 3.2.6: a length, with LLC behind it
        return "IEEE 802.3 frame without EtherType"
    return _ETHERTYPES.get(kind, f"EtherType 0x{kind:04x}")


def _behind_family(data: bytes) -> int | str:
    """BSD loopback: four bytes of address family, in either byte order."""
    if len(data) <= 4:
        return "cut inside the link header"
    family = int.from_bytes(data[:4], "big")
    if family > 0xFFFF:
        family = int.from_bytes(data[:4], "little")
    if family == 2 or family in _FAMILIES_IPV6:
        return 4
    return f"address family {family}"
