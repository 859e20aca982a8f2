"""A file is read in chunks: where they end decides nothing, and next to nothing is copied twice."""

from __future__ import annotations

import io

import pytest

from tests.capture.making import VARIANTS
from tests.capture.reading import read
from wsdebug.capture import source as sources
from wsdebug.capture.source import Source


@pytest.mark.parametrize("name", VARIANTS)
def test_the_packets_and_their_places_are_the_same_for_every_length_of_chunk(
    tmp_path, monkeypatch, name
):
    path = tmp_path / "x"
    path.write_bytes(VARIANTS[name])
    whole, packets = read(path)
    for chunk in (17, 40, 61, 100, 161):
        monkeypatch.setattr(sources, "_CHUNK", chunk)
        monkeypatch.setattr(sources, "_PACKED_CHUNK", chunk)  # the beginning is read by it
        captures, pieces = read(path)
        assert pieces == packets
        assert captures.files == whole.files


def test_of_a_record_that_a_chunk_cuts_only_the_rest_is_read(monkeypatch):
    monkeypatch.setattr(sources, "_CHUNK", 100)
    monkeypatch.setattr(sources, "_PACKED_CHUNK", 100)
    data = bytes(range(250))
    source = Source(io.BytesIO(data), "x", len(data))
    first = source.more(b"", 16)
    assert first == data[: len(first)]
    assert len(first) == 100
    rest = first[-10:]
    assert source.more(rest, 7) == data[len(first) - 10 : len(first) + 7]
    assert source.more(b"", 16) == data[len(first) + 7 : len(first) + 107]


def test_a_long_record_is_read_in_chunks_up_to_its_end(monkeypatch):
    monkeypatch.setattr(sources, "_CHUNK", 64)
    monkeypatch.setattr(sources, "_PACKED_CHUNK", 64)
    data = bytes(250) + b"end"
    source = Source(io.BytesIO(data), "x", len(data))
    first = source.more(b"", 16)
    missing = len(data) - len(first)
    assert source.more(first, missing) == data
    assert source.more(data, 1) == data


def test_very_short_blocks_are_not_read_one_by_one(monkeypatch):
    """A block shorter than the fields that are looked at leaves a rest each time."""
    monkeypatch.setattr(sources, "_CHUNK", 1_000)
    monkeypatch.setattr(sources, "_PACKED_CHUNK", 1_000)
    source = Source(io.BytesIO(bytes(100_000)), "x", 100_000)
    rest, reads = source.more(b"", 28), 1
    while len(rest) >= 28:
        rest, reads = source.more(rest[-20:], 8), reads + 1
    assert reads <= 2 * 100 + 2
