"""What ended a side: FIN or RST of TCP, or what stands for them on HTTP/2 (RFC 9113 5.1)."""

from __future__ import annotations

from wsdebug.model.report import Connection
from wsdebug.model.rows import Row
from wsdebug.model.tcp import EventKind

ENDS = (EventKind.FIN, EventKind.RST)
_OF_STREAMS = {EventKind.FIN: "END_STREAM", EventKind.RST: "RST_STREAM"}


class Ends:
    """Those of one connection in the words of its time line."""

    def __init__(self, report: Connection | None = None) -> None:
        self._is_stream = report is not None and report.h2_stream is not None
        self._told = {
            each.packet: each.text
            for each in (report.timeline if report is not None else ())
            if each.kind in ("fin", "rst") and each.packet is not None
        }

    def of(self, row: Row) -> tuple[str, str]:
        """A word for it and what else is said: `TCP FIN` and `no Close frame before it`,
        `RST_STREAM` and `CANCEL`; empty where the row is no end.
        """
        if row.event not in ENDS:
            return "", ""
        mark, _, note = self._told.get(row.packet, "").partition(", ")
        word, _, code = mark.partition(" ")
        if word and word != "TCP":
            return word, ", ".join(each for each in (code, note) if each)
        name = _OF_STREAMS[row.event] if self._is_stream else f"TCP {row.event.value.upper()}"
        return name, note
