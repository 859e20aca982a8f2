"""An IP packet told again as tunnels and rarer links carry it, built with scapy.

`WRAPPINGS`: name -> (link type, function from the bytes of an IP packet to captured frames).
"""

from __future__ import annotations

import itertools
import struct
from collections.abc import Callable, Iterable

from scapy.contrib.erspan import ERSPAN_II, ERSPAN_III, ERSPAN_PlatformSpecific
from scapy.contrib.geneve import GENEVE, GeneveOptions
from scapy.contrib.gtp import GTP_U_Header, GTPPDUSessionContainer
from scapy.contrib.mpls import MPLS
from scapy.layers.dot11 import Dot11, Dot11QoS, RadioTap
from scapy.layers.inet import IP, UDP
from scapy.layers.inet6 import IPv6, IPv6ExtHdrHopByHop, Jumbo
from scapy.layers.l2 import GRE, LLC, SNAP, Dot1Q, Dot3, Ether
from scapy.layers.ppp import PPP, PPPoE
from scapy.layers.vxlan import VXLAN
from scapy.packet import Packet, Raw

MAC = {"src": "02:00:00:00:00:11", "dst": "00:00:5e:00:53:12"}
OUTER = Ether(**MAC)
V4 = {"src": "198.51.100.1", "dst": "198.51.100.2"}
V6 = {"src": "2001:db8:f::1", "dst": "2001:db8:f::2"}
_ids = itertools.count(1)

Frames = list[bytes]


def _kind(ip: bytes) -> int:
    return 0x86DD if ip[0] >> 4 == 6 else 0x0800


def frame(ip: bytes) -> Packet:
    """The packet in an Ethernet frame of its own."""
    return Ether(**MAC, type=_kind(ip)) / Raw(ip)


def over(*layers: Packet) -> Callable[[bytes], Frames]:
    """Frames with these layers in front of the IP packet."""

    def wrap(ip: bytes) -> Frames:
        return [bytes(_joined((OUTER, *layers, Raw(ip))))]

    return wrap


def bridged(*layers: Packet) -> Callable[[bytes], Frames]:
    """The same in front of an Ethernet frame."""

    def wrap(ip: bytes) -> Frames:
        return [bytes(_joined((OUTER, *layers, frame(ip))))]

    return wrap


def _joined(layers: Iterable[Packet]) -> Packet:
    first, *rest = (layer.copy() for layer in layers)
    for layer in rest:
        first /= layer
    return first


def typed(*layers: Packet, field: str = "proto") -> Callable[[bytes], Frames]:
    """As `over`; the last layer says in `field` which version of IP it carries."""

    def wrap(ip: bytes) -> Frames:
        *before, last = (layer.copy() for layer in layers)
        last.setfieldval(field, _kind(ip))
        return over(*before, last)(ip)

    return wrap


def in_ip(outer: Packet) -> Callable[[bytes], Frames]:
    """IP in IP: the protocol number says which version is inside."""

    def wrap(ip: bytes) -> Frames:
        head = outer.copy()
        head.setfieldval("proto" if isinstance(head, IP) else "nh", 41 if ip[0] >> 4 == 6 else 4)
        return over(head)(ip)

    return wrap


def pppoe(ip: bytes) -> Frames:
    return over(PPPoE(sessionid=7), PPP(proto=0x57 if ip[0] >> 4 == 6 else 0x21))(ip)


def _ipv4_pieces(ip: bytes, size: int) -> Frames:
    head, data, pieces = ip[:20], ip[20:], []
    for at in range(0, len(data), size):
        piece = data[at : at + size]
        place = at // 8 | (0x2000 if at + size < len(data) else 0)
        fixed = head[:2] + struct.pack("!HHH", 20 + len(piece), next(_ids_now), place) + head[8:]
        pieces.append(fixed + piece)
    return pieces


def _ipv6_pieces(ip: bytes, size: int) -> Frames:
    head, data, pieces, number = ip[:40], ip[40:], [], next(_ids)
    for at in range(0, len(data), size):
        piece = data[at : at + size]
        place = at | (at + size < len(data))
        extension = struct.pack("!BBHI", head[6], 0, place, number)
        length = struct.pack("!HB", 8 + len(piece), 44)
        pieces.append(head[:4] + length + head[7:] + extension + piece)
    return pieces


class _Same:
    """The same number until the next packet begins."""

    def __init__(self) -> None:
        self.number = 0

    def __next__(self) -> int:
        return self.number


_ids_now = _Same()


def fragments(ip: bytes, size: int = 24) -> Frames:
    """IP packets of at most `size` bytes of payload."""
    if len(ip) < 60 + size:
        return [ip]
    if ip[0] >> 4 == 6:
        return _ipv6_pieces(ip, size)
    _ids_now.number = int.from_bytes(ip[4:6], "big")
    return _ipv4_pieces(ip, size)


