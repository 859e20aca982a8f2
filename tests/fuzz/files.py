"""Target: capture files, pcap, pcapng and compressed, through `wsdebug.capture`.

Whatever the bytes are: a `UserError` or packets; the same through a pipe in small pieces and in
Python alone; numbered from 1 without a hole; the same when read again; the same when written as
pcapng.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import random
import zlib
from collections.abc import Iterator
from pathlib import Path

from tests.compiled.built import pure
from tests.fuzz.packets import mutated
from tests.fuzz.place import file_with
from tests.fuzz.seeds import small_captures
from wsdebug.capture import Captures, open_captures
from wsdebug.capture.compression import compression_of
from wsdebug.capture.writing import PcapngWriter
from wsdebug.model.errors import UserError
from wsdebug.model.limits import Limits
from wsdebug.model.place import Packet

LIMITS = Limits(unpacked=8 << 20, block=1 << 20, ratio=200)
MOST = 64 << 10
"""Bytes of an input."""


def seeds() -> Iterator[bytes]:
    """Small captures in every format and compression."""
    for number, raw in enumerate(small_captures(6_000)):
        yield raw
        if number < 3:
            yield from (gzip.compress(raw), bz2.compress(raw), lzma.compress(raw))
            yield _as_pcapng(raw)


def mutate(raw: bytes, change: object, seed: int) -> bytes:
    """Inside of a compressed file as often as at the file itself."""
    assert callable(change)
    if raw[:2] == b"\x1f\x8b" and seed & 1:
        try:
            plain = zlib.decompressobj(31).decompress(raw, MOST)
        except zlib.error:
            return bytes(change(raw))
        return gzip.compress(mutated(plain, change, seed >> 1))
    return mutated(raw, change, seed >> 1) if seed & 2 else bytes(change(raw))


def check(data: bytes) -> None:
    """Raises `AssertionError` where one of the promises above is broken."""
    with file_with(data) as path:
        told = read([str(path)])
        piped = read(["-"], Pieces(data))
        with pure():
            plain = read([str(path)])
        assert _noted(plain) == _noted(told)
        if told is None or piped is None:
            assert told is piped is None or compression_of(data), "file and pipe differ"
            return
        captures, packets = told
        _check_same(packets, piped[1], is_packed=captures.files[0].compression is not None)
        assert [packet[0] for packet in packets] == list(range(1, len(packets) + 1))
        report, other = captures.files[0], piped[0].files[0]
        assert report.packets == len(packets)
        assert (report.format, report.compression) == (other.format, other.compression)
        codes = [note.kind for note in report.warnings]
        assert codes == [note.kind for note in other.warnings]
        assert sum(len(packet[3]) for packet in packets) <= max(
            len(data), LIMITS.unpacked + (1 << 20)
        )
        _check_again(captures, packets)
        _check_written(packets, Path(f"{path}.pcapng"))


def read(paths: list[str], stdin: object = None) -> tuple[Captures, list[Packet]] | None:
    """None where it was refused with a sentence."""
    try:
        captures = open_captures(paths, LIMITS, stdin, keep=True)  # type: ignore[arg-type]
        return captures, [packet for batch in captures.batches() for packet in batch]
    except UserError as error:
        _check_sentence(error)
        return None


def _noted(told: tuple[Captures, list[Packet]] | None) -> object:
    return told and (told[0].files, told[1])


def _check_sentence(error: UserError) -> None:
    assert str(error).isprintable()


def _check_same(told: list[Packet], piped: list[Packet], *, is_packed: bool) -> None:
    """Of a damaged compressed file a step of unpacking is lost, which differs: one is the beginning
    of the other.
    """
    size = min(len(told), len(piped)) if is_packed else max(len(told), len(piped))
    assert [_plain(one) for one in told[:size]] == [_plain(one) for one in piped[:size]]


def _plain(packet: Packet) -> Packet:
    return *packet[:5], 0


def _check_again(captures: Captures, packets: list[Packet]) -> None:
    again = captures.again
    assert again is not None
    try:
        for start in {1, len(packets) // 2 + 1}:
            told = [_plain(one) for batch in again.batches(start) for one in batch]
            told = [one for one in told if one[0] >= start]
            assert told == [_plain(one) for one in packets[start - 1 :]]
    finally:
        again.close()


def _check_written(packets: list[Packet], path: Path) -> None:
    if not packets or any(packet[1] is None or packet[1] < 0 for packet in packets):
        return
    stream = io.BytesIO()
    writer = PcapngWriter(stream, "0")
    for packet in packets:
        writer.packet(packet)
    writer.finish(None)
    path.write_bytes(stream.getvalue())
    told = read([str(path)])
    path.unlink()
    assert told is not None
    assert [one[1:5] for one in told[1]] == [one[1:5] for one in packets]


class Pieces:
    """A pipe that brings a few bytes at a time."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0
        self._dice = random.Random(len(data))

    def read(self, size: int = -1) -> bytes:
        """As many as come at once."""
        most = max(1, len(self._data) // 20)
        size = min(size if size >= 0 else most, self._dice.randrange(1, most + 1))
        piece = self._data[self._at : self._at + size]
        self._at += len(piece)
        return piece

    def close(self) -> None:
        """Nothing to do."""


def _as_pcapng(raw: bytes) -> bytes:
    with file_with(raw) as path:
        told = read([str(path)])
    assert told is not None
    stream = io.BytesIO()
    writer = PcapngWriter(stream, "0", ["made for fuzzing"])
    for packet in told[1]:
        writer.packet(packet, ["a comment"])
    writer.finish(10**18)
    return stream.getvalue()
