"""Panel 4: what the cursor of panel 2 is on - header, bytes, payload, packets."""

from __future__ import annotations

from collections.abc import Sequence

from wsdebug.display.quantities import counted, grouped
from wsdebug.display.times import span_of_time
from wsdebug.model.report import Logged
from wsdebug.model.rows import RowKind
from wsdebug.tui import selection
from wsdebug.tui.bytes_text import Dump, DumpLines, byte_lines
from wsdebug.tui.detail import Detail, name_of
from wsdebug.tui.ends import Ends
from wsdebug.tui.header_text import header_lines
from wsdebug.tui.line import EMPTY, Line, line, paragraph
from wsdebug.tui.line_list import PageList
from wsdebug.tui.packets_text import packet_lines
from wsdebug.tui.paint import Paint
from wsdebug.tui.payload_text import Payloads, head_lines
from wsdebug.tui.selection import Selection
from wsdebug.tui.trace import Trace

TABS = ("header", "bytes", "payload", "packets")


class DetailPanel(PageList):
    """Four tabs over one row, and one selection of its bytes."""

    def __init__(self, paint: Paint, trace: Trace) -> None:
        super().__init__(paint, id="frame")
        self._trace = trace
        self.tab = TABS[0]
        self.detail: Detail | None = None
        self.chosen = Selection()
        self._is_own = False
        """It was chosen here, not by what leads here."""
        self.payloads = Payloads()
        self._ends = Ends()

    def show(self, detail: Detail | None) -> None:
        """Another row, and what is chosen in it at first."""
        self.detail = detail
        self.chosen = Selection() if detail is None else detail.selection
        self._is_own = False
        known = self._trace.known(detail.connection) if detail is not None else None
        self.payloads.show(detail, known)
        self._ends = Ends(known.report if known is not None else None)
        self.turn_to(self.tab)

    def turn_to(self, tab: str) -> None:
        """Another tab, or the same anew: it begins where the chosen bytes are."""
        self.tab = tab
        self.renew()
        at = self._place()
        if at is not None:
            self.cursor = at
            self.show_cursor()

    @property
    def heading(self) -> str:
        """What it shows, for the title."""
        if self.detail is None:
            return "Frame"
        return self._ends.of(self.detail.row)[0] or name_of(self.detail.row)

    def make(self, width: int) -> Sequence[Line]:
        """The lines of the tab."""
        detail = self.detail
        if detail is None:
            return [EMPTY]
        if self.tab == "packets":
            return self._packets(detail, width)
        if self.tab == "header":
            return self._header(detail, width)
        if not detail.raw:
            return self._header(detail, width)
        if self.tab == "bytes":
            return byte_lines(self._dump(detail), width)
        return self.payloads.lines(detail, width, self.chosen.content)

    # ---- the selection -----------------------------------------------------------------------
    def move(self, lines: int) -> None:
        """Somebody moves: what the line is about is chosen."""
        super().move(lines)
        run, detail = self.current.run, self.detail
        if run is None or detail is None or self.tab == "packets":
            return
        if self.tab == "payload":
            length = detail.row.length
            self.chosen = selection.of_content(run, detail.header, detail.base, length)
        else:
            self.chosen = selection.of_wire(run, detail.header, detail.base)
        self._is_own = True
        before = self.count
        self.renew(top=False)
        if self.count != before:  # what is chosen is named in a line of its own above
            super().move(self.count - before)

    def _place(self) -> int | None:
        """The line of the chosen bytes."""
        run = self.chosen.content if self.tab == "payload" else self.chosen.wire
        if not run[1] or (self.tab == "header" and not self._is_own):
            return None  # the header tab has marked what breaks a rule, and begins at its top
        lines = self.lines
        if isinstance(lines, DumpLines):
            return lines.line_of(run[0])
        found = (
            at for at, each in enumerate(lines) if each.run and selection.overlap(each.run, run)
        )
        return next(found, None)

    # ---- tabs --------------------------------------------------------------------------------
    def _header(self, detail: Detail, width: int) -> list[Line]:
        row = detail.row
        if detail.view is not None:
            said = self._logged() if row.kind is RowKind.FOREIGN or detail.view.findings else []
            return header_lines(detail.view, width, said, detail.raw)
        if row.kind is RowKind.HEAD:
            return head_lines(detail, width)
        if row.kind is RowKind.SILENCE:
            length = span_of_time((row.duration or 0) / 1e9)
            text = f"For {length} neither side sent a frame, a head, or anything else of note."
            return paragraph(text, width)
        side = row.side.value if row.side is not None else ""
        what = row.event.value if row.event is not None else ""
        word, more = self._ends.of(row)
        named = word or f"TCP {what}"
        lines = [line((f"{side} ", side), f"{named}, packet {grouped(row.packet)}")]
        lines += paragraph(more, width) if more else []
        if row.length:
            lines.append(line(f"{counted(row.length, 'byte')} at offset {grouped(row.offset)}"))
        return lines

    def _logged(self) -> list[Logged]:
        report = self._trace.report
        return list(report.causes[0].logged) if report is not None and report.causes else []

    def _dump(self, detail: Detail) -> Dump:
        row, raw, chosen = detail.row, detail.raw, self.chosen.wire
        if row.kind is not RowKind.FRAME or detail.view is None:
            return Dump(raw, 0, False, raw, row.length, chosen, detail.holes)
        text = detail.payload.raw if detail.payload is not None else b""
        total = detail.header + row.length
        return Dump(raw, detail.header, row.masked, text, total, chosen, detail.holes)

    def _packets(self, detail: Detail, width: int) -> list[Line]:
        row = detail.row
        if row.kind is RowKind.SILENCE:
            text = (
                f"No packet belongs to a silence. It lies between packet {grouped(row.packet)} and"
                f" packet {grouped(row.last_packet)}."
            )
            return paragraph(text, width)
        known = self._trace.known(detail.connection)
        start = known.start.ns if known.start is not None else None
        return packet_lines(detail.packets, known.tcp_stream, self._trace.form, start)
