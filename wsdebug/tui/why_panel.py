"""Panel 3: why it ended, and what happened as a time line."""

from __future__ import annotations

from wsdebug.tui.header_line import capture_notes
from wsdebug.tui.line import EMPTY, Line, line, paragraph
from wsdebug.tui.line_list import PageList
from wsdebug.tui.live_text import Book
from wsdebug.tui.paint import Paint
from wsdebug.tui.together_text import together_lines
from wsdebug.tui.trace import Trace
from wsdebug.tui.why_text import story_lines, why_lines

_NOTES = 50
TABS = ("why", "time line", "together")


class WhyPanel(PageList):
    """Two tabs over one report, one over what befell several connections."""

    def __init__(self, paint: Paint, trace: Trace) -> None:
        super().__init__(paint, id="why")
        self._trace = trace
        self.tab = TABS[0]
        self.book = Book()
        """What goes on with connections of a live capture."""
        self.nothing: list[str] = []
        """What is said where there is no connection."""

    def make(self, width: int) -> list[Line]:
        """The tab's lines, or what is known while the connection goes on."""
        known, report = self._trace.current, self._trace.report
        fleet = self._trace.analysis.fleet
        if self.tab == TABS[2]:
            return together_lines(fleet, self._trace.chosen, width)
        if known is None:
            is_empty = not self._trace.store.connections
            begun = together_lines(fleet, None, width) if fleet and is_empty else []
            return [*begun, *nothing_lines(self.nothing, width)]
        if report is None:
            goes_on = line(f"#{known.id} goes on as far as the capture was read.")
            return [goes_on, *self.book.lines(known.id, width)]
        if self.tab == TABS[1]:
            return story_lines(report, width)
        return [*why_lines(report, width, self._trace.fates), *self._notes(width)]

    def _notes(self, width: int) -> list[Line]:
        """Of the whole capture, where the header has no room for all."""
        notes = capture_notes(self._trace)[:_NOTES]
        lines = [EMPTY, line(("The capture as a whole", "title"))] if notes else []
        for text in notes:
            lines += paragraph(text, width, label=[(" ! ", "warning")])
        return lines


def nothing_lines(texts: list[str], width: int) -> list[Line]:
    """What was seen in place of a WebSocket, then the likely reasons."""
    lines: list[Line] = []
    for at, text in enumerate(texts):
        label = [("  - ", "faint")] if at else []
        lines += [*paragraph(text, width, label=label), EMPTY]
    return lines or [EMPTY]
