"""Link layers and IP: where TCP is found, and what everything else is called."""

import struct

import pytest
from scapy.layers.inet import ICMP, IP, TCP, UDP, IPOption_NOP
from scapy.layers.inet6 import (
    ICMPv6EchoRequest,
    IPv6,
    IPv6ExtHdrDestOpt,
    IPv6ExtHdrFragment,
    IPv6ExtHdrHopByHop,
    IPv6ExtHdrRouting,
)
from scapy.layers.ipsec import AH
from scapy.layers.l2 import ARP, CookedLinux, CookedLinuxV2, Dot1AD, Dot1Q, Ether
from scapy.packet import Raw

from tests.transport.playbook import ETHERNET, Play, run

SEGMENT = {"sport": 40_000, "dport": 80, "seq": 1, "ack": 1, "flags": "PA"}
V4 = IP(src="192.0.2.1", dst="192.0.2.2")
V6 = IPv6(src="2001:db8::1", dst="2001:db8::2")
DATA = b"hello"
TAIL = TCP(**SEGMENT) / Raw(DATA)


def capture(raw, linktype=1, wire_length=None, cut=0):
    captured = raw[: len(raw) - cut]
    return [(1, 1, linktype, captured, wire_length or len(raw), 1)]


def ether(layers, **fields):
    return bytes(Ether(**ETHERNET, **fields) / layers)


LINKS = {
    "ethernet": (1, ether(V4 / TAIL)),
    "vlan": (1, ether(Dot1Q(vlan=7) / V4 / TAIL)),
    "stacked": (1, ether(Dot1AD(vlan=7) / Dot1Q(vlan=8) / V4 / TAIL)),
    "stacked 9100": (1, ether(Dot1Q(vlan=7) / V4 / TAIL, type=0x9100)),
    "vlan ipv6": (1, ether(Dot1Q(vlan=7) / V6 / TAIL)),
    "cooked": (113, bytes(CookedLinux(proto=0x0800) / V4 / TAIL)),
    "cooked vlan": (113, bytes(CookedLinux(proto=0x8100) / Dot1Q(vlan=7) / V4 / TAIL)),
    "cooked ipv6": (113, bytes(CookedLinux(proto=0x86DD) / V6 / TAIL)),
    "cooked v2": (276, bytes(CookedLinuxV2(proto=0x0800) / V4 / TAIL)),
    "cooked v2 vlan": (276, bytes(CookedLinuxV2(proto=0x8100) / Dot1Q(vlan=7) / V4 / TAIL)),
    "null little-endian": (0, struct.pack("<I", 2) + bytes(V4 / TAIL)),
    "null big-endian": (0, struct.pack(">I", 2) + bytes(V4 / TAIL)),
    "null ipv6 macos": (0, struct.pack("<I", 30) + bytes(V6 / TAIL)),
    "null ipv6 freebsd": (0, struct.pack("<I", 28) + bytes(V6 / TAIL)),
    "loop": (108, struct.pack(">I", 2) + bytes(V4 / TAIL)),
    "raw": (101, bytes(V4 / TAIL)),
    "raw bsd": (12, bytes(V4 / TAIL)),
    "raw openbsd": (14, bytes(V6 / TAIL)),
    "ipv4": (228, bytes(V4 / TAIL)),
    "ipv6": (229, bytes(V6 / TAIL)),
    "ipv4 options": (1, ether(V4.copy() / TAIL)),
    "ipv6 hop-by-hop": (1, ether(V6 / IPv6ExtHdrHopByHop() / TAIL)),
    "ipv6 three headers": (
        1,
        ether(V6 / IPv6ExtHdrHopByHop() / IPv6ExtHdrRouting() / IPv6ExtHdrDestOpt() / TAIL),
    ),
    "ipv6 atomic fragment": (1, ether(V6 / IPv6ExtHdrFragment(offset=0, m=0) / TAIL)),
    "ipv6 authentication": (
        1,
        ether(V6 / AH(nh=6, payloadlen=4, spi=1, seq=1, icv=bytes(12), padding=b"") / TAIL),
    ),
}
LINKS["ipv4 options"] = (
    1,
    ether(IP(src="192.0.2.1", dst="192.0.2.2", options=[IPOption_NOP()] * 4) / TAIL),
)


@pytest.mark.parametrize("name", LINKS)
def test_finds_tcp(name):
    linktype, raw = LINKS[name]
    outcome = run(capture(raw, linktype))
    assert outcome.transport.skipped == {}
    assert outcome.client() == DATA
    assert (outcome.half("client").port, outcome.half("server").port) == (40_000, 80)
    assert outcome.half("client").ttl == 64
    assert outcome.half("client").address_text in {"192.0.2.1", "2001:db8::1"}


def as_user0(raw):
    return [(1, 1, 147, raw, len(raw), 1)]


