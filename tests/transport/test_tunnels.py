"""Tunnels and rarer links: what one connection is, and what damaged headers are called."""

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scapy.layers.dot11 import Dot11, Dot11Beacon, Dot11CCMP, Dot11WEP, RadioTap
from scapy.layers.inet import ICMP, IP, TCP, UDP
from scapy.layers.l2 import ARP, GRE, Ether
from scapy.layers.vxlan import VXLAN
from scapy.packet import Raw

from tests.transport.playbook import Play, run
from tests.whole.wrapping import MAC, OUTER, V4, WRAPPINGS, tunnel_in_fragments
from wsdebug.model.limits import Limits

SEGMENT = bytes(IP(src="192.0.2.1", dst="192.0.2.2") / TCP(sport=40_000, dport=80) / Raw(b"hello"))


def wrapped(play, wrap, *, both=False, inside_first=True):
    """The packets of a play in a tunnel; `both`: outside it too, as `tcpdump -i any` has them."""
    packets, play.packets = play.packets, []
    for _, now, _, data, _, _ in packets:
        play.now = now
        frames = wrap(data[14:])
        if both:
            frames = [data, *frames] if inside_first else [*frames, data]
        for frame in frames:
            play.add(frame)
    return play


def vxlan(vni):
    def wrap(ip):
        layers = Ether(type=0x0800, **MAC) / Raw(ip)
        return [bytes(OUTER / IP(**V4) / UDP(dport=4789) / VXLAN(vni=vni) / layers)]

    return wrap


def talk(isn=1_000):
    play = Play(client_isn=isn, server_isn=isn + 4_000).handshake()
    for number in range(5):
        play.client.says(b"question %d of %d " % (number, isn) * 9)
        play.server.acks().says(b"answer %d of %d" % (number, isn))
        play.client.acks()
    return play


BOTH = ["gre", "vxlan", "geneve", "gtp-u", "ip-in-ipv4", "mpls", "pppoe", "erspan-2",
        "vxlan-in-fragments"]  # fmt: skip


@pytest.mark.parametrize("inside_first", [True, False], ids=["inside first", "outside first"])
@pytest.mark.parametrize("name", BOTH)
def test_inside_and_outside_is_one_connection_seen_twice(name, inside_first):
    plain = talk().run()
    play = wrapped(talk(), WRAPPINGS[name][1], both=True, inside_first=inside_first)
    outcome = play.run()
    assert outcome.transport.tcp_connections == 1
    assert (outcome.client(), outcome.server()) == (plain.client(), plain.server())
    assert outcome.counts()["seen-twice"] == 12  # ten with data, two SYNs
    assert outcome.counts()["retransmission"] == 0


def test_a_packet_whose_checksum_came_later_is_known_again():
    """A device computes TCP checksums, and what is captured before it has none yet."""
    play = wrapped(talk(), vxlan(7), both=True)
    for at, (number, now, linktype, data, wire, place) in enumerate(play.packets):
        if at % 2 == 0:
            partial = data[:50] + b"\x12\x34" + data[52:]
            play.packets[at] = (number, now, linktype, partial, wire, place)
    counts = play.run().counts()
    assert (counts["seen-twice"], counts["retransmission"]) == (12, 0)


def interleaved(*plays):
    told = [packet for row in zip(*(play.packets for play in plays), strict=True) for packet in row]
    return [(number, number * 10**5, *packet[2:]) for number, packet in enumerate(told, 1)]


def test_the_same_addresses_in_two_networks_are_two_connections():
    plays = [wrapped(talk(isn), vxlan(vni)) for isn, vni in ((1_000, 7), (900_000_000, 8))]
    outcome = run(interleaved(*plays))
    assert outcome.transport.tcp_connections == 2
    for index, isn in enumerate((1_000, 900_000_000)):
        assert outcome.client(index) == talk(isn).run().client()
        assert outcome.server(index) == talk(isn).run().server()
        assert outcome.half("client", index).address_text == "192.0.2.1"
        assert (outcome.half("client", index).port, outcome.half("server", index).port) == (
            40_000,
            80,
        )
    assert set(outcome.counts(0)) | set(outcome.counts(1)) == {"syn"}


def test_one_connection_through_two_networks_is_one():
    plays = [wrapped(talk(), vxlan(vni)) for vni in (7, 8)]
    outcome = run(interleaved(*plays))
    assert outcome.transport.tcp_connections == 1
    assert outcome.client() == talk().run().client()
    assert outcome.counts()["retransmission"] == 0


def test_two_networks_without_their_handshakes_are_two_connections():
    plays = [wrapped(talk(isn), vxlan(vni)) for isn, vni in ((1_000, 7), (900_000_000, 8))]
    for play in plays:
        del play.packets[:3]
    outcome = run(interleaved(*plays))
    assert outcome.transport.tcp_connections == 2
    assert outcome.client(1) == talk(900_000_000).run().client()


def test_ports_used_again_in_one_network_begin_a_new_connection():
    first, second = wrapped(talk(), vxlan(7)), wrapped(talk(900_000_000), vxlan(7))
    packets = [
        (number, number * 10**5, *packet[2:])
        for number, packet in enumerate([*first.packets, *second.packets], 1)
    ]
    outcome = run(packets)
    assert outcome.transport.tcp_connections == 2
    assert outcome.counts(0)["port-reuse"] == 1


def test_tunnels_inside_each_other_have_a_limit():
    layers = OUTER
    for _ in range(10):
        layers = layers / IP(**V4)
    raw = bytes(layers / IP(SEGMENT))
    packet = (1, 1, 1, raw, len(raw), 1)
    outcome = run([packet])
    assert outcome.transport.skipped == {"too many tunnels inside each other": 1}
    assert outcome.transport.limits == {"tunnels": 1}
    assert run([packet], limits=Limits(tunnels=10)).transport.tcp_connections == 1


