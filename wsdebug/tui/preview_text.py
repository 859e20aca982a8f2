"""The payload column: the first line of what is in a row, without anything that could steer."""

from __future__ import annotations

from wsdebug.display.escape import printable
from wsdebug.model.rows import RowKind
from wsdebug.tui.evicted import unless_evicted
from wsdebug.tui.joined import Joined
from wsdebug.tui.packed_head import packed_head
from wsdebug.tui.source import Store
from wsdebug.views import summary

_BYTES = 4096
_TEXT = 1
_SHOWN = 160


def preview(store: Store, connection: int, index: int, joined: Joined) -> str:
    """A short text; empty where there is nothing."""
    with unless_evicted(store, connection):
        return _preview(store, connection, index, joined)
    return ""


def _preview(store: Store, connection: int, index: int, joined: Joined) -> str:
    row = store.rows(connection)[index]
    if row.kind is RowKind.HEAD and (packed := packed_head(store, connection, row)):
        return printable(packed[0], _SHOWN)
    if row.kind is not RowKind.FRAME:
        return printable(store.raw(connection, index, _BYTES).split(b"\r\n")[0], _SHOWN)
    payload = store.payload(connection, index, _BYTES)
    content = payload.raw if payload.inflated is None else payload.inflated
    if not content:
        return ""
    known = store.connections[connection - 1]
    report = known.report
    protocol = report.handshake.subprotocol if report is not None else None
    if ends := joined.packets(connection, index):
        return printable("; ".join(ends), _SHOWN)
    return summary(content, row.opcode or _TEXT, protocol, known.path, _SHOWN)
