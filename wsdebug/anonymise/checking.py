"""Whether the anonymised file tells the same story: it is read, and compared with the original."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable, Sequence
from typing import BinaryIO, NamedTuple, cast

from wsdebug.analysis import Session
from wsdebug.anonymise.exporting import export_anonymised
from wsdebug.anonymise.secret import Secret
from wsdebug.export import export_packets
from wsdebug.model.errors import UserError
from wsdebug.model.report import Connection

_ATTEMPTS = 3
"""Keys that are tried: by chance other bytes may look like a frame where none was."""


class Verdict(NamedTuple):
    """What is said of a connection, without whatever it quotes."""

    handshake: tuple[object, ...]
    ending: tuple[object, ...]
    findings: tuple[tuple[object, ...], ...]
    causes: tuple[tuple[object, ...], ...]


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


def write_anonymised(session: Session, connections: Sequence[int], stream: BinaryIO) -> int:
    """Write the packets of `connections` (ids) and return their number. `UserError`, and nothing
    written, where they cannot be anonymised or the verdict would not be the same.
    """
    store = session.store
    assert store is not None
    is_all = len(connections) == len(store.connections)
    wanted = _verdicts(one.report for one in store.connections) if is_all else None
    if wanted is None:
        wanted = _verdicts_alone(session, connections)
    differing = 0
    for _ in range(_ATTEMPTS):
        with tempfile.NamedTemporaryFile(suffix=".pcapng") as file:
            written = cast("BinaryIO", file)
            packets = export_anonymised(store, connections, written, session.end, Secret())
            file.flush()
            differing = _first_difference(wanted, _verdicts(_read(file.name)))
            if not differing:
                file.seek(0)
                shutil.copyfileobj(file, stream)
                return packets
    raise UserError(
        f"Connection {connections[min(differing, len(connections)) - 1]} would be judged otherwise"
        " once it is anonymised: nothing was written.",
        "Choose other connections (-c), and please report what wsdebug read says of this one.",
    )


def _verdicts_alone(session: Session, connections: Sequence[int]) -> list[Verdict]:
    """Some connections may be judged otherwise without the others (legs of a proxy)."""
    assert session.store is not None
    with tempfile.NamedTemporaryFile(suffix=".pcapng") as file:
        written = cast("BinaryIO", file)
        export_packets(session.store, session.analysis, connections, written, session.end)
        file.flush()
        return _verdicts(_read(file.name))


def _read(path: str) -> list[Connection]:
    connections: list[Connection] = []
    for _ in Session([path]).run(connections.append):
        pass
    return sorted(connections, key=lambda one: one.id)


def _verdicts(reports: Iterable[Connection | None]) -> list[Verdict]:
    return [verdict_of(one) for one in reports if one is not None]


def _first_difference(wanted: Sequence[Verdict], told: Sequence[Verdict]) -> int:
    """Which connection, counted from 1; 0 where all are the same."""
    for number, (one, other) in enumerate(zip(wanted, told, strict=False), 1):
        if one != other:
            return number
    return 0 if len(wanted) == len(told) else min(len(wanted), len(told)) + 1
