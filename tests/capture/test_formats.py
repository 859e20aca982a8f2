"""Every variant of pcap and pcapng gives the packets that were written."""

import struct
from decimal import Decimal

import pytest
from scapy.layers.l2 import Ether
from scapy.packet import Raw
from scapy.utils import wrpcap, wrpcapng

from tests.capture import making
from tests.capture.making import RAW, SAMPLE, START, VARIANTS
from tests.capture.reading import facts, kinds, read
from wsdebug.capture import open_captures
from wsdebug.model.instant import Instant


@pytest.mark.parametrize("name", VARIANTS)
def test_variant_holds_what_was_written(tmp_path, name):
    path = tmp_path / "x"
    path.write_bytes(VARIANTS[name])
    captures, packets = read(path)
    assert facts(packets) == SAMPLE
    assert [packet[0] for packet in packets] == [1, 2, 3, 4, 5]
    assert {packet[2] for packet in packets} == {1}
    (file,) = captures.files
    assert file.format == name.partition("-")[0]
    assert (file.packets, file.bytes, file.first_packet) == (5, len(VARIANTS[name]), 1)
    assert (file.first, file.last) == (Instant(SAMPLE[0][0]), Instant(SAMPLE[-1][0]))
    assert file.link_types == ["ETHERNET"]
    assert file.warnings == []
    assert captures.progress == 1.0


def test_sections_and_interfaces_have_their_own_order_clock_and_link_type(tmp_path):
    path = tmp_path / "x"
    path.write_bytes(making.MIXED)
    captures, packets = read(path)
    assert [packet[1] for packet in packets[:2]] == [SAMPLE[0][0], SAMPLE[1][0]]
    for packet, written in zip(packets[2:4], SAMPLE[3:], strict=True):
        # 2^-20 s is 954 ns
        assert 0 <= written[0] - packet[1] < 954
    assert [packet[1] for packet in packets[4:]] == [None, None]
    assert [packet[2] for packet in packets] == [1, RAW, RAW, RAW, RAW, RAW]
    assert [packet[3] for packet in packets[4:]] == [b"e" * 40, b"f" * 13]
    assert [packet[4] for packet in packets] == [61, 99, 63, 64, 1000, 13]
    assert captures.files[0].link_types == ["ETHERNET", "RAW"]
    assert [note.message for note in captures.files[0].warnings] == [
        "7 packets were lost by the capture itself."
    ]


def test_losses_are_the_highest_count_of_each_interface(tmp_path):
    path = tmp_path / "x"
    path.write_bytes(
        making.section()
        + making.interface() * 2
        + making.statistics(0, interface=1)
        + making.statistics(0, interface=5)
        + making.statistics(0, interface=4)
        + making.statistics(1, system=1)
        + making.statistics(9, system=100)
        + making.section()
        + making.interface()
        + making.statistics(0, interface=2)
    )
    captures, _ = read(path)
    assert [note.message for note in captures.files[0].warnings] == [
        "8 packets were lost by the capture itself."
    ]


