"""Target: `wsdebug export --anonymise` of whatever came.

A `UserError` or a capture that can be read, with as many packets as were counted. That nothing is
left in it is looked at with the stories (tests/anonymise).
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

from tests.fuzz.packets import mutated
from tests.fuzz.place import file_with
from tests.fuzz.seeds import small_captures
from wsdebug.analysis import Session
from wsdebug.anonymise import Secret, compressed, export_anonymised
from wsdebug.capture import open_captures
from wsdebug.model.errors import UserError
from wsdebug.model.limits import Limits

LIMITS = Limits(message=1 << 16, unpacked=8 << 20, block=1 << 20)
MOST = 48 << 10
_KEY = b"a key that is always the same..."


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
            session = Session([str(path)], limits=LIMITS, rows=True)
        except UserError:
            return
        store = session.store
        assert store is not None
        try:
            for _ in session.run(lambda _: None):
                pass
            ids = [known.id for known in store.connections]
            if ids:
                with patch.object(compressed, "_FOLLOWED", 1 << 16):  # what lies beyond, too
                    _check_export(session, ids, Path(f"{path}.pcapng"))
        finally:
            store.close()


def _check_export(session: Session, ids: list[int], path: Path) -> None:
    assert session.store is not None
    stream = io.BytesIO()
    try:
        count, _ = export_anonymised(session.store, ids, stream, session.end, Secret(_KEY))
    except UserError as error:
        _check_sentence(error)
        return
    path.write_bytes(stream.getvalue())
    try:
        captures = open_captures([str(path)])
        told = [packet for batch in captures.batches() for packet in batch]
        assert len(told) == count
        assert {note.kind for note in captures.files[0].warnings} <= {"exported"}
    finally:
        path.unlink()


def _check_sentence(error: UserError) -> None:
    assert str(error).isprintable()
