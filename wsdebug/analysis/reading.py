"""The Python API: read a capture in one call, or frame by frame."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TypeAlias

import msgspec

from wsdebug.analysis.session import Session
from wsdebug.display.quantities import grouped
from wsdebug.model.errors import UserError
from wsdebug.model.facts import Fact, Frame
from wsdebug.model.limits import DEFAULT_LIMITS, Limits
from wsdebug.model.report import Analysis, Connection

Path: TypeAlias = str | os.PathLike[str]


def read(
    *paths: Path,
    payload: str = "none",
    limits: Limits = DEFAULT_LIMITS,
    filter: str | None = None,  # noqa: A002 - named as the option
    keylog: Path | None = None,
) -> Analysis:
    """Reads a capture (several files are one capture) and returns the whole analysis.

    `payload`: none, preview or full, as `--payload`; `filter`: only connections that match, as
    `--filter`; `keylog`: a file with the secrets of TLS sessions, as `--keylog`. Raises
    `wsdebug.UserError` when there is nothing that can be read, its subclass
    `wsdebug.query.QueryError` when the filter is wrong.
    """
    wanted = None
    if filter is not None:
        from wsdebug.query import parse  # noqa: PLC0415 - only where there is a filter

        wanted = parse(filter)
    files = [os.fspath(path) for path in paths]
    log = os.fspath(keylog) if keylog is not None else None
    session = Session(files, payload=payload, limits=limits, wanted=wanted, keylog=log)
    connections: list[Connection] = []
    for _ in session.run(connections.append):
        pass
    connections.sort(key=lambda connection: connection.id)
    session.analysis.connections = connections
    return session.analysis


def frames(
    *paths: Path,
    payload: int = 0,
    limits: Limits = DEFAULT_LIMITS,
    keylog: Path | None = None,
) -> Iterator[tuple[int, Frame]]:
    """Every frame of a capture as `(tcp_stream, frame)`, in the order in which they ended.

    `payload`: how many bytes of each payload to keep (unmasked, not inflated).
    Raises `wsdebug.UserError` where more than `limits.rows` frames become certain at once, as when
    a hole closes before which a great many waited: none is left out in silence.
    """
    found: list[tuple[int, Frame]] = []

    def keep(stream: int, fact: Fact) -> None:
        if isinstance(fact, Frame):
            if len(found) >= limits.rows:
                raise UserError(
                    f"More than {grouped(limits.rows)} frames came at once.",
                    f"Allow more: limits=Limits(rows={2 * limits.rows})",
                )
            found.append((stream, fact))

    limits = msgspec.structs.replace(limits, payload=payload or limits.payload)
    session = Session(
        [os.fspath(path) for path in paths],
        limits=limits,
        on_fact=keep,
        keylog=os.fspath(keylog) if keylog is not None else None,
    )
    for _ in session.run(lambda _: None):
        yield from found
        found.clear()
    yield from found
