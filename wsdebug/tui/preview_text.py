"""The payload column: the first line of what is in a row, without anything that could steer."""

from __future__ import annotations

from wsdebug.display.escape import printable
from wsdebug.model.rows import RowKind
from wsdebug.tui.source import Store

_BYTES = 400
_SHOWN = 160


def preview(store: Store, connection: int, index: int) -> str:
    """A short text; empty where there is nothing."""
    row = store.rows(connection)[index]
    if row.kind is not RowKind.FRAME:
        return printable(store.raw(connection, index, _BYTES).split(b"\r\n")[0], _SHOWN)
    payload = store.payload(connection, index, _BYTES)
    content = payload.raw if payload.inflated is None else payload.inflated
    if row.opcode == 8:
        return _close(content)
    return printable(content, _SHOWN)


def _close(body: bytes) -> str:
    """RFC 6455 5.5.1: two bytes of code, then the reason."""
    if len(body) < 2:
        return printable(body, _SHOWN)
    return f"{int.from_bytes(body[:2], 'big')} {printable(body[2:], _SHOWN)}".rstrip()
