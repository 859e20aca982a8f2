"""A panel of lines with a cursor, by the line API: only what is seen is ever made.

*Practice:* a DataTable takes 15 s for 100 000 rows; this asks for the rows on the screen, so a
list of ten million opens, ends and scrolls as fast as one of ten.
"""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from wsdebug.tui.line import EMPTY, Line
from wsdebug.tui.paint import Paint


class LineList(ScrollView, can_focus=True, inherit_bindings=False):
    """Lines by number. `count` and `line_at` are what a panel has to say for itself."""

    cursor: reactive[int] = reactive(0, repaint=False)

    class Moved(Message):
        """The cursor stands on another line."""

        def __init__(self, panel: LineList) -> None:
            super().__init__()
            self.panel = panel

        @property
        def control(self) -> LineList:
            """The panel."""
            return self.panel

    class Chosen(Message):
        """Double click: go into the line under the cursor."""

        def __init__(self, panel: LineList) -> None:
            super().__init__()
            self.panel = panel

    def __init__(self, paint: Paint, *, id: str | None = None) -> None:  # noqa: A002 - Textual's
        super().__init__(id=id)
        self.paint = paint
        self.skip = 0
        """Columns left out on the left."""
        self.is_touched = False
        """Somebody has clicked in it."""

    # ---- what a panel says for itself --------------------------------------------------------
    @property
    def count(self) -> int:
        """How many lines there are."""
        return 0

    def line_at(self, index: int, width: int) -> Line:  # noqa: ARG002 - for who has lines
        """The line of a number below `count`."""
        return EMPTY

    def over(self, index: int) -> str:
        """A role laid over the whole line: the cursor's."""
        if index != self.cursor:
            return ""
        return "cursor" if self.has_focus else "resting"

    # ---- drawing -----------------------------------------------------------------------------
    def resized(self) -> None:
        """The number of lines has changed."""
        self.virtual_size = Size(max(1, self.room), self.count)
        self.cursor = max(0, min(self.cursor, self.count - 1))
        self.refresh()

    @property
    def room(self) -> int:
        """Columns of a line."""
        return self.scrollable_content_region.width

    def render_line(self, y: int) -> Strip:
        """The strip of a line of the window."""
        width = self.room
        index = round(self.scroll_offset.y) + y
        if index >= self.count or width <= 0:
            return Strip.blank(max(0, width), self.rich_style)
        strip = self.paint.strip(
            self.line_at(index, width), width, skip=self.skip, over=self.over(index)
        )
        return strip.apply_style(self.rich_style)

    def place_bar(self) -> None:
        """Its bar does not follow by itself where size and place change at once."""
        if self.show_vertical_scrollbar:
            self.vertical_scrollbar.position = self.scroll_y

    def on_resize(self) -> None:
        """The width is another."""
        self.resized()
        self.show_cursor()

    def watch_show_vertical_scrollbar(self) -> None:
        """The bar takes a column from the lines, or gives it back: there may be more or fewer."""
        self.resized()

    def on_focus(self) -> None:
        """The cursor looks different with the focus."""
        self.refresh()

    def on_blur(self) -> None:
        """The cursor looks different without the focus."""
        self.refresh()

    # ---- moving ------------------------------------------------------------------------------
    def watch_cursor(self, old: int, new: int) -> None:
        """Keep it in sight and tell."""
        if old != new:
            self.show_cursor()
            self.refresh()
            self.post_message(self.Moved(self))

    def show_cursor(self) -> None:
        """Scroll until the cursor is seen."""
        if self.is_attached and self.size.height:
            self.scroll_to_region(
                Region(0, self.cursor, 1, 1), animate=False, force=True, immediate=True
            )

    def move(self, lines: int) -> None:
        """Up or down by so many lines."""
        self.cursor = max(0, min(self.cursor + lines, self.count - 1))

    def move_to(self, index: int) -> None:
        """To a line."""
        self.move(index - self.cursor)

    def sideways(self, columns: int) -> None:
        """Scroll to the right or left."""
        self.skip = max(0, self.skip + columns)
        self.refresh()

    @property
    def page(self) -> int:
        """Lines in a window."""
        return max(1, self.scrollable_content_region.height - 1)

    @property
    def current(self) -> Line:
        """The line under the cursor."""
        return self.line_at(self.cursor, self.room) if self.cursor < self.count else EMPTY

    # ---- mouse -------------------------------------------------------------------------------
    def on_click(self, event: events.Click) -> None:
        """The cursor goes where was clicked; twice goes into it."""
        offset = event.get_content_offset(self)
        if offset is None:
            return
        index = round(self.scroll_offset.y) + offset.y
        self.is_touched = True
        if index < self.count:
            self.move_to(index)
            if event.chain == 2:
                self.post_message(self.Chosen(self))


class PageList(LineList):
    """A panel whose lines are made at once, for the width it has."""

    def __init__(self, paint: Paint, *, id: str | None = None) -> None:  # noqa: A002 - Textual's
        super().__init__(paint, id=id)
        self._lines: Sequence[Line] = []
        self._made_for: int | None = None

    def make(self, width: int) -> Sequence[Line]:  # noqa: ARG002 - for who has lines
        """All lines; those of a long page may be made when they are looked at."""
        return []

    def renew(self, *, top: bool = True) -> None:
        """What it shows has changed."""
        self._made_for = None
        if top:
            self.skip = 0
            self.set_reactive(LineList.cursor, 0)
            self.scroll_to(y=0, animate=False, force=True, immediate=True)
        self.resized()

    @property
    def lines(self) -> Sequence[Line]:
        """The lines for the width it has now."""
        width = self.room
        if self._made_for != width:
            self._made_for = width
            self._lines = self.make(width) if width > 0 else []
        return self._lines

    def over(self, index: int) -> str:
        """The cursor is of use only where the keys are."""
        return super().over(index) if self.has_focus else ""

    @property
    def count(self) -> int:
        """How many lines there are."""
        return len(self.lines)

    def line_at(self, index: int, width: int) -> Line:  # noqa: ARG002 - made for the width
        """One of them."""
        return self.lines[index]