def test_place_is_where_the_record_begins(tmp_path):
    first, second = tmp_path / "1", tmp_path / "2"
    first.write_bytes(making.pcap(SAMPLE[:2]))
    second.write_bytes(making.pcapng(SAMPLE[3:]))
    _, packets = read(first, second)
    for number, time, _, data, _, place in packets:
        content = (first, second)[place >> 48].read_bytes()
        at = place & (1 << 48) - 1
        if number <= 2:
            seconds, _, captured = struct.unpack_from("<III", content, at)
            assert (seconds, captured) == (time // 10**9, len(data))
        else:
            assert struct.unpack_from("<I", content, at) == (6,)
            assert content[at + 28 : at + 28 + len(data)] == data


def test_blocks_that_wireshark_numbers_take_a_number(tmp_path):
    path = tmp_path / "x"
    packet = making.enhanced(5, b"x", 1)
    path.write_bytes(
        making.section()
        + making.interface()
        + making.block(0xBAD, b"\x00\x00\x00\x01")
        + packet
        + making.block(9, b"journal")
        + making.block(0x12345, b"unknown")
        + packet
    )
    assert [packet[0] for packet in read(path)[1]] == [2, 4]


def test_times_beyond_every_calendar_are_left_out_and_told(tmp_path):
    path = tmp_path / "x"
    late = making.enhanced(2**64 - 1, b"late", 4)
    early = making.section() + making.interface(offset=-10) + making.enhanced(9_999_999, b"e", 1)
    edge = making.enhanced(10_000_001, b"edge", 4)
    path.write_bytes(making.section() + making.interface() + late + early + edge)
    captures, packets = read(path)
    assert [packet[1] for packet in packets] == [None, None, 1_000]
    assert kinds(captures) == [("bad-times", None)]


def test_the_last_second_of_the_calendar_is_told_from_the_next(tmp_path):
    path = tmp_path / "x"
    last = 253_402_300_799
    head = making.section() + making.interface(resolution=0, offset=last - 10)
    path.write_bytes(head + making.enhanced(10, b"in", 2) + making.enhanced(11, b"out", 3))
    captures, packets = read(path)
    assert [packet[1] for packet in packets] == [last * 10**9, None]
    assert str(captures.files[0].last).startswith("9999-12-31T23:59:59")


def test_clock_of_a_new_section_is_its_own(tmp_path):
    path = tmp_path / "x"
    path.write_bytes(
        making.section()
        + making.interface(resolution=6)
        + making.enhanced(7, b"x", 1)
        + making.section()
        + making.interface(resolution=3)
        + making.enhanced(7, b"x", 1)
    )
    assert [packet[1] for packet in read(path)[1]] == [7_000, 7_000_000]


def test_simple_packets_are_as_long_as_the_snap_length(tmp_path):
    path = tmp_path / "x"
    path.write_bytes(making.section() + making.interface(snap=10) + making.simple(b"x" * 10, 100))
    captures, packets = read(path)
    assert facts(packets) == [(None, b"x" * 10, 100)]
    assert captures.files[0].first is None


def test_secrets_are_kept(tmp_path):
    path = tmp_path / "x"
    path.write_bytes(making.section() + making.secrets(b"CLIENT_RANDOM 00 11\n"))
    captures, _ = read(path)
    assert [(secret.kind, secret.data) for secret in captures.secrets] == [
        (0x544C534B, b"CLIENT_RANDOM 00 11\n")
    ]


@pytest.mark.parametrize("content", [making.pcap([]), making.pcapng([]), making.section()])
def test_header_without_packets_is_no_error(tmp_path, content):
    path = tmp_path / "x"
    path.write_bytes(content)
    captures, packets = read(path)
    assert packets == []
    assert kinds(captures) == []
    assert (captures.files[0].packets, captures.files[0].first) == (0, None)


@pytest.mark.parametrize("writer", [wrpcap, wrpcapng])
def test_what_scapy_writes(tmp_path, writer):
    path = str(tmp_path / "x")
    written = []
    for time, data, _ in SAMPLE[:2]:
        packet = Ether() / Raw(data)
        packet.time = Decimal(time) / 10**9
        written.append(packet)
    writer(path, written)
    packets = read(path)[1]
    assert [packet[3] for packet in packets] == [bytes(packet) for packet in written]
    assert [packet[1] // 1000 for packet in packets] == [time // 1000 for time, _, _ in SAMPLE[:2]]


def test_batches_of_a_large_file_are_bounded_and_complete(tmp_path):
    path = tmp_path / "x"
    written = [(START * 10**9 + n * 1000, bytes(n % 1500), n % 1500) for n in range(5000)]
    for content in (making.pcap(written), making.pcapng(written)):
        path.write_bytes(content)
        batches = list(open_captures([str(path)]).batches())
        assert len(batches) > 4
        assert facts(packet for batch in batches for packet in batch) == written
