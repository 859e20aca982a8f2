"""What is cut or damaged is read up to there, and told."""

import struct

import pytest

from tests.capture import making
from tests.capture.making import SAMPLE
from tests.capture.reading import facts, kinds, read
from wsdebug.model.errors import UserError
from wsdebug.model.limits import Limits


def ends_of_records(content):
    """Offset behind each packet of a plain capture, found by the lengths alone."""
    if content[:4] == b"\x0a\x0d\x0d\x0a":
        at, ends = 0, []
        while at < len(content):
            kind, length = struct.unpack_from("<II", content, at)
            at += length
            if kind in (2, 3, 6):
                ends.append(at)
        return ends
    at, ends = 24, []
    while at < len(content):
        at += 16 + struct.unpack_from("<I", content, at + 8)[0]
        ends.append(at)
    return ends


SMALL = [(time, data[:30], wire) for time, data, wire in SAMPLE]
PLAIN = {
    "pcap": making.pcap(SMALL),
    "pcapng": making.pcapng(SMALL),
    "tiny-blocks": making.pcapng(SMALL) + making.block(0x55, b"") + making.block(0x56, b""),
}


@pytest.mark.parametrize("name", PLAIN)
def test_cut_at_every_byte_keeps_every_whole_packet(tmp_path, name):
    content = PLAIN[name]
    ends = ends_of_records(content)
    path = tmp_path / "x"
    for length in range(4, len(content)):
        path.write_bytes(content[:length])
        captures, packets = read(path)
        whole = sum(end <= length for end in ends)
        assert facts(packets) == facts_of(SMALL[:whole])
        notes = kinds(captures)
        assert notes in ([], [("truncated-file", whole or None)])
        if any(end - 8 < length < end for end in ends):
            assert notes


def facts_of(written):
    return [(time, data, wire) for time, data, wire in written]


def test_cut_record_is_told_with_the_last_whole_packet(tmp_path):
    path = tmp_path / "x"
    path.write_bytes(PLAIN["pcap"][:-1])
    captures, _ = read(path)
    assert [note.message for note in captures.files[0].warnings] == [
        "The file ends inside a record; reading stopped after packet 4."
    ]


@pytest.mark.parametrize("length", [1, 2, 3])
def test_fewer_bytes_than_a_magic_number_are_refused(tmp_path, length):
    path = tmp_path / "x"
    path.write_bytes(PLAIN["pcap"][:length])
    with pytest.raises(UserError, match="too short to be a capture"):
        read(path)


def damaged(content, at, new):
    return content[:at] + new + content[at + len(new) :]


PCAP_SECOND = 24 + 16 + 30
NG_SECOND = 28 + 20 + 32 + 32


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (damaged(PLAIN["pcap"], PCAP_SECOND + 8, b"\xff\xff\xff\x7f"), "2147483647 captured"),
        (damaged(PLAIN["pcap"], PCAP_SECOND + 8, b"\x00\x00\x08\x00"), "of a packet of 1500"),
        (PLAIN["pcap"][:PCAP_SECOND] + bytes(5000), "all zeros"),
        (damaged(PLAIN["pcapng"], NG_SECOND + 4, b"\xff\xff\xff\x7f"), "length of 2147483647"),
        (damaged(PLAIN["pcapng"], NG_SECOND + 4, b"\x08\x00\x00\x00"), "length of 8"),
        (damaged(PLAIN["pcapng"], NG_SECOND + 60, b"\x41"), "ends with another"),
        (damaged(PLAIN["pcapng"], NG_SECOND + 8, b"\x07"), "interface 7"),
        (damaged(PLAIN["pcapng"], NG_SECOND + 20, b"\x21"), "33 captured bytes in 64"),
        (PLAIN["pcapng"][:NG_SECOND] + bytes(5000), "length of 0"),
        (PLAIN["pcapng"][:NG_SECOND] + damaged(making.section(), 8, b"zz"), "byte-order magic"),
        (PLAIN["pcapng"][:NG_SECOND] + making.section(major=2), "version 2"),
        (PLAIN["pcapng"][:NG_SECOND] + making.simple(b"x" * 4, 1000), "1000 captured"),
        (PLAIN["pcapng"][:NG_SECOND] + making.block(1, b"abcd"), "too short"),
    ],
)
def test_damage_stops_reading_and_keeps_what_was_read(tmp_path, content, why):
    path = tmp_path / "x"
    path.write_bytes(content)
    captures, packets = read(path)
    assert facts(packets) == facts_of(SMALL[:1])
    assert kinds(captures) == [("damaged-file", 1)]
    message = captures.files[0].warnings[0].message
    assert why in message
    assert message.endswith("reading stopped after packet 1.")


@pytest.mark.parametrize("make", [making.pcap, making.pcapng])
def test_record_over_the_limit_is_damage_and_one_at_it_is_not(tmp_path, make):
    path = tmp_path / "x"
    path.write_bytes(make([(10**18, b"x" * 1000, 1000)]))
    exact = 1000 if make is making.pcap else 1032
    captures, packets = read(path, limits=Limits(block=exact))
    assert (len(packets), kinds(captures)) == (1, [])
    captures, packets = read(path, limits=Limits(block=exact - 1))
    assert (len(packets), kinds(captures)) == (0, [("damaged-file", None)])


def test_interfaces_and_secrets_are_limited(tmp_path):
    path = tmp_path / "x"
    path.write_bytes(making.section() + making.interface() * 3)
    assert kinds(read(path, limits=Limits(interfaces=3))[0]) == []
    assert kinds(read(path, limits=Limits(interfaces=2))[0]) == [("damaged-file", None)]
    path.write_bytes(making.section() + making.secrets(b"12345678") * 3)
    captures, _ = read(path, limits=Limits(secrets=2 * (8 + 128)))
    assert len(captures.secrets) == 2
    assert [note.kind for note in captures.files[0].limits] == ["secrets"]


def test_long_packet_that_was_really_sent_is_kept(tmp_path):
    path = tmp_path / "x"
    written = [(10**18, b"x" * 3_000_000, 3_000_000), (10**18, b"y", 1)]
    for make in (making.pcap, making.pcapng):
        path.write_bytes(make(written))
        captures, packets = read(path)
        assert facts(packets) == facts_of(written)
        assert kinds(captures) == []


def test_numbers_run_on_behind_a_cut_file(tmp_path):
    first, second = tmp_path / "1", tmp_path / "2"
    first.write_bytes(making.pcap(SMALL[:3])[:-1])
    second.write_bytes(making.pcap(SMALL[3:])[:-1])
    captures, packets = read(second, first)
    assert [packet[0] for packet in packets] == [1, 2, 3, 4][: len(packets)]
    assert [file.first_packet for file in captures.files] == [1, 3]
    assert kinds(captures) == [("truncated-file", 2), ("truncated-file", 3)]
