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
from wsdebug.export import export_packets
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


LOOKED_INTO = ["fragments", "fragments-backwards", "fragments-twice", "vxlan",
               "vxlan-in-fragments", "ip-in-ipv6", "nflog", "radiotap"]  # fmt: skip


def session_of(path, **options):
    session = wsdebug.Session([str(path)], rows=True, **options)
    for _ in session.run(lambda _: None):
        pass
    return session


def payloads(session):
    """The bytes behind each row of the first connection, and their packets' number."""
    rows = session.store.rows(1)
    return [(rows[at].kind, session.store.payload(1, at).raw, session.store.raw(1, at))
            for at in range(len(rows))]  # fmt: skip


@pytest.mark.parametrize("name", LOOKED_INTO)
def test_payloads_are_read_again_and_exports_judged_as_before(name, stories, tmp_path):
    story = stories[3]
    plain, path, again = (tmp_path / part for part in ("plain.pcap", "wrapped.pcap", "again.pcap"))
    plain.write_bytes(rewriting.pcap(story))
    path.write_bytes(wrapped(story, name))
    session = session_of(path)
    told = payloads(session)
    assert told == payloads(session_of(plain))
    assert any(data for _, data, _ in told)
    with again.open("wb") as stream:
        written = export_packets(session.store, session.analysis, [1], stream, session.end)
    # The copy of a part that has already made its packet whole belongs to nothing any more.
    copies = 2 if name == "fragments-twice" else 0
    assert written.packets == session.analysis.captures[0].packets - copies
    assert verdict(wsdebug.read(again)) == verdict(wsdebug.read(path))


def test_a_filter_holds_for_what_is_read_again(stories, tmp_path):
    """Forged segments come first; without the filter their bytes are those of the stream."""
    story = stories[3]
    forged = [one._replace(data=bytes(len(one.data)), ttl=3) for one in story]
    both = [each for pair in zip(forged, story, strict=True) for each in pair]
    path, plain = tmp_path / "both.pcap", tmp_path / "plain.pcap"
    path.write_bytes(rewriting.pcap(both))
    plain.write_bytes(rewriting.pcap(story))
    filtered = session_of(path, capture_filter="ip[8] != 3")
    assert payloads(filtered) == payloads(session_of(plain))
    assert filtered.analysis.captures[0].filtered_out == len(story)


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