def udp(port, payload):
    return bytes(OUTER / IP(**V4) / UDP(dport=port) / Raw(payload))


def gre(payload):
    return bytes(OUTER / IP(proto=47, **V4) / Raw(payload))


def of_type(kind, payload):
    return bytes(Ether(type=kind, **MAC) / Raw(payload))


def ppp(protocol):
    return bytes([0x11, 0, 0, 7, 0, 40]) + struct.pack("!H", protocol) + SEGMENT


NAMES = {
    "ARP": (1, bytes(OUTER / IP(**V4) / UDP(dport=4789) / VXLAN(vni=7) / Ether(**MAC) / ARP())),
    "ICMP": (1, bytes(OUTER / IP(**V4) / GRE() / IP(**V4) / ICMP() / Raw(b"x" * 40))),
    "UDP": (1, udp(4789, b"\x07no tunnel, as the flags say" * 3)),
    "cut inside the VXLAN header": (1, udp(4789, b"\x08\0\0\0")),
    "cut inside the Geneve header": (1, udp(6081, b"\x3f\0\x65\x58" + bytes(20))),
    "cut inside the GTP-U header": (1, udp(2152, b"\x34\xff\0\5\0\0\0\1\0\0\0\x85\0")),
    "GTP-U signalling": (1, udp(2152, b"\x32\1" + bytes(12))),
    "GTP-U without IP": (1, udp(2152, b"\x30\xff" + bytes(40))),
    "cut inside the GRE header": (1, gre(b"\xb0\0\x08\0")),
    "GRE version 2": (1, gre(b"\0\2\x08\0" + SEGMENT)),
    "GRE with routing": (1, gre(b"\x40\0\x08\0" + SEGMENT)),
    "cut inside the ERSPAN header": (1, gre(b"\x10\0\x22\xeb" + bytes(12))),
    "EtherType 0x1234": (1, gre(b"\0\0\x12\x34" + SEGMENT)),
    "NSH": (1, of_type(0x894F, b"x" * 60)),
    "cut inside the MPLS labels": (1, of_type(0x8847, bytes(8))),
    "too many MPLS labels": (1, of_type(0x8847, bytes(200))),
    "MPLS channel message": (1, of_type(0x8847, b"\0\0\1\xff\x10" + bytes(20))),
    "MPLS with unknown content": (1, of_type(0x8847, b"\0\0\1\xff\x90" + bytes(60))),
    "PPPoE discovery": (1, of_type(0x8863, bytes(40))),
    "PPPoE session with unknown header": (1, of_type(0x8864, b"\x12" + bytes(40))),
    "cut inside the PPPoE header": (1, of_type(0x8864, b"\x11\0\0\1\0\0\0\x21")),
    "PPP protocol 0xc021": (1, of_type(0x8864, ppp(0xC021))),
    "PKTAP record 0": (258, bytes(12)),
    "PKTAP in PKTAP": (258, struct.pack("<III", 12, 1, 258) * 2),
    "NFLOG without a packet": (239, b"\2\0\0\5" + b"\x08\0\1\0" + bytes(4)),
    "NFLOG with a broken attribute": (239, b"\2\0\0\5" + b"\1\0\1\0" + bytes(4)),
    "802.11 management frame without IP": (127, bytes(RadioTap() / Dot11() / Dot11Beacon())),
    "encrypted 802.11 (CCMP or GCMP)": (
        127,
        bytes(RadioTap() / Dot11(type=2, FCfield=0x41) / Dot11CCMP(ext_iv=1, data=b"z" * 60)),
    ),
    "encrypted 802.11 (WEP)": (
        127,
        bytes(RadioTap() / Dot11(type=2, FCfield=0x41) / Dot11WEP(wepdata=b"z" * 60)),
    ),
}


@pytest.mark.parametrize("name", NAMES)
def test_what_carries_no_tcp_is_counted_and_named(name):
    linktype, raw = NAMES[name]
    outcome = run([(1, 1, linktype, raw, len(raw), 1)])
    assert outcome.transport.skipped == {name: 1}


def test_nflog_in_the_byte_order_of_its_writer():
    body = b"\0\x08\0\1" + bytes(4) + struct.pack("!HH", 4 + len(SEGMENT), 9) + SEGMENT
    raw = b"\2\0\0\5" + body
    assert run([(1, 1, 239, raw, len(raw), 1)]).client() == b"hello"


def test_pptp_carries_ppp():
    raw = gre(b"\x30\x81\x88\x0b" + bytes(12) + b"\xff\3\0\x21" + SEGMENT)
    assert run([(1, 1, 1, raw, len(raw), 1)]).client() == b"hello"


@settings(max_examples=60, deadline=None)
@given(data=st.data())
@pytest.mark.parametrize("name", WRAPPINGS)
def test_no_damage_to_a_packet_raises(name, data):
    """Bytes cut off, changed and put in: read or counted, once."""
    linktype, wrap = WRAPPINGS[name]
    frame = bytearray(wrap(SEGMENT)[0])
    for _ in range(data.draw(st.integers(0, 4))):
        at = data.draw(st.integers(0, len(frame) - 1))
        frame[at] = data.draw(st.integers(0, 255))
    raw = bytes(frame[: data.draw(st.integers(0, len(frame)))])
    outcome = run([(1, 1, linktype, raw, len(frame), 1)])
    assert sum(outcome.transport.skipped.values()) + outcome.transport.tcp_connections == 1


def test_a_tunnel_in_fragments_is_found_by_the_last_of_them():
    play = wrapped(talk(), tunnel_in_fragments)
    assert play.run().client() == talk().run().client()
