"""One conversation in every tunnel and on every link: the same verdict, the streams of tshark."""

from __future__ import annotations

import struct

import pytest

import wsdebug
from tests.transport.playbook import run
from tests.transport.test_like_tshark import connections_by_tshark, followed
from tests.whole import rewriting
from tests.whole.test_same_verdict import FILES, made, verdict
from tests.whole.wrapping import WRAPPINGS
from wsdebug.capture import open_captures
from wsdebug.model.place import Side

# tshark 4.0 reads these otherwise or not at all, for the reason that stands behind.
NOT_BY_TSHARK = {
    "vxlan-old-port": "port 8472 has to be said by hand",
    "mpls-ethernet": "an address that begins with 0 is taken for a control word",
}


@pytest.fixture(scope="module")
def stories(tmp_path_factory):
    folder = tmp_path_factory.mktemp("made")
    paths = [FILES[0], FILES[3], FILES[4], made(folder)]
    return [rewriting.load(path) for path in paths]


def wrapped(story: rewriting.Story, name: str) -> bytes:
    """The story as a file; packets of several frames follow each other."""
    linktype, wrap = WRAPPINGS[name]
    told = [struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262_144, linktype)]
    for one in story:
        for frame in wrap(rewriting.packet(one)):
            told.append(struct.pack("<IIII", *divmod(one.time, 1_000_000), *[len(frame)] * 2))
            told.append(frame)
    return b"".join(told)


@pytest.mark.parametrize("name", WRAPPINGS)
def test_same_verdict(name, stories, tmp_path):
    path = tmp_path / "wrapped.pcap"
    for story in stories:
        path.write_bytes(rewriting.pcap(story))
        plain = verdict(wsdebug.read(path))
        assert plain
        for told in (story, rewriting.ipv6(story)):
            path.write_bytes(wrapped(told, name))
            analysis = wsdebug.read(path)
            assert verdict(analysis) == plain
            assert [capture.skipped for capture in analysis.captures] == [{}]
            assert [capture.limits for capture in analysis.captures] == [[]]


def test_fragments_that_contradict_each_other_are_a_note_and_nobodys_fault(stories, tmp_path):
    """A forged copy of each middle fragment: the packets are refused, their bytes are missing."""
    linktype, wrap = WRAPPINGS["fragments"]
    told = [struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262_144, linktype)]
    for one in stories[0]:
        frames = wrap(rewriting.packet(one))
        if len(frames) > 2:
            frames[1:1] = [frames[1][:-1] + bytes([frames[1][-1] ^ 1])]
        for frame in frames:
            told.append(struct.pack("<IIII", *divmod(one.time, 1_000_000), *[len(frame)] * 2))
            told.append(frame)
    path = tmp_path / "forged.pcap"
    path.write_bytes(b"".join(told))
    analysis = wsdebug.read(path)
    (capture,) = analysis.captures
    (note,) = [note for note in capture.warnings if note.kind == "fragments-differ"]
    assert "overlap with different bytes" in note.message
    assert note.packet is not None
    assert capture.skipped["IPv4 fragment that contradicts another"] > 4
    serious = [found for one in analysis.connections for found in one.findings]
    assert [found for found in serious if found.severity != "note"] == []


@pytest.mark.parametrize("name", sorted(set(WRAPPINGS) - set(NOT_BY_TSHARK)))
def test_streams_are_those_of_tshark(name, stories, tmp_path):
    path = tmp_path / "wrapped.pcap"
    path.write_bytes(wrapped(stories[0], name))
    captures = open_captures([str(path)])
    outcome = run([packet for batch in captures.batches() for packet in batch])
    count = outcome.transport.tcp_connections
    assert connections_by_tshark(path) == set(range(count)) == {0}
    theirs = followed(path, count)
    for index in outcome.flows:
        assert {bytes(outcome.streams[index, side]) for side in Side} == theirs[index]
