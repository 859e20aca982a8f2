"""Rows and payloads of WebSockets over HTTP/2, as the screen and `export` read them."""

from __future__ import annotations

import contextlib

import pytest

from tests.stored import CAPTURES
from wsdebug.analysis.session import Session
from wsdebug.model.place import Side
from wsdebug.model.rows import RowKind

FOLDER = CAPTURES / "http2"


@contextlib.contextmanager
def stored(name: str):
    session = Session([str(FOLDER / f"{name}.pcap")], rows=True)
    for _ in session.run(lambda _: None):
        pass
    assert session.store is not None
    yield session.store
    session.store.close()


def texts(store, connection: int) -> list[tuple[Side, bytes]]:
    rows = store.rows(connection)
    return [
        (row.side, store.payload(connection, row.at, 1_000).raw)
        for row in (rows[at] for at in range(len(rows)))
        if row.kind is RowKind.FRAME and row.opcode == 1
    ]


@pytest.mark.parametrize(("connection", "path"), [(1, "/a"), (2, "/b")])
def test_payloads_are_those_of_the_stream(connection: int, path: str) -> None:
    wanted = []
    for number in range(3):
        wanted.append((Side.CLIENT, f"hello {number} on {path}".encode()))
        wanted.append((Side.SERVER, f"echo hello {number} on {path}".encode()))
    with stored("h2c-two-streams") as store:
        assert texts(store, connection) == wanted
        assert store.raw(connection, store.row_of(connection, Side.SERVER, 0))[:2] == b"\x81\x12"


def test_the_packets_of_a_frame_are_named() -> None:
    with stored("h2c-two-streams") as store:
        for connection in (1, 2):
            row = store.row_of(connection, Side.SERVER, 1)
            numbers = [packet.number for packet in store.packets(connection, row)]
            assert numbers == [store.rows(connection)[row].packet]


def test_the_end_of_a_stream_is_a_row() -> None:
    with stored("h2c-ended") as store:
        rows = [store.rows(1)[at] for at in range(len(store.rows(1)))]
    ends = [(row.side, row.event.value) for row in rows if row.kind is RowKind.TCP]
    assert ends == [(Side.SERVER, "fin"), (Side.CLIENT, "fin")]
