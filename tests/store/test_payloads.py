"""Payloads read again where the way back is not straight."""

from __future__ import annotations

import random
import zlib

import msgspec
import pytest

from tests.analysis.conversation import Conversation, deflated
from wsdebug.analysis import Session
from wsdebug.analysis.store import payloads
from wsdebug.analysis.store.record import row_from
from wsdebug.capture import source
from wsdebug.model.limits import DEFAULT_LIMITS
from wsdebug.model.place import Side
from wsdebug.model.rows import RowKind


@pytest.fixture(autouse=True)
def _small_chunks(monkeypatch):
    monkeypatch.setattr(source, "_CHUNK", 2_000)


def store_of(talk, folder, **limits):
    limits = msgspec.structs.replace(DEFAULT_LIMITS, **limits)
    session = Session([str(talk.pcap(folder))], limits=limits, rows=True)
    for _ in session.run(lambda _: None):
        pass
    return session.store


def payload(store, frame, side=Side.SERVER, limit=1 << 20):
    row = store.row_of(1, side, frame)
    assert row is not None
    return store.payload(1, row, limit)


def test_bytes_that_came_before_the_frame_they_belong_to(tmp_path):
    talk = Conversation().upgrade()
    text = bytes(random.Random(1).choices(b"abcdefgh", k=3_000))
    wire = talk.wire(talk.server, 1, text)
    begin = talk.server.seq - talk.server.isn - 1
    talk.server.repeats(begin + 1_000, wire[1_000:2_000])
    talk.noise(50)
    talk.server.repeats(begin + 2_000, wire[2_000:])
    talk.noise(50)
    talk.server.says(wire[:1_000])
    talk.server.seq += len(wire) - 1_000
    talk.client.acks()
    talk.tells(talk.server, 1, b"behind").bye()
    store = store_of(talk, tmp_path)
    row = store.rows(1)[store.row_of(1, Side.SERVER, 0)]
    first = min(each.number for each in store.packets(1, row.at))
    assert first < row.packet
    assert payload(store, 0).raw == text
    assert payload(store, 1).raw == b"behind"
    assert store.raw(1, row.at) == wire


def test_bytes_sent_twice_stay_as_they_came_first(tmp_path):
    talk = Conversation().upgrade()
    wire = talk.wire(talk.server, 1, b"a" * 100 + b"b" * 100)
    begin = talk.server.seq - talk.server.isn - 1
    talk.server.says(wire[:120])
    talk.waits(300)
    talk.server.repeats(begin + 60, b"x" * 60)
    talk.waits(300)
    talk.server.says(wire[120:])
    talk.client.acks()
    talk.bye()
    store = store_of(talk, tmp_path)
    assert payload(store, 0).raw == b"a" * 100 + b"b" * 100
    row = store.row_of(1, Side.SERVER, 0)
    assert [each.retransmission for each in store.packets(1, row)] == [False, True, False]


def compressed_talk(messages):
    """Both sides keep their context; the server's frames."""
    talk = Conversation().upgrade(deflate=True)
    packer = zlib.compressobj(6, zlib.DEFLATED, -15)
    for number, message in enumerate(messages):
        packed = packer.compress(message) + packer.flush(zlib.Z_SYNC_FLUSH)
        talk.tells(talk.server, 2, packed.removesuffix(b"\x00\x00\xff\xff"), rsv=4, heard=False)
        if number % 10 == 9:
            talk.client.acks()
    return talk.bye()


MESSAGES = [random.Random(n % 40).randbytes(600) + b"%d" % n for n in range(400)]


@pytest.mark.parametrize("contexts", [0, 1, 2, 1_024])
def test_a_compressed_message_is_read_from_the_last_check_point(tmp_path, contexts, monkeypatch):
    monkeypatch.setattr("wsdebug.analysis.store.contexts.STEP", 4_000)
    store = store_of(compressed_talk(MESSAGES), tmp_path, contexts=contexts)
    assert store._contexts.step >= 4_000
    for number in (0, 1, 57, 200, 398, 399):
        found = payload(store, number)
        assert found.inflated == MESSAGES[number]
        assert found.inflated_complete
    last = store.row_of(1, Side.SERVER, 399)
    replayed = list(store._reader(1)._plan(last, last + 1))
    assert (len(replayed) < 100) is (contexts > 100)
    assert store._contexts._count <= contexts


