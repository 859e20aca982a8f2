"""All that panel 4 shows of a row, read from the capture at once when it is looked at."""

from __future__ import annotations

import msgspec

from wsdebug.display.quantities import counted, grouped
from wsdebug.model.rows import FrameView, PacketInfo, Payload, Row, RowKind
from wsdebug.tui.source import Store

LIMIT = 64 * 1024
"""Bytes of a payload looked at here; `x` saves all."""
DUMPED = 16 * 1024
"""Bytes of it in the dump."""


class Detail(msgspec.Struct, frozen=True):
    """A row taken apart."""

    connection: int
    row: Row
    view: FrameView | None
    raw: bytes
    payload: Payload | None
    packets: list[PacketInfo]

    @property
    def content(self) -> bytes:
        """What a person wants to read: the payload, inflated where it was compressed."""
        if self.payload is None:
            return b""
        inflated = self.payload.inflated
        return self.payload.raw if inflated is None else inflated

    @property
    def holes(self) -> tuple[tuple[int, int], ...]:
        """Offset and length, in `raw`, of what the capture lacks; zeros stand there."""
        if self.payload is None or self.view is None:
            return ()
        header = len(self.view.header)
        return tuple((header + first, length) for first, length in self.payload.holes)

    @property
    def size(self) -> str:
        """How long `content` is, and of how much it is the beginning."""
        payload, length = self.payload, len(self.content)
        if payload is None:
            return counted(length, "byte")
        if payload.inflated is not None:
            if payload.inflated_complete:
                return f"{counted(length, 'byte')}, inflated"
            return f"first {counted(length, 'byte')}, inflated; not all of it"
        if length < self.row.length:
            return f"first {grouped(length)} of {counted(self.row.length, 'byte')}"
        return counted(length, "byte")


def read_detail(store: Store, connection: int, index: int) -> Detail:
    """Read it; a row without bytes has packets only."""
    row = store.rows(connection)[index]
    is_frame = row.kind is RowKind.FRAME
    has_bytes = is_frame or row.kind in (RowKind.FOREIGN, RowKind.HEAD)
    silent = row.kind is RowKind.SILENCE
    return Detail(
        connection=connection,
        row=row,
        view=store.frame(connection, index) if is_frame or row.kind is RowKind.FOREIGN else None,
        raw=store.raw(connection, index, LIMIT) if has_bytes else b"",
        payload=store.payload(connection, index, LIMIT) if is_frame else None,
        packets=[] if silent else store.packets(connection, index),
    )


def name_of(row: Row) -> str:
    """`Frame S38`, `TCP fin`, `silence`."""
    if row.kind is RowKind.FRAME:
        return f"Frame {row.name}"
    if row.kind is RowKind.TCP and row.event is not None:
        value = row.event.value
        return f"TCP {value.upper() if len(value) <= 4 else value}"
    names = {RowKind.HEAD: "HTTP head", RowKind.FOREIGN: "No frame", RowKind.SILENCE: "Silence"}
    return names.get(row.kind, row.kind.value)
