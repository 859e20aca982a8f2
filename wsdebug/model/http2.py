"""How HTTP/2 ended a stream: what causes and views say of it."""

from __future__ import annotations

import msgspec

from wsdebug.model.place import Side

ERRORS = (
    *("NO_ERROR", "PROTOCOL_ERROR", "INTERNAL_ERROR", "FLOW_CONTROL_ERROR", "SETTINGS_TIMEOUT"),
    *("STREAM_CLOSED", "FRAME_SIZE_ERROR", "REFUSED_STREAM", "CANCEL", "COMPRESSION_ERROR"),
    *("CONNECT_ERROR", "ENHANCE_YOUR_CALM", "INADEQUATE_SECURITY", "HTTP_1_1_REQUIRED"),
)
"""Names of error codes by number (RFC 9113 7)."""


def error_name(code: int) -> str:
    """As the standard names it."""
    return ERRORS[code] if code < len(ERRORS) else f"0x{code:x}"


class StreamEnd(msgspec.Struct, frozen=True):
    """RST_STREAM, GOAWAY or the end of the connection, as far as it ended a stream."""

    kind: str
    """"rst-stream", "goaway" or "connection"."""
    side: Side
    code: int = 0
    packet: int | None = None
    time: int | None = None
    debug: str = ""
    """What GOAWAY said for people."""

    def swapped(self) -> StreamEnd:
        """Who was called the client turned out to be the server."""
        return msgspec.structs.replace(self, side=self.side.other)
