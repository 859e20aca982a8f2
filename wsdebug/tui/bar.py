"""One line across the screen: the header with the state of the reading, the footer with keys."""

from __future__ import annotations

from textual import events
from textual.strip import Strip
from textual.widget import Widget

from wsdebug.display.columns import columns
from wsdebug.tui.keys import Key, footer_keys
from wsdebug.tui.line import EMPTY, Line, Piece
from wsdebug.tui.paint import Paint


class Bar(Widget):
    """Shows a line."""

    def __init__(self, paint: Paint, *, id: str | None = None) -> None:  # noqa: A002 - Textual's
        super().__init__(id=id)
        self.paint = paint
        self.shown = EMPTY

    def show(self, line: Line) -> None:
        """Another line."""
        if line != self.shown:
            self.shown = line
            self.refresh()

    def render_line(self, y: int) -> Strip:  # noqa: ARG002 - there is one
        """The strip."""
        return self.paint.strip(self.shown, self.size.width).apply_style(self.rich_style)


class FooterBar(Bar):
    """The keys that do something now; a click does it, too."""

    def __init__(self, paint: Paint) -> None:
        super().__init__(paint, id="footer")
        self._places: list[tuple[int, int, Key]] = []

    def show_keys(self, panel: str) -> None:
        """Those of a panel."""
        pieces: list[Piece] = []
        self._places, at = [], 0
        for key in footer_keys(panel):
            texts = (self.paint.text(f" {key.shown.split()[0]}"), f" {key.footer} ")
            size = sum(columns(each) for each in texts)
            self._places.append((at, at + size, key))
            at += size
            pieces += [(texts[0], "key"), (texts[1], "faint")]
        self.show(Line(tuple(pieces)))

    async def on_click(self, event: events.Click) -> None:
        """The key that was clicked on."""
        for start, end, key in self._places:
            if start <= event.x < end:
                await self.screen.run_action(key.action)
                return