def test_a_walk_reads_all_of_them_in_one_pass(tmp_path):
    store = store_of(compressed_talk(MESSAGES[:100]), tmp_path)
    inflated = [
        found.inflated
        for index, found in store.walk(1)
        if store.rows(1)[index].kind is RowKind.FRAME and store.rows(1)[index].compressed
    ]
    assert inflated == MESSAGES[:100]
    part = store.row_of(1, Side.SERVER, 50)
    assert [found.inflated for _, found in store.walk(1, part, part + 3)] == MESSAGES[50:53]


@pytest.fixture
def fragments(tmp_path):
    """A compressed message of 202 frames, a ping in it, of a side that forgets its context."""
    extension = b"Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover\r\n"
    packed = zlib.compressobj(6, zlib.DEFLATED, -15)
    wire = packed.compress(b"a long way") + packed.flush(zlib.Z_SYNC_FLUSH)
    talk = Conversation().upgrade(offer=extension, answer=extension)
    talk.tells(talk.server, 1, wire[:1], fin=False, rsv=4)
    for number in range(200):
        talk.tells(talk.server, *((9, b"ping") if number == 150 else (0, b"")), fin=number == 150)
    talk.tells(talk.server, 0, wire[1:].removesuffix(b"\x00\x00\xff\xff")).bye()
    return store_of(talk, tmp_path)


def test_a_message_begins_before_the_ping_inside_it(fragments):
    assert payload(fragments, 201).inflated == b"a long way"


def test_reading_fragment_after_fragment_looks_for_the_beginning_once(fragments, monkeypatch):
    looked = []

    def counted(data, index):
        looked.append(index)
        return row_from(data, index)

    monkeypatch.setattr(payloads, "row_from", counted)
    reader = fragments._reader(1)
    rows = [fragments.rows(1)[fragments.row_of(1, Side.SERVER, number)] for number in range(202)]
    begins = {reader._message_start(Side.SERVER, row) for row in rows if row.opcode != 9}
    assert begins == {rows[0].at}
    assert len(looked) < 2 * len(rows)
    looked.clear()
    assert reader._message_start(Side.SERVER, rows[100]) == rows[0].at
    assert len(looked) == 1


def test_a_message_that_refers_to_lost_ones_says_so(tmp_path):
    talk = Conversation().upgrade(deflate=True)
    packer = zlib.compressobj(6, zlib.DEFLATED, -15)
    text = random.Random(5).randbytes(500)
    for number in range(4):
        packed = packer.compress(text) + packer.flush(zlib.Z_SYNC_FLUSH)
        wire = talk.wire(talk.server, 2, packed.removesuffix(b"\x00\x00\xff\xff"), rsv=4)
        if number == 0:
            talk.server.says(wire[:100])
            talk.server.says(wire[100:200], captured=False)
            talk.server.says(wire[200:])
        else:
            talk.server.says(wire)
        talk.client.acks()
        talk.waits(100)
    talk.bye()
    store = store_of(talk, tmp_path)
    first, second = payload(store, 0), payload(store, 1)
    assert first.holes == ((96, 100),)
    assert not first.complete
    assert "bytes are in the capture" in first.note
    assert second.complete
    assert second.inflated is None
    assert second.note == "It refers to messages that the capture lacks."


def test_a_bomb_is_not_unpacked_only_to_show_its_beginning(tmp_path):
    talk = Conversation().upgrade(deflate=True)
    talk.tells(talk.server, 2, deflated(bytes(30 << 20), level=9), rsv=4).bye()
    store = store_of(talk, tmp_path)
    found = payload(store, 0, limit=1_000)
    assert found.inflated == bytes(1_000)
    assert not found.inflated_complete
    assert found.raw == deflated(bytes(30 << 20), level=9)[:1_000]


def test_a_length_nobody_can_have_costs_no_memory(tmp_path):
    talk = Conversation().upgrade()
    talk.tells(talk.server, 2, b"begin", form=64, length=1 << 62).hangs_up()
    store = store_of(talk, tmp_path)
    row = store.row_of(1, Side.SERVER, 0)
    assert store.rows(1)[row].cut
    assert store.rows(1)[row].length == 1 << 62
    found = payload(store, 0)
    assert (found.raw, found.complete) == (b"begin", False)
    assert found.note == f"Only 5 of {1 << 62} bytes are in the capture."
    assert len(store.packets(1, row)) == 1
    assert store.raw(1, row).endswith(b"begin")


def test_no_more_than_the_limit(tmp_path):
    talk = Conversation().upgrade()
    talk.tells(talk.client, 1, b"x" * 500).bye()
    store = store_of(talk, tmp_path)
    found = payload(store, 0, Side.CLIENT, limit=100)
    assert (found.raw, found.complete, found.note) == (b"x" * 100, False, None)
