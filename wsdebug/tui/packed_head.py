"""A head of HTTP/2: packed (RFC 7541) and no bytes of the stream; the report has it."""

from __future__ import annotations

from wsdebug.model.place import Side
from wsdebug.model.rows import Row
from wsdebug.tui.source import Store


def packed_head(store: Store, connection: int, row: Row) -> list[str]:
    """What the time line says of it, then its fields; empty where the head is bytes of the stream,
    or its connection was not judged yet.
    """
    report = store.connections[connection - 1].report
    if report is None or report.h2_stream is None:
        return []
    is_request = row.side is Side.CLIENT
    kind = "request" if is_request else "response"
    said = next((each.text for each in report.timeline if each.kind == kind), "")
    fields = report.handshake.request_headers if is_request else report.handshake.response_headers
    return [said, *(f"{name}: {value}" for name, value in fields)]
