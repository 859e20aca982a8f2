"""What a capture says, as bytes: to look for what of it is left in another."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from wsdebug.analysis import Session
from wsdebug.analysis.store.attempts import attempts_beside
from wsdebug.anonymise import Secret, export_anonymised
from wsdebug.anonymise.carried import Walk, streams_of
from wsdebug.model.place import SIDES
from wsdebug.model.rows import RowKind

KEY = b"only for tests, and 32 bytes ok."
RUN = 8


def session_of(path: Path) -> Session:
    session = Session([str(path)], rows=True)
    for _ in session.run(lambda _: None):
        pass
    return session


def ids_of(session: Session) -> list[int]:
    assert session.store is not None
    return [known.id for known in session.store.connections]


def anonymised(session: Session, to: Path, key: bytes = KEY) -> Session:
    """All connections, written and read again."""
    assert session.store is not None
    with to.open("wb") as file:
        export_anonymised(session.store, ids_of(session), file, session.end, Secret(key))
    return session_of(to)


def streams(session: Session) -> list[tuple[bytes, bytes]]:
    """Both sides' TCP payloads of every connection."""
    assert session.store is not None
    store, ids = session.store, ids_of(session)
    walk = Walk(store, [store.extent(each) for each in ids])
    pairs = streams_of(walk, [store.bases(each) for each in ids])
    return [(bytes(one.data), bytes(other.data)) for one, other in pairs]


def http_part(session: Session) -> list[bytes]:
    """Of each stream what comes before its frames, or all of it."""
    assert session.store is not None
    told = []
    for id_, pair in zip(ids_of(session), streams(session), strict=True):
        for side, data in zip(SIDES, pair, strict=True):
            begin = session.store.frames_begin(id_, side)
            told.append(data[: begin or len(data)])
    return told


def payloads(session: Session) -> Iterator[bytes]:
    """Of every frame without its mask, inflated where it was compressed and can be."""
    assert session.store is not None
    for id_ in ids_of(session):
        if session.store.connections[id_ - 1].encrypted:
            continue
        rows = session.store.rows(id_)
        for at, payload in session.store.walk(id_, 0, None, 1 << 20):
            if rows[at].kind is not RowKind.FRAME:
                continue
            if payload.inflated is not None:
                yield payload.inflated
            elif not rows[at].rsv & 4:
                yield payload.raw


def addresses(session: Session) -> set[bytes]:
    """Every IP address of a TCP packet that is exported, loopback's IPv6 but."""
    assert session.store is not None
    ids = ids_of(session)
    attempts = attempts_beside(session.store, ids)
    walk = Walk(session.store, [session.store.extent(each) for each in ids], attempts)
    found = set()
    for carried in walk.packets():
        key = carried.header.key
        size = (len(key) - 4) // 2
        found |= {key[:size], key[size : 2 * size]}
    return found - {bytes(15) + b"\1"}


def runs(old: set[bytes], data: bytes) -> Iterator[bytes]:
    """The longest runs of `data` that stand in the original, of 8 bytes at least."""
    at = 0
    while at <= len(data) - RUN:
        stop = at
        while data[stop : stop + RUN] in old and stop <= len(data) - RUN:
            stop += 1
        if stop > at:
            yield data[at : stop + RUN - 1]
        at = max(stop, at + 1)


def windows(data: bytes) -> set[bytes]:
    return {data[at : at + RUN] for at in range(len(data) - RUN + 1)}
