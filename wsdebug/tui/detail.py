"""All that panel 4 shows of a row, read from the capture at once when it is looked at."""

from __future__ import annotations

import msgspec

from wsdebug.display.quantities import counted, grouped
from wsdebug.model.rows import FrameView, PacketInfo, Payload, Row, RowKind
from wsdebug.tui import selection
from wsdebug.tui.fragments import DEEPEST, IsCancelled, Message, is_fragment, message_of, never
from wsdebug.tui.line import Run
from wsdebug.tui.packed_head import packed_head
from wsdebug.tui.selection import NOWHERE, Selection
from wsdebug.tui.source import Store

LIMIT = 64 * 1024
"""Bytes of a payload looked at here; `x` saves all."""
_BEHIND = 1024
"""Bytes that are shown behind those that a finding points to."""


class Pointed(msgspec.Struct, frozen=True):
    """Bytes that somebody comes to see: those of the finding at `offset`, or a text found."""

    connection: int
    row: int
    offset: int | None = None
    text: bytes = b""


class Detail(msgspec.Struct, frozen=True):
    """A row taken apart."""

    connection: int
    row: Row
    view: FrameView | None
    raw: bytes
    payload: Payload | None
    packets: list[PacketInfo]
    message: Message | None = None
    """Of a fragment."""
    lacking: tuple[Run, ...] = ()
    """In `raw` of what is no frame, what the capture lacks; zeros stand there."""
    packed: tuple[str, ...] = ()
    """Of a head of HTTP/2, which is no bytes of the stream: what it says."""
    ends: tuple[str, ...] = ()
    """Packets of MQTT whose last piece it is."""
    selection: Selection = Selection()
    """What is chosen first."""

    @property
    def content(self) -> bytes:
        """What a person wants to read: the message, inflated where it was compressed."""
        if self.message is not None:
            return self.message.content
        return b"" if self.payload is None else _content(self.payload)

    @property
    def content_holes(self) -> tuple[Run, ...]:
        """In `content`, what the capture lacks."""
        if self.message is not None:
            return self.message.holes
        payload = self.payload
        return () if payload is None or payload.inflated is not None else payload.holes

    @property
    def header(self) -> int:
        """Bytes before the payload."""
        is_frame = self.row.kind is RowKind.FRAME and self.view is not None
        return len(self.view.header) if is_frame and self.view is not None else 0

    @property
    def base(self) -> int | None:
        """Where the frame's payload begins in `content`; None where it is not as on the wire."""
        if self.message is not None:
            return self.message.base
        return 0 if self.payload is not None and self.payload.inflated is None else None

    @property
    def holes(self) -> tuple[Run, ...]:
        """In `raw`, what the capture lacks; zeros stand there."""
        if self.payload is None or self.view is None:
            return self.lacking
        header = len(self.view.header)
        return tuple((header + first, length) for first, length in self.payload.holes)

    @property
    def size(self) -> str:
        """How long `content` is, and of how much it is the beginning."""
        payload, length = self.payload, len(self.content)
        if self.message is not None:
            return f"{self.message.place}, {self.message.size}"
        if payload is None:
            return counted(length, "byte")
        if payload.inflated is not None:
            if payload.inflated_complete:
                return f"{counted(length, 'byte')}, inflated"
            return f"first {counted(length, 'byte')}, inflated; not all of it"
        if length < self.row.length:
            return f"first {grouped(length)} of {counted(self.row.length, 'byte')}"
        return counted(length, "byte")


def read_detail(
    store: Store,
    connection: int,
    index: int,
    pointed: Pointed | None = None,
    is_cancelled: IsCancelled = never,
) -> Detail:
    """Read it, as far as what is `pointed` to; a row without bytes has packets only. Once nobody
    waits for it any more, a message is read no further.
    """
    row = store.rows(connection)[index]
    packets = [] if row.kind is RowKind.SILENCE else store.packets(connection, index)
    if row.kind not in (RowKind.FRAME, RowKind.FOREIGN, RowKind.HEAD):
        return Detail(connection, row, None, b"", None, packets)
    view = store.frame(connection, index)
    offset = None if pointed is None else pointed.offset
    finding = selection.pointed_out(view.findings, offset)
    size = row.length + (len(view.header) if row.kind is RowKind.FRAME else 0)
    wire = NOWHERE if finding is None else selection.wire_of(finding, row, size)
    inside = NOWHERE if finding is None else selection.content_of(finding)
    limit = max(LIMIT, _reach(wire), _reach(inside))
    found = _read(store, connection, view, packets, limit)
    if is_fragment(row):
        message = message_of(store, connection, row, limit, is_cancelled)
        found = msgspec.structs.replace(found, message=message)
    return msgspec.structs.replace(found, selection=_selected(found, wire, inside, pointed))


def _read(
    store: Store, connection: int, view: FrameView, packets: list[PacketInfo], limit: int
) -> Detail:
    row = view.row
    raw = store.raw(connection, row.at, limit)
    payload = store.payload(connection, row.at, limit)
    if row.kind is not RowKind.FRAME:
        shown = view if row.kind is RowKind.FOREIGN else None
        is_packed = row.kind is RowKind.HEAD and not raw
        said = tuple(packed_head(store, connection, row)) if is_packed else ()
        found = Detail(connection, row, shown, raw, None, packets, lacking=payload.holes)
        return msgspec.structs.replace(found, packed=said)
    return Detail(connection, row, view, raw, payload, packets)


def _reach(run: Run) -> int:
    """How much must be read that the bytes are seen, and a little behind them."""
    return min(run[0] + min(run[1], _BEHIND) + _BEHIND, DEEPEST)


def _selected(detail: Detail, wire: Run, inside: Run, pointed: Pointed | None) -> Selection:
    """The text that was found, or the bytes of the finding: on the wire, and in the message where
    that is not as on the wire.
    """
    if pointed is not None and pointed.text:
        at = detail.content.lower().find(pointed.text.lower())
        run = (at, len(pointed.text)) if at >= 0 else NOWHERE
        return selection.of_content(run, detail.header, detail.base, detail.row.length)
    chosen = selection.of_wire(wire, detail.header, detail.base)
    return chosen if detail.base is not None else Selection(chosen.wire, inside)


def _content(payload: Payload) -> bytes:
    return payload.raw if payload.inflated is None else payload.inflated


def name_of(row: Row) -> str:
    """`Frame S38`, `TCP fin`, `silence`."""
    if row.kind is RowKind.FRAME:
        return f"Frame {row.name}"
    if row.kind is RowKind.TCP and row.event is not None:
        value = row.event.value
        return f"TCP {value.upper() if len(value) <= 4 else value}"
    names = {RowKind.HEAD: "HTTP head", RowKind.FOREIGN: "No frame", RowKind.SILENCE: "Silence"}
    return names.get(row.kind, row.kind.value)