def in_fragments(order: Callable[[Frames], Frames]) -> Callable[[bytes], Frames]:
    def wrap(ip: bytes) -> Frames:
        return [bytes(frame(piece)) for piece in order(fragments(ip))]

    return wrap


def overlapping(ip: bytes) -> Frames:
    """IPv4 fragments that repeat the end of the one before."""
    pieces = fragments(ip)
    if len(pieces) == 1 or ip[0] >> 4 == 6:
        return [bytes(frame(piece)) for piece in pieces]
    told, data = [], ip[20:]
    for piece in pieces:
        place = int.from_bytes(piece[6:8], "big")
        at, back = (place & 0x1FFF) * 8, 8 if place & 0x1FFF else 0
        body = data[at - back : at + len(piece) - 20]
        head = struct.pack("!HHH", 20 + len(body), int.from_bytes(piece[4:6], "big"),
                           place - back // 8)  # fmt: skip
        told.append(bytes(frame(piece[:2] + head + piece[8:20] + body)))
    return told


def tunnel_in_fragments(ip: bytes) -> Frames:
    """VXLAN whose outer packets do not fit."""
    outer = IP(**V4, id=next(_ids) & 0xFFFF) / UDP(dport=4789) / VXLAN(vni=7) / frame(ip)
    return [bytes(frame(piece)) for piece in fragments(bytes(outer), 56)]


def nflog(ip: bytes) -> Frames:
    family = 10 if ip[0] >> 4 == 6 else 2
    told = bytes([family, 0, 0, 5])
    for kind, value in ((1, b"\x08\0\1\0"), (10, b"ws\0"), (9, ip)):
        told += struct.pack("<HH", 4 + len(value), kind) + value + bytes(-len(value) % 4)
    return [told]


def pktap(ip: bytes) -> Frames:
    head = struct.pack("<III24sIIIII20s", 108, 1, 1, b"en0", 1, 2, 14, 0, 42, b"curl")
    return [head.ljust(108, b"\0") + bytes(frame(ip))]


def wireless(*before: Packet, **fields: object) -> Callable[[bytes], Frames]:
    def wrap(ip: bytes) -> Frames:
        addresses = dict.fromkeys(("addr1", "addr2", "addr3"), "02:00:00:00:00:21")
        head = Dot11(type=2, **addresses, **fields)
        layers = [*before, head]
        layers += [Dot11QoS()] if fields.get("subtype") == 8 else []
        return [bytes(_joined([*layers, LLC(), SNAP(code=_kind(ip)), Raw(ip)]))]

    return wrap


def without_length(wrap: Callable[[bytes], Frames]) -> Callable[[bytes], Frames]:
    """BIG TCP and segmentation offload: the length of the IP packet is 0."""

    def blank(ip: bytes) -> Frames:
        at = 4 if ip[0] >> 4 == 6 else 2
        return wrap(ip[:at] + b"\0\0" + ip[at + 2 :])

    return blank


def jumbogram(ip: bytes) -> Frames:
    """RFC 2675: payload length 0 and a hop-by-hop option; IPv4 has length 0 alone."""
    if ip[0] >> 4 == 4:
        return without_length(lambda blank: [bytes(frame(blank))])(ip)
    head = IPv6(ip[:40])
    option = IPv6ExtHdrHopByHop(nh=6, options=[Jumbo(jumboplen=len(ip) - 32)])
    return [bytes(OUTER / IPv6(src=head.src, dst=head.dst, hlim=head.hlim, plen=0) / option
                  / Raw(ip[40:]))]  # fmt: skip


def _udp(port: int, outer: Packet | None = None) -> list[Packet]:
    return [outer or IP(**V4), UDP(sport=50_000, dport=port, chksum=0)]


GTP = [*_udp(2152), GTP_U_Header(gtp_type=255, teid=9, S=1, seq=3)]
SESSION = GTPPDUSessionContainer(type=0, QFI=1, NextExtHdr=0)

WRAPPINGS: dict[str, tuple[int, Callable[[bytes], Frames]]] = {
    "fragments": (1, in_fragments(list)),
    "fragments-backwards": (1, in_fragments(lambda pieces: pieces[::-1])),
    "fragments-twice": (1, in_fragments(lambda pieces: [each for each in pieces for _ in "12"])),
    "fragments-all-twice": (1, in_fragments(lambda pieces: pieces * 2)),
    "fragments-overlapping": (1, overlapping),
    "gre": (1, typed(IP(**V4), GRE())),
    "gre-key-checksum-sequence": (
        1,
        typed(
            IP(**V4),
            GRE(chksum_present=1, key_present=1, key=5, seqnum_present=1, sequence_number=6),
        ),
    ),
    "gre-over-ipv6": (1, typed(IPv6(**V6), GRE())),
    "gre-bridged": (1, bridged(IP(**V4), GRE(proto=0x6558))),
    "nvgre": (1, bridged(IP(**V4), GRE(proto=0x6558, key_present=1, key=0x00500101))),
    "gre-mpls": (1, over(IP(**V4), GRE(proto=0x8847), MPLS(label=30, s=1))),
    "vxlan": (1, bridged(*_udp(4789), VXLAN(vni=7))),
    "vxlan-old-port": (1, bridged(*_udp(8472), VXLAN(vni=7))),
    "vxlan-over-ipv6": (1, bridged(*_udp(4789, IPv6(**V6)), VXLAN(vni=7))),
    "vxlan-vlan": (1, bridged(Dot1Q(vlan=4), *_udp(4789), VXLAN(vni=7))),
    "geneve": (1, bridged(*_udp(6081), GENEVE(vni=7))),
    "geneve-options": (
        1,
        bridged(
            *_udp(6081),
            GENEVE(
                vni=7,
                options=[GeneveOptions(classid=0x102, type=1, data=b"12345678")] * 3,
            ),
        ),
    ),
    "geneve-ip": (1, typed(*_udp(6081), GENEVE(vni=7), field="proto")),
    "gtp-u": (1, over(*GTP)),
    "gtp-u-extension": (
        1,
        over(*_udp(2152), GTP_U_Header(gtp_type=255, teid=9, E=1, next_ex=0x85), SESSION),
    ),
    "ip-in-ipv4": (1, in_ip(IP(**V4))),
    "ip-in-ipv6": (1, in_ip(IPv6(**V6))),
    "mpls": (1, over(MPLS(label=30, s=0), MPLS(label=31, s=1))),
    "mpls-ethernet": (1, bridged(MPLS(label=30, s=1))),
    "mpls-control-word": (1, bridged(MPLS(label=30, s=1), Raw(b"\0\0\0\7"))),
    "mpls-in-udp": (1, over(*_udp(6635), MPLS(label=30, s=1))),
    "pppoe": (1, pppoe),
    "pppoe-vlan": (1, lambda ip: [raw[:12] + b"\x81\0\0\7" + raw[12:] for raw in pppoe(ip)]),
    "snap": (1, lambda ip: [bytes(Dot3(**MAC) / LLC() / SNAP(code=_kind(ip)) / Raw(ip))]),
    "erspan-1": (1, bridged(IP(**V4), GRE(proto=0x88BE))),
    "erspan-2": (
        1,
        bridged(IP(**V4), GRE(proto=0x88BE, seqnum_present=1, sequence_number=1), ERSPAN_II()),
    ),
    "erspan-3": (
        1,
        bridged(IP(**V4), GRE(proto=0x22EB, seqnum_present=1, sequence_number=1), ERSPAN_III()),
    ),
    "erspan-3-platform": (
        1,
        bridged(
            IP(**V4),
            GRE(proto=0x22EB, seqnum_present=1, sequence_number=1),
            ERSPAN_III(o=1),
            ERSPAN_PlatformSpecific(platf_id=3),
        ),
    ),
    "vxlan-in-gre-in-ipip": (1, bridged(IP(**V4), IP(**V4), GRE(), *_udp(4789), VXLAN(vni=7))),
    "vxlan-in-fragments": (1, tunnel_in_fragments),
    "no-length": (1, without_length(lambda ip: [bytes(frame(ip))])),
    "no-length-vxlan": (1, without_length(bridged(*_udp(4789), VXLAN(vni=7)))),
    "jumbogram": (1, jumbogram),
    "ppp": (9, lambda ip: [(b"\0\x57" if ip[0] >> 4 == 6 else b"\0\x21") + ip]),
    "ppp-hdlc": (50, lambda ip: [b"\xff\3" + (b"\0\x57" if ip[0] >> 4 == 6 else b"\x21") + ip]),
    "cisco-hdlc": (104, lambda ip: [b"\x0f\0" + struct.pack("!H", _kind(ip)) + ip]),
    "pppoe-link": (51, lambda ip: [raw[14:] for raw in pppoe(ip)]),
    "nflog": (239, nflog),
    "pktap": (258, pktap),
    "802.11": (105, wireless(FCfield=1)),
    "radiotap": (127, wireless(RadioTap(), FCfield=2)),
    "radiotap-qos": (127, wireless(RadioTap(), subtype=8, FCfield=1)),
    "radiotap-four-addresses": (
        127,
        wireless(RadioTap(), FCfield=3, addr4="02:00:00:00:00:24"),
    ),
}
