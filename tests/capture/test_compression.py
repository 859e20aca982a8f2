"""Compressed captures: by content, several members, cut short, damaged."""

import bz2
import gzip
import io
import lzma
import random
import sys
import zlib
from functools import cache, partial

import pytest

from tests.capture import making
from tests.capture.making import SAMPLE, START
from tests.capture.reading import facts, kinds, read
from wsdebug.model.errors import UserError

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

PACK = {
    "gzip": gzip.compress,
    "bzip2": bz2.compress,
    "xz": partial(lzma.compress, preset=0),
    "zstd": zstd.compress,
}


@pytest.mark.parametrize("name", PACK)
@pytest.mark.parametrize("make", [making.pcap, making.pcapng])
def test_compressed_file(tmp_path, name, make):
    path = tmp_path / "any.name"
    content = PACK[name](make())
    path.write_bytes(content)
    captures, packets = read(path)
    assert facts(packets) == SAMPLE
    assert (captures.files[0].compression, captures.files[0].bytes) == (name, len(content))
    assert kinds(captures) == []
    assert captures.progress == 1.0


@pytest.mark.parametrize("name", PACK)
def test_members_follow_each_other_even_inside_a_record(tmp_path, name):
    path = tmp_path / "x"
    plain = making.pcap()
    parts = [plain[:10], plain[10:100], b"", plain[100:]]
    path.write_bytes(b"".join(PACK[name](part) for part in parts) + bytes(512 * (name != "zstd")))
    captures, packets = read(path)
    assert facts(packets) == SAMPLE
    assert kinds(captures) == []


def test_zstd_that_begins_with_a_skippable_frame(tmp_path):
    path = tmp_path / "x"
    path.write_bytes(b"\x50\x2a\x4d\x18\x04\x00\x00\x00abcd" + zstd.compress(making.pcap()))
    assert facts(read(path)[1]) == SAMPLE


@pytest.mark.parametrize("name", PACK)
def test_cut_anywhere_keeps_what_unpacks(tmp_path, name):
    path = tmp_path / "x"
    content = PACK[name](making.pcap())
    for length in range(len(content)):
        path.write_bytes(content[:length])
        try:
            captures, packets = read(path)
        except UserError:
            # nothing of the capture came out
            continue
        assert facts(packets) == SAMPLE[: len(packets)]
        assert [kind for kind, _ in kinds(captures)] == ["truncated-file"]


@cache
def large():
    """Packets that hardly compress, 4 MB."""
    noise = random.Random(1)
    return [(START * 10**9 + n * 1000, noise.randbytes(1000), 1000) for n in range(4000)]


@pytest.mark.parametrize("name", PACK)
def test_cut_or_damaged_late_loses_little(tmp_path, name):
    path = tmp_path / "x"
    written = large()
    content = PACK[name](making.pcap(written))
    # bzip2 unpacks 900 kB at once.
    least = 2000 if name == "bzip2" else 2800
    path.write_bytes(content[: len(content) * 3 // 4])
    captures, packets = read(path)
    assert facts(packets) == written[: len(packets)]
    assert len(packets) >= least
    assert kinds(captures) == [("truncated-file", len(packets))]
    assert f"its {name} stream is cut short" in captures.files[0].warnings[0].message


@pytest.mark.parametrize("name", ["gzip", "bzip2", "xz"])
def test_damaged_stream_is_told(tmp_path, name):
    path = tmp_path / "x"
    written = large()
    content = bytearray(PACK[name](making.pcap(written)))
    content[-6:] = bytes(byte ^ 0xFF for byte in content[-6:])
    path.write_bytes(content)
    captures, packets = read(path)
    assert facts(packets) == written[: len(packets)]
    assert len(packets) > 3900
    ((kind, packet),) = kinds(captures)
    assert (kind, packet) == ("damaged-file", len(packets))


def test_garbage_behind_the_stream_is_told_and_loses_nothing(tmp_path):
    path = tmp_path / "x"
    path.write_bytes(gzip.compress(making.pcap()) + b"this is no gzip member at all")
    captures, packets = read(path)
    assert facts(packets) == SAMPLE
    assert kinds(captures) == [("damaged-file", 5)]


@pytest.mark.parametrize("name", PACK)
def test_compressed_pipe_in_single_bytes(name):
    class Trickle(io.BytesIO):
        def read1(self, size=-1):
            return super().read1(min(size, 1))

        def seek(self, *_):
            raise OSError

    content = PACK[name](making.pcapng())
    captures, packets = read("-", stdin=Trickle(content))
    assert facts(packets) == SAMPLE
    assert captures.files[0].bytes == len(content)


def test_cut_gzip_gives_all_that_its_bytes_hold(tmp_path):
    """zlib may hold back more than a step of output when it has taken all input."""
    path = tmp_path / "x"
    plain = making.pcap([(START * 10**9, b"", 16)] * 60_000)
    content = gzip.compress(plain)
    for length in range(len(content) - 60, len(content)):
        path.write_bytes(content[:length])
        inside = len(zlib.decompressobj(wbits=31).decompress(content[:length]))
        captures, packets = read(path)
        assert len(packets) == (inside - 24) // 16
        assert [kind for kind, _ in kinds(captures)] == ["truncated-file"]


def test_expansion_is_unpacked_in_pieces(tmp_path):
    from tracemalloc import get_traced_memory, start, stop

    path = tmp_path / "x"
    written = [(START * 10**9, bytes(60_000), 60_000)] * 1000
    path.write_bytes(gzip.compress(making.pcap(written)))
    assert path.stat().st_size < 100_000
    from wsdebug.capture import open_captures

    start()
    count = sum(len(batch) for batch in open_captures([str(path)]).batches())
    peak = get_traced_memory()[1]
    stop()
    assert count == 1000
    assert peak < 8 << 20


@pytest.mark.parametrize("name", ["gzip", "xz"])
def test_damage_in_a_file_of_a_few_packets_keeps_those_before_it(tmp_path, name):
    """Fuzzing found that a file gave none of the packets that a pipe, in pieces, gave."""
    dice = random.Random(3)
    texts = [dice.randbytes(40).hex().encode() for _ in range(40)]
    plain = making.pcap([(START + at, text, len(text)) for at, text in enumerate(texts)])
    content = bytearray(PACK[name](plain))
    content[len(content) * 3 // 4] ^= 0xFF
    path = tmp_path / "x"
    path.write_bytes(content)
    captures, packets = read(path)
    assert len(packets) >= 10
    assert kinds(captures) == [("damaged-file", len(packets))]
