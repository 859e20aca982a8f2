"""What stands between the link header and IP: tags, labels, and the frames that tunnels carry."""

from __future__ import annotations

from collections.abc import Callable

# EtherTypes (IEEE 802, public list) as far as something is read behind them.
IPV4, IPV6 = 0x0800, 0x86DD
MPLS, MPLS_UPSTREAM = 0x8847, 0x8848
PPPOE_SESSION = 0x8864
ETHERNET_FRAME = 0x6558
"""Transparent Ethernet bridging, as GRE and Geneve name a whole frame."""
PPP = 0x880B
ERSPAN, ERSPAN_III = 0x88BE, 0x22EB
IP = -1
"""IP; the version stands in the packet. No EtherType: those are not negative."""

CUT = "cut inside the link header"

_VLAN_TAGS = frozenset({0x8100, 0x88A8, 0x9100})
_MOST_LAYERS = 16
"""VLAN tags and the like, one behind the other."""
_MOST_LABELS = 16

_NAMES = {
    0x0806: "ARP",
    0x8035: "RARP",
    0x8863: "PPPoE discovery",
    0x888E: "EAPOL",
    0x88CC: "LLDP",
    0x88E5: "MACsec",
    0x894F: "NSH",
}
_PPP = {0x0021: IP, 0x0057: IP, 0x0281: MPLS}
"""RFC 1661 2: PPP protocols (IANA's list) that carry IP."""

_Step = tuple[int, int] | str


def ip_behind(data: bytes, kind: int, offset: int) -> int | str:
    """Follow what `kind` says begins at `offset` to the IP header, or name what is there."""
    for _ in range(_MOST_LAYERS + 2):
        if kind in (IP, IPV4, IPV6):
            return offset if len(data) > offset else CUT
        if kind in _VLAN_TAGS:
            # IEEE 802.1Q 9.3: two bytes of priority and VLAN number, then the EtherType it hides.
            kind, offset = int.from_bytes(data[offset + 2 : offset + 4], "big"), offset + 4
            if len(data) <= offset:
                return CUT
            continue
        step = _STEPS.get(kind)
        if step is None:
            return _name(data, kind, offset)
        found = step(data, offset)
        if isinstance(found, str):
            return found
        kind, offset = found
    return "too many VLAN tags"


def _name(data: bytes, kind: int, offset: int) -> str:
    if len(data) <= offset:
        return CUT
    return _NAMES.get(kind, f"EtherType 0x{kind:04x}")


def _ethernet(data: bytes, offset: int) -> _Step:
    if len(data) <= offset + 14:
        return CUT
    kind = int.from_bytes(data[offset + 12 : offset + 14], "big")
    if kind < 0x600:  # IEEE 802.3 3.2.6: a length, with LLC behind it
        return _llc(data, offset + 14)
    return kind, offset + 14


def _llc(data: bytes, offset: int) -> _Step:
    # RFC 1042: LLC AA AA 03, organisation 000000, then an EtherType.
    if data[offset : offset + 6] == b"\xaa\xaa\x03\0\0\0" and len(data) > offset + 8:
        return int.from_bytes(data[offset + 6 : offset + 8], "big"), offset + 8
    return "IEEE 802.3 frame without EtherType"


def _mpls(data: bytes, offset: int) -> _Step:
    """RFC 3032 2.1: labels of four bytes, the last with the lowest bit of its third set. What is
    behind it is not said: IP by its version, else Ethernet (RFC 4448), with a control word or not.
    """
    for _ in range(_MOST_LABELS):
        if len(data) <= offset + 4:
            return "cut inside the MPLS labels"
        offset += 4
        if data[offset - 2] & 1:
            return _pseudo_wire(data, offset)
    return "too many MPLS labels"


def _pseudo_wire(data: bytes, offset: int) -> _Step:
    if _is_ip(data, offset):
        return IP, offset
    nibble = data[offset] >> 4
    if nibble == 1:  # RFC 4385 5
        return "MPLS channel message"
    # A control word (RFC 4385 3) begins with 0 - as many Ethernet addresses do.
    starts = (offset + 4, offset) if nibble == 0 else (offset,)
    for start in starts:
        if _is_frame(data, start):
            return ETHERNET_FRAME, start
    return "MPLS with unknown content"


def _is_ip(data: bytes, offset: int) -> bool:
    """Whether an IP header may stand here; a MAC address can begin with 4 or 6 too."""
    rest = len(data) - offset
    if data[offset] >> 4 == 6:
        return rest >= 40 and not _is_frame(data, offset)
    return data[offset] >> 4 == 4 and rest >= 20 and data[offset] & 15 >= 5


def _is_frame(data: bytes, start: int) -> bool:
    kind = int.from_bytes(data[start + 12 : start + 14], "big")
    known = kind in (IPV4, IPV6) or kind in _VLAN_TAGS or kind in _STEPS or kind in _NAMES
    return known and len(data) > start + 14


def _pppoe(data: bytes, offset: int) -> _Step:
    # RFC 2516 4: version and type 1, code 0 for a session, session, length; then PPP.
    if len(data) <= offset + 8:
        return "cut inside the PPPoE header"
    if data[offset] != 0x11 or data[offset + 1]:
        return "PPPoE session with unknown header"
    return PPP, offset + 6


def _ppp(data: bytes, offset: int) -> _Step:
    # RFC 1662 3.1: FF 03 may be left out, as may the first byte of a protocol below 256 (RFC 1661
    # 6.5): an odd byte ends the number.
    if data[offset : offset + 2] == b"\xff\x03":
        offset += 2
    if len(data) <= offset + 2:
        return "cut inside the PPP header"
    short = data[offset] & 1
    protocol = data[offset] if short else int.from_bytes(data[offset : offset + 2], "big")
    if protocol in _PPP:
        return _PPP[protocol], offset + (1 if short else 2)
    return f"PPP protocol 0x{protocol:04x}"


def _erspan(data: bytes, offset: int) -> _Step:
    if len(data) <= offset + 8:
        return "cut inside the ERSPAN header"
    return ETHERNET_FRAME, offset + 8  # draft-foschiano-erspan 4.2; type I never comes here


def _erspan_iii(data: bytes, offset: int) -> _Step:
    if len(data) <= offset + 12:
        return "cut inside the ERSPAN header"
    # draft-foschiano-erspan 4.3: the lowest bit announces eight bytes more.
    return ETHERNET_FRAME, offset + (20 if data[offset + 11] & 1 else 12)


_STEPS: dict[int, Callable[[bytes, int], _Step]] = {
    ETHERNET_FRAME: _ethernet,
    MPLS: _mpls,
    MPLS_UPSTREAM: _mpls,
    PPPOE_SESSION: _pppoe,
    PPP: _ppp,
    ERSPAN: _erspan,
    ERSPAN_III: _erspan_iii,
}
