"""Panel 4: what the cursor of panel 2 is on - header, bytes, payload, packets."""

from __future__ import annotations

from wsdebug.display.quantities import counted, grouped
from wsdebug.display.times import span_of_time
from wsdebug.model.report import Logged
from wsdebug.model.rows import RowKind
from wsdebug.tui.bytes_text import Dump, byte_lines
from wsdebug.tui.detail import DUMPED, Detail, name_of
from wsdebug.tui.header_text import header_lines
from wsdebug.tui.line import EMPTY, Line, line, paragraph
from wsdebug.tui.line_list import PageList
from wsdebug.tui.packets_text import packet_lines
from wsdebug.tui.paint import Paint
from wsdebug.tui.payload_text import Payloads
from wsdebug.tui.trace import Trace

TABS = ("header", "bytes", "payload", "packets")


class DetailPanel(PageList):
    """Four tabs over one row."""

    def __init__(self, paint: Paint, trace: Trace) -> None:
        super().__init__(paint, id="frame")
        self._trace = trace
        self.tab = TABS[0]
        self.detail: Detail | None = None
        self.chosen = (0, 0)
        """Bytes of the row that something else points to: offset, length."""
        self.payloads = Payloads()

    def show(self, detail: Detail | None) -> None:
        """Another row."""
        self.detail = detail
        known = self._trace.known(detail.connection) if detail is not None else None
        self.payloads.show(detail, known)
        self.renew()

    @property
    def heading(self) -> str:
        """What it shows, for the title."""
        return "Frame" if self.detail is None else name_of(self.detail.row)

    def make(self, width: int) -> list[Line]:
        """The lines of the tab."""
        detail = self.detail
        if detail is None:
            return [EMPTY]
        if self.tab == "packets":
            return self._packets(detail)
        if self.tab == "header":
            return self._header(detail, width)
        if not detail.raw:
            return self._header(detail, width)
        if self.tab == "bytes":
            return byte_lines(self._dump(detail), width)
        return self.payloads.lines(detail, width)

    # ---- tabs --------------------------------------------------------------------------------
    def _header(self, detail: Detail, width: int) -> list[Line]:
        row = detail.row
        if detail.view is not None:
            said = self._logged() if row.kind is RowKind.FOREIGN or detail.view.findings else []
            return header_lines(detail.view, width, said, detail.raw)
        if row.kind is RowKind.HEAD:
            return self.payloads.head(detail, width)
        if row.kind is RowKind.SILENCE:
            length = span_of_time((row.duration or 0) / 1e9)
            text = f"For {length} neither side sent a frame, a head, or anything else of note."
            return paragraph(text, width)
        side = row.side.value if row.side is not None else ""
        what = row.event.value if row.event is not None else ""
        lines = [line((f"{side} ", side), f"TCP {what}, packet {grouped(row.packet)}")]
        if row.length:
            lines.append(line(f"{counted(row.length, 'byte')} at offset {grouped(row.offset)}"))
        return lines

    def _logged(self) -> list[Logged]:
        report = self._trace.report
        return list(report.causes[0].logged) if report is not None and report.causes else []

    def _dump(self, detail: Detail) -> Dump:
        row = detail.row
        raw = detail.raw[:DUMPED]
        if row.kind is not RowKind.FRAME or detail.view is None:
            return Dump(raw, text=raw, total=row.length, chosen=self.chosen)
        header = len(detail.view.header)
        text = detail.payload.raw if detail.payload is not None else b""
        total = header + row.length
        return Dump(raw, header, row.masked, text, total, self.chosen, detail.holes)

    def _packets(self, detail: Detail) -> list[Line]:
        known = self._trace.known(detail.connection)
        start = known.start.ns if known.start is not None else None
        return packet_lines(detail.packets, known.tcp_stream, self._trace.form, start)
