"""Target: the whole way of a capture file: reports in every form, rows, payloads, export.

No character that steers a terminal in what people read; JSON that is what the schema's types say;
packets and numbers that exist; every row and payload can be looked at; what is exported is a
capture.
"""

from __future__ import annotations

import io
import json
import unicodedata
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from tests.fuzz.packets import mutated
from tests.fuzz.place import file_with
from tests.fuzz.seeds import small_captures
from wsdebug.analysis import Session
from wsdebug.analysis.store import Store
from wsdebug.capture import open_captures
from wsdebug.export import export_packets
from wsdebug.model.errors import UserError
from wsdebug.model.instant import Instant
from wsdebug.model.limits import Limits
from wsdebug.model.report import Analysis, Connection
from wsdebug.model.rows import RowKind
from wsdebug.report import FORMATS, View, writer_for
from wsdebug.views import summary, views_of

LIMITS = Limits(message=1 << 16, unpacked=8 << 20, block=1 << 20)
MOST = 48 << 10
HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_ROWS = 10
"""Rows of a connection that are looked at."""


def seeds() -> Iterator[bytes]:
    """Small captures."""
    yield from small_captures(6_000)


def mutate(raw: bytes, change: object, seed: int) -> bytes:
    """Nearly always inside of a packet."""
    assert callable(change)
    return mutated(raw, change, seed >> 4) if seed & 15 else bytes(change(raw))


def check(data: bytes) -> None:
    """Raises `AssertionError` where one of the promises above is broken."""
    with file_with(data) as path:
        try:
            session = Session([str(path)], limits=LIMITS, payload="preview", rows=True)
        except UserError as error:
            _check_sentence(error)
            return
        store = session.store
        assert store is not None
        try:
            connections: list[Connection] = []
            for _ in session.run(connections.append):
                pass
            analysis = session.analysis
            _check_numbers(connections, analysis)
            _check_reports(connections, analysis)
            _check_rows(store, connections)
            if connections:
                _check_export(session, store, connections, Path(f"{path}.pcapng"))
        finally:
            store.close()


def _check_sentence(error: UserError) -> None:
    assert str(error).isprintable()


def _check_numbers(connections: Sequence[Connection], analysis: Analysis) -> None:
    assert sorted(one.id for one in connections) == list(range(1, len(connections) + 1))
    packets = sum(capture.packets for capture in analysis.captures)
    for one in connections:
        places = [found.packet for found in one.findings] + [one.end.packet]
        places += [moment.packet for moment in one.timeline]
        for place in places:
            assert place is None or 1 <= place <= packets, place
        assert all(found.offset >= 0 and found.length >= 0 for found in one.findings)
        assert one.duration is None or one.duration >= 0


def _check_reports(connections: Sequence[Connection], analysis: Analysis) -> None:
    for form in FORMATS:
        stream = io.StringIO()
        view = View(every=True, show_payload=form != "markdown")
        writer = writer_for(form, stream, view)
        for connection in connections:
            writer.connection(connection)
        writer.finish(analysis)
        told = stream.getvalue()
        hidden = {each for each in set(told) - {"\n"} if unicodedata.category(each) in HIDDEN}
        assert not hidden, (form, hidden)
        if form == "json":
            _check_shape(told)
        if form == "jsonl":
            lines = told.splitlines()
            assert all("type" in json.loads(line) for line in lines)
        if form in ("json", "jsonl"):
            assert told.isascii()


def _check_shape(told: str) -> None:
    """The types that the schema is made from read it back."""
    plain = json.loads(told)
    assert plain.pop("schema")
    msgspec.convert(plain, Analysis, dec_hook=_instant)


def _instant(kind: type, value: Any) -> Any:
    assert kind is Instant
    datetime.fromisoformat(value[:19])
    return Instant(0)


def _check_rows(store: Store, connections: Sequence[Connection]) -> None:
    for one in connections:
        rows = store.rows(one.id)
        size = len(rows)
        step = max(1, size // _ROWS)
        for at in range(0, size, step):
            row = rows[at]
            assert row.at == at
            for shown in (*(info.number for info in store.packets(one.id, at)), row.packet):
                assert shown >= 0
            if row.kind is not RowKind.FRAME:
                continue
            assert store.row_of(one.id, row.side, row.number) is not None  # type: ignore[arg-type]
            payload = store.payload(one.id, at, 4_096)
            assert len(payload.raw) <= 4_096
            data = payload.raw if payload.inflated is None else payload.inflated
            _check_views(data, row.opcode)
        for _, payload in store.walk(one.id, 0, min(size, _ROWS), 1_000):
            assert len(payload.raw) <= 1_000


def _check_views(data: bytes, opcode: int) -> None:
    for _, lines in views_of(data, opcode):
        assert all(line.isprintable() for line in lines)
    assert summary(data, opcode).isprintable()


def _check_export(
    session: Session, store: Store, connections: Sequence[Connection], path: Path
) -> None:
    stream = io.BytesIO()
    ids = [one.id for one in connections]
    count = export_packets(store, session.analysis, ids, stream, session.end).packets
    path.write_bytes(stream.getvalue())
    try:
        captures = open_captures([str(path)])
        assert sum(len(batch) for batch in captures.batches()) == count
        # What was said of the capture that it was taken from goes with it.
        assert all(note.kind == "exported" for note in captures.files[0].warnings)
    finally:
        path.unlink()
