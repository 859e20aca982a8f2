"""HTTP/2 connections whose header blocks cannot be read, and what the report says of them."""

from __future__ import annotations

from wsdebug.display.quantities import counted
from wsdebug.model.report import CaptureNote


class Unreadable:
    """How many there are, and the packet from which the first one cannot be read."""

    __slots__ = ("count", "first")

    def __init__(self) -> None:
        self.count = 0
        self.first: int | None = None

    def add(self, packet: int | None) -> None:
        """One more."""
        self.count += 1
        if self.first is None:
            self.first = packet

    def notes(self) -> list[CaptureNote]:
        """RFC 7541 2.2: a header block refers to those before it."""
        if not self.count:
            return []
        where = "" if self.first is None else f", the first one from packet {self.first} on"
        text = (
            f"The HTTP/2 header table of {counted(self.count, 'connection')} is not known{where}: "
            "the capture lacks earlier header blocks, to which later ones refer. WebSockets there "
            "are known by their frames alone, without path, status and what was agreed; start the "
            "capture before the connections open."
        )
        return [CaptureNote("http2-header-table", text, self.first)]
