"""Whether the anonymised file tells the same story: it is read, and compared with the original."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable, Sequence
from typing import BinaryIO, NamedTuple, cast

from wsdebug.analysis import Session
from wsdebug.anonymise.exporting import export_anonymised
from wsdebug.anonymise.secret import Secret
from wsdebug.export import Written, export_packets
from wsdebug.model.errors import UserError
from wsdebug.model.report import Connection, FleetCause

_ATTEMPTS = 3
"""Keys that are tried: by chance other bytes may look like a frame where none was."""


class Verdict(NamedTuple):
    """What is said of a connection, without whatever it quotes."""

    handshake: tuple[object, ...]
    ending: tuple[object, ...]
    findings: tuple[tuple[object, ...], ...]
    causes: tuple[tuple[object, ...], ...]


class Told(NamedTuple):
    """What is said of a capture: of each connection, and of what befell several at once."""

    connections: list[Verdict]
    fleet: list[tuple[object, ...]]


def verdict_of(connection: Connection) -> Verdict:
    """Of one report."""
    shake, end = connection.handshake, connection.end
    return Verdict(
        (shake.result, shake.status, len(shake.attempts)),
        (end.how, end.by, end.severity, end.close_codes, end.seen_by_application),
        tuple(
            (one.name, one.severity, one.side, one.frame, one.part, one.offset, one.length)
            for one in connection.findings
        ),
        tuple((cause.code, cause.certainty) for cause in connection.causes),
    )


def fleet_of(causes: Iterable[FleetCause]) -> list[tuple[object, ...]]:
    """What befell several at once, without addresses, by which it was in order, and quotations."""
    told = ((one.code, one.certainty, one.connections, one.attempts) for one in causes)
    return sorted(told, key=repr)


def write_anonymised(session: Session, connections: Sequence[int], stream: BinaryIO) -> Written:
    """Write the packets of `connections` (ids) and of the attempts to connect beside them.
    `UserError`, and nothing written, where they cannot be anonymised or the verdict would not be
    the same.
    """
    store = session.store
    assert store is not None
    is_all = len(connections) == len(store.connections)
    wanted = _told(session) if is_all else _told_alone(session, connections)
    told = wanted
    for _ in range(_ATTEMPTS):
        with tempfile.NamedTemporaryFile(suffix=".pcapng") as file:
            written = cast("BinaryIO", file)
            number = export_anonymised(store, connections, written, session.end, Secret())
            file.flush()
            told = _read(file.name)
            if told == wanted:
                file.seek(0)
                shutil.copyfileobj(file, stream)
                return number
    raise _otherwise(wanted, told, connections)


def _otherwise(wanted: Told, told: Told, connections: Sequence[int]) -> UserError:
    differing = _first_difference(wanted.connections, told.connections)
    if not differing:
        return UserError(
            "What befell several connections at once would be judged otherwise once they are"
            " anonymised: nothing was written.",
            "Choose other connections (-c), and please report what wsdebug read says of these.",
        )
    return UserError(
        f"Connection {connections[min(differing, len(connections)) - 1]} would be judged otherwise"
        " once it is anonymised: nothing was written.",
        "Choose other connections (-c), and please report what wsdebug read says of this one.",
    )


def _told(session: Session) -> Told:
    assert session.store is not None
    reports = (one.report for one in session.store.connections)
    return Told(_verdicts(reports), fleet_of(session.analysis.fleet))


def _told_alone(session: Session, connections: Sequence[int]) -> Told:
    """Some connections may be judged otherwise without the others (legs of a proxy)."""
    assert session.store is not None
    with tempfile.NamedTemporaryFile(suffix=".pcapng") as file:
        written = cast("BinaryIO", file)
        export_packets(session.store, session.analysis, connections, written, session.end)
        file.flush()
        return _read(file.name)


def _read(path: str) -> Told:
    connections: list[Connection] = []
    session = Session([path])
    for _ in session.run(connections.append):
        pass
    connections.sort(key=lambda one: one.id)
    return Told(_verdicts(connections), fleet_of(session.analysis.fleet))


def _verdicts(reports: Iterable[Connection | None]) -> list[Verdict]:
    return [verdict_of(one) for one in reports if one is not None]


def _first_difference(wanted: Sequence[Verdict], told: Sequence[Verdict]) -> int:
    """Which connection, counted from 1; 0 where all are the same."""
    for number, (one, other) in enumerate(zip(wanted, told, strict=False), 1):
        if one != other:
            return number
    return 0 if len(wanted) == len(told) else min(len(wanted), len(told)) + 1
