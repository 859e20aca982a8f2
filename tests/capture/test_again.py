"""Packets read once more, from anywhere, are those that were read."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import random
import shutil

import msgspec
import pytest

from tests.capture import making
from tests.stored import ALL
from wsdebug.capture import open_captures, source
from wsdebug.capture.again import GoneError
from wsdebug.model.limits import DEFAULT_LIMITS


@pytest.fixture(autouse=True)
def _small_chunks(monkeypatch):
    # Many batches, and so many checkpoints, of small files.
    monkeypatch.setattr(source, "_CHUNK", 700)


def read(*paths, stdin=None, limits=DEFAULT_LIMITS):
    captures = open_captures([str(path) for path in paths], limits, stdin, keep=True)
    packets = [packet for batch in captures.batches() for packet in batch]
    assert captures.again is not None
    return captures, packets


def from_packet(captures, number):
    batches = captures.again.batches(number)
    return [packet for batch in batches for packet in batch if packet[0] >= number]


def assert_same_from_everywhere(captures, packets):
    assert len(packets) > 3
    for number in {1, 2, len(packets), *random.Random(1).sample(range(1, len(packets)), 3)}:
        assert from_packet(captures, number) == packets[number - 1 :]


def test_a_pcap_file():
    assert_same_from_everywhere(*read(ALL["express-408"]))


def test_a_pcapng_file_whose_section_and_byte_order_change(tmp_path):
    packets = [
        making.enhanced(making.stamp(10**18 + n * 10**9), bytes([n]) * 90, 90) for n in range(40)
    ]
    other = [
        making.enhanced(making.stamp(2 * 10**18 + n, 9), bytes([n]) * 90, 90, order=">", index=1)
        for n in range(40)
    ]
    path = tmp_path / "two.pcapng"
    path.write_bytes(
        making.section() + making.interface() + b"".join(packets)
        + making.section(">") + making.interface(order=">")
        + making.interface(101, resolution=9, order=">") + b"".join(other)
    )  # fmt: skip
    captures, read_once = read(path)
    assert len(read_once) == 80
    assert {packet[2] for packet in read_once} == {1, 101}
    assert_same_from_everywhere(captures, read_once)


@pytest.mark.parametrize("compress", [gzip.compress, bz2.compress, lzma.compress])
def test_a_compressed_file_is_unpacked_as_far_as_asked_for(compress, tmp_path):
    path = tmp_path / "packed"
    path.write_bytes(compress(ALL["violations-to-ws"].read_bytes()))
    captures, packets = read(path)
    assert_same_from_everywhere(captures, packets)
    captures.again.close()


def test_a_pipe_is_kept_while_it_is_read():
    captures, packets = read("-", stdin=io.BytesIO(ALL["violations-to-ws"].read_bytes()))
    assert_same_from_everywhere(captures, packets)
    captures.again.close()


def test_a_packed_pipe():
    raw = gzip.compress(ALL["violations-to-ws"].read_bytes())
    captures, packets = read("-", stdin=io.BytesIO(raw))
    assert_same_from_everywhere(captures, packets)
    captures.again.close()


def test_several_files():
    captures, packets = read(ALL["express-408"], ALL["violations-to-ws"])
    assert len(captures.files) == 2
    assert_same_from_everywhere(captures, packets)


def test_a_file_that_was_replaced_or_removed_is_not_taken_for_the_old_one(tmp_path):
    path = tmp_path / "trace.pcap"
    shutil.copy(ALL["express-408"], path)
    captures, _ = read(path)
    other = tmp_path / "other.pcap"
    shutil.copy(ALL["violations-to-ws"], other)
    other.replace(path)
    with pytest.raises(GoneError, match=r"is not the file any more"):
        from_packet(captures, 1)
    path.unlink()
    with pytest.raises(GoneError, match=r"cannot be read any more"):
        from_packet(captures, 1)


def test_a_pipe_beyond_the_limit_is_said_to_be_gone():
    limits = msgspec.structs.replace(DEFAULT_LIMITS, spool=1_000)
    raw = ALL["express-408"].read_bytes()
    captures, packets = read("-", stdin=io.BytesIO(raw), limits=limits)
    assert len(packets) == 24
    with pytest.raises(GoneError, match="Only the first"):
        from_packet(captures, 24)
    captures.again.close()