PLAIN = ether(V4 / TAIL)
SKIPPED = {
    "ARP": capture(ether(ARP())),
    "UDP": capture(ether(V4 / UDP() / Raw(b"x" * 40))),
    "ICMP": capture(ether(V4 / ICMP() / Raw(b"x" * 40))),
    "ICMPv6": capture(ether(V6 / ICMPv6EchoRequest(data=b"x" * 40))),
    "IPv4 fragment": capture(ether(IP(src="192.0.2.1", dst="192.0.2.2", flags="MF") / TAIL)),
    "IPv6 fragment": capture(ether(V6 / IPv6ExtHdrFragment(offset=0, m=1) / TAIL)),
    "EtherType 0x1234": capture(ether(Raw(b"x" * 60), type=0x1234)),
    "IEEE 802.3 frame without EtherType": capture(ether(Raw(b"x" * 60), type=60)),
    "link type 147 (USER0)": as_user0(PLAIN),
    "link type 9999": capture(PLAIN, 9999),
    "IP version 9": capture(b"\x90" * 60, 101),
    "address family 7": capture(b"\0\0\0\x07" + b"x" * 60, 0),
    "IP protocol 253": capture(ether(IP(proto=253, dst="192.0.2.2") / Raw(b"x" * 40))),
    "no bytes captured": capture(b"", wire_length=60),
    "cut inside the link header": capture(PLAIN[:14], wire_length=60),
    "cut inside the IPv4 header": capture(PLAIN[:30], wire_length=60),
    "cut inside the IPv6 header": capture(ether(V6 / TAIL)[:40], wire_length=80),
    "cut inside the TCP header": capture(PLAIN[:50], wire_length=60),
    "IPv4 header too short": capture(PLAIN[:14] + b"\x41" + PLAIN[15:]),
    "TCP header too short": capture(PLAIN[:46] + b"\x40" + PLAIN[47:]),
}


@pytest.mark.parametrize("name", SKIPPED)
def test_names_what_is_no_tcp(name):
    outcome = run(SKIPPED[name])
    assert outcome.transport.skipped == {name: 1}
    assert outcome.transport.tcp_connections == 0


@pytest.mark.parametrize("raw", [PLAIN, ether(V6 / TAIL)], ids=["ipv4", "ipv6"])
def test_padding_behind_the_ip_packet_is_no_data(raw):
    outcome = run(capture(raw + bytes(6)))
    assert outcome.client() == DATA


@pytest.mark.parametrize("layers", [V4, V6], ids=["ipv4", "ipv6"])
def test_offloaded_packet_without_a_length(layers):
    raw = bytearray(ether(layers / TCP(**SEGMENT) / Raw(b"x" * 60_000)))
    at = 16 if layers is V4 else 18
    raw[at : at + 2] = b"\0\0"
    outcome = run(capture(bytes(raw)))
    assert len(outcome.client()) == len(raw) - (54 if layers is V4 else 74)


def test_offloaded_packet_without_a_length_cut_by_the_snap_length():
    raw = bytearray(ether(V4 / TCP(**SEGMENT) / Raw(b"x" * 1_000)))
    raw[16:18] = b"\0\0"
    outcome = run(capture(bytes(raw), cut=400))
    assert outcome.gaps() == [("client", 600, 400, "snap-length")]


def test_packet_larger_than_any_segment():
    play = Play().handshake()
    play.client.says(b"x" * 60_000)
    play.server.acks()
    assert len(play.run().client()) == 60_000


@pytest.mark.parametrize("length", range(len(PLAIN)))
def test_any_cut_is_counted_or_read(length):
    outcome = run(capture(PLAIN[:length], wire_length=len(PLAIN)))
    assert sum(outcome.transport.skipped.values()) + outcome.transport.tcp_connections == 1


@pytest.mark.parametrize(
    ("at", "value", "name"),
    [(20, 0x20, "IPv4 fragment"), (21, 0x01, "IPv4 fragment"), (46, 0x40, "TCP header too short")],
)
def test_known_connection_is_looked_at_as_closely(at, value, name):
    play = Play().handshake()
    play.client.says(b"one").says(b"two")
    number, time, linktype, data, *rest = play.packets[-1]
    play.packets[-1] = (number, time, linktype, data[:at] + bytes([value]) + data[at + 1 :], *rest)
    outcome = play.run()
    assert outcome.client() == b"one"
    assert outcome.transport.skipped == {name: 1}


def test_same_connection_on_two_links():
    play = Play().handshake()
    play.client.says(b"one").says(b"two")
    number, time, _, data, wire_length, place = play.packets[-1]
    tagged = data[:12] + b"\x81\x00\x00\x07" + data[12:]
    play.packets[-1] = (number, time, 1, tagged, wire_length + 4, place)
    outcome = play.run()
    assert outcome.transport.tcp_connections == 1
    assert outcome.client() == b"onetwo"
