"""Rows and payloads of a connection inside TLS: decrypted, in a file that has no name."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.stored import tls_capture
from wsdebug.analysis import Session
from wsdebug.analysis.store import Store
from wsdebug.analysis.store.plain import PlainFile
from wsdebug.capture.again import GoneError
from wsdebug.model.rows import RowKind
from wsdebug.transport.refill import Refill


@pytest.fixture
def opened() -> Iterator[Callable[[str], Store]]:
    stores: list[Store] = []

    def read(name: str) -> Store:
        path, keys = tls_capture(name)
        session = Session([str(path)], rows=True, keylog=str(keys) if keys else None)
        for _ in session.run(lambda _: None):
            pass
        stores.append(session.store)
        return session.store

    yield read
    for store in stores:
        store.close()


def frames(store: Store, connection: int = 1) -> dict[str, int]:
    return {row.name: row.at for row in store.rows(connection) if row.kind is RowKind.FRAME}


def test_payloads_are_the_decrypted_ones(opened) -> None:
    store = opened("tls-key-update")
    at = frames(store)
    for name, text in {"C0": b"before", "C1": b"after", "S0": b"answer", "C2": b"\x03\xe8"}.items():
        payload = store.payload(1, at[name])
        assert (payload.raw, payload.complete, payload.note) == (text, True, None)
    assert store.raw(1, at["S0"]) == b"\x81\x06answer"
    (head, _) = [row for row in store.rows(1) if row.kind is RowKind.HEAD]
    assert store.payload(1, head.at).raw.startswith(b"GET /live HTTP/1.1\r\n")


def test_the_packets_of_a_frame_are_those_of_its_records(opened) -> None:
    store = opened("tls-node-big")
    big = frames(store)["S1"]
    assert store.rows(1)[big].length == 70_000
    assert [one.number for one in store.packets(1, big)] == [16, 17, 19]
    payload = store.payload(1, big)
    assert payload.raw == b"x" * 70_000
    assert payload.complete


def test_many_payloads_in_one_pass(opened) -> None:
    store = opened("tls-python")
    texts = [payload.raw for _, payload in store.walk(1) if payload.raw]
    assert b"hello" in texts
    assert b"x" * 40_000 in texts


def test_nothing_of_an_encrypted_connection_is_kept(opened) -> None:
    store = opened("tls-certificate-refused")
    assert store.connections[0].encrypted
    assert not list(store.rows(1))


# ---- the file -----------------------------------------------------------------------------------
def test_the_file_has_no_name_and_is_the_users_alone() -> None:
    kept = PlainFile(1 << 20)
    kept.side().add(b"secret" * 10_000)
    descriptor = kept._spool._file.fileno()
    about = os.fstat(descriptor)
    assert stat.S_IMODE(about.st_mode) & 0o077 == 0
    assert about.st_nlink == 0
    assert about.st_size == 60_000
    kept.close()
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(descriptor)


def test_two_sides_that_are_written_in_turn_are_read_apart() -> None:
    kept = PlainFile(1 << 24)
    one, other = kept.side(), kept.side()
    for number in range(3_000):
        one.add(b"%05d" % number * 5)
        other.add(b"abc")
    assert one.read(25 * 1_234, 25) == b"01234" * 5
    assert other.read(0, 10_000) == b"abc" * 3_000
    assert one.read(25 * 2_999, 100) == b"02999" * 5
    assert one.read(80_000, 10) == b""


def test_what_does_not_fit_is_told() -> None:
    kept = PlainFile(1_000)
    side = kept.side()
    side.add(b"x" * 100_000)
    with pytest.raises(GoneError, match="were kept to look at"):
        side.fill(Refill(0, 10), 0)


def test_no_file_is_left_behind(opened, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    store = opened("tls-node-big")
    assert store.payload(1, frames(store)["S1"]).complete
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and path.stat().st_nlink]
