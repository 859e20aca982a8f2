"""The rows of every stored capture against what the decoder tells without them."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise

import msgspec
import pytest

from bench.make import make
from tests.stored import ALL, CAPTURES
from wsdebug.analysis import Session
from wsdebug.analysis.store.glance import Glance
from wsdebug.model.facts import Frame, Message
from wsdebug.model.limits import DEFAULT_LIMITS
from wsdebug.model.place import Side
from wsdebug.model.rows import Row, RowKind, State
from wsdebug.model.tcp import EventKind

OPEN = {path.stem: path for path in sorted((CAPTURES / "open").glob("*.pcap"))}
EVERY = {**ALL, **OPEN}
ENOUGH = 1 << 24


class Told:
    """What a session without rows says of each frame and message, by connection, side, number."""

    def __init__(self, path):
        self.frames: dict[int, dict[tuple[Side, int], Frame]] = defaultdict(dict)
        self.inflated: dict[int, dict[tuple[Side, int], Message]] = defaultdict(dict)
        limits = msgspec.structs.replace(DEFAULT_LIMITS, payload=ENOUGH)
        session = Session([str(path)], limits=limits, on_fact=self._take)
        self.connections = {}
        for _ in session.run(lambda one: self.connections.__setitem__(one.id, one)):
            pass

    def _take(self, stream, fact):
        if isinstance(fact, Frame):
            self.frames[stream][fact.side, fact.number] = fact
        elif isinstance(fact, Message):
            self.inflated[stream][fact.side, fact.first_frame] = fact


def stored(path):
    session = Session([str(path)], rows=True)
    for _ in session.run(lambda _: None):
        pass
    return session.store


def frames_of(rows):
    return {(row.side, row.number): row for row in rows if row.kind is RowKind.FRAME}


@pytest.fixture(scope="module", params=sorted(EVERY))
def both(request):
    path = EVERY[request.param]
    store = stored(path)
    yield Told(path), store
    store.close()


def test_every_frame_has_one_row_with_its_fields(both):
    told, store = both
    for known in store.connections:
        rows = list(store.rows(known.id))
        frames = frames_of(rows)
        wanted = told.frames[known.tcp_stream]
        assert frames.keys() == wanted.keys()
        assert sum(row.kind is RowKind.FRAME for row in rows) == len(wanted)
        for place, row in frames.items():
            fact = wanted[place]
            assert _fields(row) == (
                fact.header, fact.offset, fact.length, fact.key, fact.missing, fact.packet,
                fact.time, fact.last_packet, fact.last_time, not fact.complete,
                fact.in_message, fact.after_close, not fact.synchronised,
            )  # fmt: skip
            assert store.row_of(known.id, *place) == row.at


def _fields(row: Row):
    return (
        row.header, row.offset, row.length, row.key, row.missing, row.packet, row.time,
        row.last_packet, row.last_time, row.cut, row.in_message, row.after_close,
        row.resynchronised,
    )  # fmt: skip


def completed(rows):
    """When each row but the silences was complete: a frame not before those of its side before."""
    reached = {}
    for row in rows:
        if row.kind is RowKind.FRAME:
            reached[row.side] = max(row.last_packet, reached.get(row.side, 0))
            yield reached[row.side], row
        elif row.kind is not RowKind.SILENCE:
            yield row.last_packet, row


def test_rows_stand_in_the_order_of_time_and_silences_fill_the_pauses(both):
    _, store = both
    for known in store.connections:
        rows = store.rows(known.id)
        assert [row.at for row in rows] == list(range(len(rows)))
        complete = [packet for packet, _ in completed(rows)]
        assert complete == sorted(complete)
        for before, row in pairwise(rows):
            if row.time is not None and before.last_time is not None:
                pause = row.time - before.last_time
                assert row.kind is RowKind.SILENCE or pause < 1_000_000_000
            if row.kind is RowKind.SILENCE:
                assert row.duration is not None
                assert row.duration >= 1_000_000_000
                assert row.side is None


def test_the_report_is_the_same_with_rows_and_without(both):
    told, store = both
    assert {one.id for one in store.connections} == set(told.connections)
    for known in store.connections:
        assert known.state is State.FINISHED
        wanted = msgspec.structs.replace(told.connections[known.id], timeline=[])
        found = known.report
        assert found is not None
        # `--payload` adds the payload to details and moments.
        for one in (wanted, found):
            for finding in one.findings:
                finding.detail.pop("payload", None)
        assert msgspec.structs.replace(found, timeline=[]) == wanted
        assert (known.errors, known.warnings, known.notes) == tuple(
            sum(finding.severity.rank == rank for finding in found.findings) for rank in (2, 1, 0)
        )


def test_payloads_read_again_are_those_that_passed(both):
    told, store = both
    for known in store.connections:
        wanted = told.frames[known.tcp_stream]
        for index, payload in store.walk(known.id, limit=ENOUGH):
            row = store.rows(known.id)[index]
            if row.kind is not RowKind.FRAME:
                continue
            fact = wanted[row.side, row.number]
            assert payload.raw[: len(fact.payload)] == fact.payload
            if not row.missing and not row.cut:
                assert payload.complete
                assert payload.raw == fact.payload


def test_messages_inflate_to_what_the_decoder_read(both):
    told, store = both
    for known in store.connections:
        rows = frames_of(store.rows(known.id))
        payloads = dict(store.walk(known.id, limit=ENOUGH))
        for message in told.inflated[known.tcp_stream].values():
            if not message.compressed:
                continue
            parts = [
                row
                for (side, number), row in rows.items()
                if side is message.side
                and message.first_frame <= number <= message.last_frame
                and row.opcode < 8
            ]
            assert all(row.compressed for row in parts)
            pieces = [payloads[row.at].inflated for row in parts]
            if message.payload is not None:
                assert b"".join(pieces) == message.payload
                last = store.payload(known.id, parts[-1].at, ENOUGH)
                assert last.inflated == pieces[-1]


def test_each_finding_is_marked_on_its_row(both):
    _, store = both
    for known in store.connections:
        marked = {row.at for row in store.rows(known.id) if row.has_finding}
        seen = set()
        for row in store.rows(known.id):
            if store.findings(known.id, row.at):
                seen.add(row.at)
        assert marked == seen


def test_single_payload_packets_and_wire_bytes_agree(both):
    _, store = both
    for known in store.connections:
        for row in store.rows(known.id)[:60]:
            packets = store.packets(known.id, row.at)
            if row.kind is RowKind.SILENCE:
                assert packets == []
                continue
            assert packets[0].number == row.packet or row.missing or row.kind is RowKind.TCP
            raw = store.raw(known.id, row.at)
            if row.kind is RowKind.FRAME and not row.missing and not row.cut:
                view = store.frame(known.id, row.at)
                assert raw[: len(view.header)] == view.header
                assert len(raw) == min(1 << 20, len(view.header) + row.length)
                assert max(each.number for each in packets) == row.last_packet


def test_a_connection_ends_with_its_tcp_events():
    store = stored(ALL["express-408"])
    events = [(row.event, row.side) for row in store.rows(1) if row.kind is RowKind.TCP]
    assert events == [
        (EventKind.SYN, Side.CLIENT),
        (EventKind.SYN, Side.SERVER),
        (EventKind.FIN, Side.SERVER),
        (EventKind.RST, Side.SERVER),
    ]
    foreign = [row for row in store.rows(1) if row.kind is RowKind.FOREIGN]
    assert [row.has_finding for row in foreign] == [True]
    assert store.raw(1, foreign[0].at).startswith(b"HTTP/1.1 408 Request Timeout")


def test_one_pass_for_all_connections_reads_what_a_walk_for_each_reads(both, monkeypatch):
    _, store = both
    ids = [known.id for known in store.connections]
    ends = sorted({row.last_packet for id_ in ids for row in store.rows(id_)})
    # Small windows, so that frames reach over their borders.
    borders = [*ends[:: len(ends) // 5 + 1], 1 << 40]
    monkeypatch.setattr(store._again, "borders", lambda: borders)
    found, over = {id_: [] for id_ in ids}, []
    for id_, row, payload in store.sweep(ids, ENOUGH):
        assert id_ not in over
        if row is None:
            over.append(id_)
        else:
            found[id_].append((row.at, payload))
    assert sorted(over) == sorted(ids)
    for id_ in ids:
        rows = store.rows(id_)
        walked = store.walk(id_, limit=ENOUGH)
        assert found[id_] == [each for each in walked if rows[each[0]].kind is RowKind.FRAME]


def test_a_glance_tells_what_the_row_tells(both):
    names = [name for name in dir(Glance) if not name.startswith("_") and name != "is_frame"]
    _, store = both
    for known in store.connections:
        rows = store.rows(known.id)
        for row, glance in zip(rows, store.glances(known.id, 0, len(rows) + 1), strict=True):
            assert glance.is_frame == (row.kind is RowKind.FRAME)
            assert (glance.at, glance.opcode, glance.time) == (row.at, row.opcode, row.time)
            if glance.is_frame:
                assert [getattr(glance, each) for each in names] == [
                    getattr(row, each) for each in names
                ]


def test_a_pass_for_all_connections_reads_the_capture_about_once(tmp_path, monkeypatch):
    path = tmp_path / "chat.pcap"
    packets = make("chat", path, 0.02)
    store = stored(path)
    read = 0
    batches = store._again.batches

    def counted(first):
        nonlocal read
        for batch in batches(first):
            read += len(batch)
            yield batch

    monkeypatch.setattr(store._again, "batches", counted)
    ids = [known.id for known in store.connections]
    assert len(ids) == 200
    assert sum(passed.row is not None for passed in store.sweep(ids)) > 5000
    assert read < 2 * packets
