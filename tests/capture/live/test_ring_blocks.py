"""Blocks of the kernel's ring become the packets that were on the wire.

The stored blocks came from a ring on a veth pair (Linux 6.18), where `FRAMES` were sent into the
other end: Ethernet sees what came in, `any` what went out of one end and into the other.
"""

import struct
from pathlib import Path

import pytest

from tests.capture.reading import read
from wsdebug.capture.live.ring_blocks import cooked_packets, enhanced_packet, plain_packets
from wsdebug.capture.writing import interface_block, section_block

ADDRESSES = bytes.fromhex("020000000002 020000000001")
PLAIN = b"plain frame of odd length, padded to four bytes"
TAGGED = b"tagged 802.1Q: priority 5, VLAN 42"
STACKED = b"stacked: 802.1ad 7, 802.1Q 42"
FRAMES = [
    ADDRESSES + b"\x88\xb5" + PLAIN,
    ADDRESSES + b"\x81\x00\xa0\x2a\x88\xb5" + TAGGED,
    ADDRESSES + b"\x88\xa8\x00\x07\x81\x00\x00\x2a\x88\xb5" + STACKED,
]


def stored(name):
    text = (Path(__file__).parent / f"{name}-block.hex").read_text(encoding="ascii")
    return bytes.fromhex(text)


def packets_in(blocks, tmp_path, linktype):
    """As our reader reads them."""
    path = tmp_path / "ring.pcapng"
    path.write_bytes(section_block("0") + interface_block(linktype, "veth") + b"".join(blocks))
    captures, packets = read(path)
    assert not captures.files[0].warnings
    return packets


def test_vlan_tags_stand_where_they_stood(tmp_path):
    block = plain_packets(stored("ethernet"), 0, 0)
    packets = packets_in(block.packets, tmp_path, 1)
    assert [packet[3] for packet in packets] == FRAMES
    assert [packet[4] for packet in packets] == [len(frame) for frame in FRAMES]
    assert block.captured == sum(map(len, FRAMES))


def test_times_are_exact_to_the_nanosecond(tmp_path):
    stamps = struct.unpack_from("=II", stored("ethernet"), 48 + 4)
    first = packets_in(plain_packets(stored("ethernet"), 0, 0).packets, tmp_path, 1)[0]
    assert first[1] == stamps[0] * 10**9 + stamps[1]
    assert stamps[1] % 1_000  # microseconds would not do


def test_cooked_headers_say_where_a_packet_came_from(tmp_path):
    block = cooked_packets(stored("cooked"), 0, 0)
    packets = packets_in(block.packets, tmp_path, 276)
    outgoing, incoming = 4, 3  # 3: for another host, since the ends have other addresses
    heads = [struct.unpack(">HxxIHBB6s2x", packet[3][:20]) for packet in packets]
    assert [head[3] for head in heads] == [outgoing, incoming] * 2
    assert [head[0] for head in heads] == [0x88B5, 0x88B5, 0x8100, 0x8100]
    assert len({head[1] for head in heads}) == 2
    assert {head[5] for head in heads} == {ADDRESSES[6:]}
    assert [packet[3][20:] for packet in packets] == [PLAIN] * 2 + [
        b"\xa0\x2a\x88\xb5" + TAGGED
    ] * 2
    assert all(packet[4] == len(packet[3]) for packet in packets)
    assert block.captured == sum(len(packet[3]) for packet in packets)


def test_tshark_reads_the_tags_too(tmp_path, tshark_fields):
    packets_in(plain_packets(stored("ethernet"), 0, 0).packets, tmp_path, 1)
    assert tshark_fields(tmp_path / "ring.pcapng", "vlan.id") == ["", "42", "42"]
    packets_in(cooked_packets(stored("cooked"), 0, 0).packets, tmp_path, 276)
    assert tshark_fields(tmp_path / "ring.pcapng", "vlan.id") == ["", "", "42", "42"]


@pytest.mark.parametrize("length", [0, 1, 2, 3, 4, 2_047, 2_048, 2_049, 65_550])
def test_packets_of_every_length(length, tmp_path):
    data = bytes(range(256)) * (length // 256) + bytes(range(length % 256))
    time = 1_796_077_800_123_456_789
    block = enhanced_packet(0, time, data, length + 7)
    assert not len(block) % 4
    packets = packets_in([block, block], tmp_path, 1)
    assert [(packet[1], packet[3], packet[4]) for packet in packets] == [
        (time, data, length + 7)
    ] * 2


def ring_of(lengths):
    """A block as the kernel lays it out, with packets of these lengths."""
    packets = b""
    for number, length in enumerate(lengths):
        size = 82 + length + (-(82 + length) & 15)
        head = struct.pack("=6IHH", size, 1, number, length, length, 1, 82, 96).ljust(82, b"\0")
        packets += (head + bytes([number & 255]) * length).ljust(size, b"\xee")
    return struct.pack("=5I", 2, 48, 1, len(lengths), 48).ljust(48, b"\0") + packets


def test_long_and_short_packets_of_one_block(tmp_path):
    lengths = [60, 2_048, 2_049, 14, 65_535, 61, 2_047]
    block = plain_packets(ring_of(lengths), 0, 0)
    packets = packets_in(block.packets, tmp_path, 1)
    assert [packet[3] for packet in packets] == [
        bytes([number]) * length for number, length in enumerate(lengths)
    ]
    assert b"\xee" not in b"".join(block.packets)  # nothing of what lies between packets
