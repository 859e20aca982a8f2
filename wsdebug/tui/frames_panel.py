"""Panel 2: the rows of the chosen connection in the order of time."""

from __future__ import annotations

from collections.abc import Mapping

from wsdebug.model.place import Side
from wsdebug.model.rows import Row, RowKind
from wsdebug.tui.ends import Ends
from wsdebug.tui.frames_text import PAYLOAD_FROM, Context, row_line
from wsdebug.tui.line import Line
from wsdebug.tui.line_list import LineList
from wsdebug.tui.paint import Paint
from wsdebug.tui.previews import Previews
from wsdebug.tui.shown import Shown
from wsdebug.tui.trace import Trace


class FramesPanel(LineList):
    """A line a row of the store."""

    def __init__(self, paint: Paint, trace: Trace, previews: Previews) -> None:
        super().__init__(paint, id="frames")
        self._trace = trace
        self._previews = previews
        self.shown = Shown(())
        self.severities: Mapping[tuple[Side, int], str] = {}
        self.ends = Ends()
        self.follows = False
        self._aim: int | None = None
        """The row at which the cursor is to stand as soon as a filter has got there."""

    def show(self, shown: Shown) -> None:
        """Other rows."""
        self.shown = shown
        self._aim = None
        self.skip = 0
        self.set_reactive(LineList.cursor, 0)
        self.scroll_to(y=0, animate=False, force=True, immediate=True)
        self.resized()

    def grown(self) -> bool:
        """Show rows that have come; whether there are any."""
        has_grown = self.virtual_size.height != self.count
        if has_grown:
            self.resized()
        if self.follows and has_grown:
            self.move_to(self.count - 1)
        elif self._aim is not None:
            self.return_to(self._aim)
        return has_grown

    def return_to(self, index: int) -> None:
        """The cursor to a row, or as near as can be; again when more rows have come."""
        shown = self.shown
        self.move_to(shown.place(index))
        self._aim = None if shown.is_whole or shown.scanned > index else index

    def move(self, lines: int) -> None:
        """Whoever moves wants to go back no more."""
        self._aim = None
        super().move(lines)

    @property
    def count(self) -> int:
        """Rows shown."""
        return len(self.shown)

    def line_at(self, index: int, width: int) -> Line:
        """One row."""
        return row_line(self.shown.row(index), self._setting(index, width), width)

    @property
    def row(self) -> Row | None:
        """The row under the cursor."""
        return self.shown.row(self.cursor) if self.cursor < self.count else None

    def _setting(self, place: int, width: int) -> Context:
        trace, shown = self._trace, self.shown
        known = trace.current
        if known is None:
            return Context()
        row = shown.row(place)
        before = shown.rows[row.at - 1].last_time if row.at else None
        wants = width >= PAYLOAD_FROM and row.kind in (RowKind.FRAME, RowKind.FOREIGN, RowKind.HEAD)
        return Context(
            form=trace.form,
            start=known.start.ns if known.start is not None else None,
            before=before,
            preview=self._previews.text(known.id, row.at, known.how is not None) if wants else "",
            end=self.ends.of(row),
            marked=(known.id, row.at) in trace.marks,
            kind=self._kind(row),
        )

    def _kind(self, row: Row) -> str:
        if row.kind is RowKind.FOREIGN:
            return "error"
        if not row.has_finding or row.side is None:
            return ""
        return self.severities.get((row.side, row.number), "warning")
