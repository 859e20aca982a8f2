"""HEADERS of HTTP/2 as the heads that the rest of wsdebug reads."""

from __future__ import annotations

from wsdebug.http.http2.events import HeadRead
from wsdebug.model.handshake import HTTP2, Field, Head


def head_of(read: HeadRead) -> Head:
    """A head with pseudo-header fields as fields; its one place is that of the whole block, since
    a compressed header has no bytes of its own (RFC 7541).
    """
    names = dict(read.fields)
    packet, time, _ = read.mark
    status = names.get(":status", "")
    return Head(
        side=read.side,
        start_line=_start_line(names),
        method=names.get(":method"),
        target=names.get(":path"),
        version=HTTP2,
        status=int(status) if status.isascii() and status.isdigit() else None,
        reason=None,
        fields=tuple(Field(name, value, 0, read.length) for name, value in read.fields),
        faults=(),
        length=read.length,
        complete=True,
        offset=read.offset,
        packet=packet,
        time=time,
    )


def _start_line(names: dict[str, str]) -> str:
    """As HTTP/1 would write it, for people."""
    if ":status" in names:
        return f"HTTP/2 {names[':status']}"
    return f"{names.get(':method', '')} {names.get(':path', '')} HTTP/2".strip()
