"""The payload of one frame as a file."""

from __future__ import annotations

import re
from typing import NamedTuple

from wsdebug.analysis.store import Store
from wsdebug.display.quantities import counted, numbered
from wsdebug.model.errors import UserError
from wsdebug.model.place import Side

_NAME = re.compile(r"(?:(\d+)[:.])?([CcSs])(\d+)")
_MOST = 1 << 30
"""Bytes of a payload."""


class FrameName(NamedTuple):
    """A frame as the reports name it: S38 is the server's 39th. `connection` None: the only one."""

    connection: int | None
    side: Side
    number: int

    @classmethod
    def parsed(cls, text: str) -> FrameName:
        """From `3:S38` or `S38`."""
        found = _NAME.fullmatch(text.strip())
        if found is None:
            raise UserError(
                f"{text} names no frame.", "Name connection and frame: --payload-of 3:S38"
            )
        connection, side, number = found.groups()
        return cls(
            None if connection is None else int(connection),
            Side.SERVER if side in "Ss" else Side.CLIENT,
            int(number),
        )

    def __str__(self) -> str:
        return f"{'S' if self.side is Side.SERVER else 'C'}{self.number}"


def export_payload(store: Store, name: FrameName) -> bytes:
    """The payload without its mask, inflated where it was compressed. Raises `UserError` where it
    is not whole: half a payload would pass for one.
    """
    connection = _connection(store, name)
    row = store.row_of(connection, name.side, name.number)
    if row is None:
        raise UserError(
            f"Connection {connection} has no frame {name}.",
            f"It has {_frames(store, connection)}; they count from 0.",
        )
    payload = store.payload(connection, row, _MOST)
    is_compressed = store.rows(connection)[row].compressed
    if not payload.complete or (is_compressed and not payload.inflated_complete):
        why = payload.note or f"It is longer than {counted(_MOST, 'byte')}."
        raise UserError(f"The payload of {name} cannot be read whole. {why}")
    return payload.inflated if payload.inflated is not None else payload.raw


def _connection(store: Store, name: FrameName) -> int:
    known = len(store.connections)
    connection = name.connection
    if connection is None and known == 1:
        connection = 1
    if connection is None:
        raise UserError(
            f"There are {known} connections in this capture.",
            f"Say which one: --payload-of 1:{name}",
        )
    if not 1 <= connection <= known:
        raise UserError(
            f"There is no connection {connection} in this capture.",
            numbered(known),
        )
    return connection


def _frames(store: Store, connection: int) -> str:
    report = store.connections[connection - 1].report
    counts = [report.frames.get(side.value, {}).get("total", 0) if report else 0 for side in Side]
    return f"{counted(counts[0], 'frame')} of the client and {counts[1]} of the server"
