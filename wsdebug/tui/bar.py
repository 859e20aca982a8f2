"""One line across the screen: the header with the state of the reading, the footer with keys."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.strip import Strip
from textual.widget import Widget

from wsdebug.display.columns import columns, wrapped
from wsdebug.tui.keys import KEPT, Key, footer_keys, shown_as
from wsdebug.tui.line import EMPTY, Line, Piece, line
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


class Sentences(Bar):
    """Says one sentence after the other in all the room there is."""

    def __init__(self, paint: Paint, texts: Sequence[str], *, id: str) -> None:  # noqa: A002
        super().__init__(paint, id=id)
        self._texts = texts

    def render_line(self, y: int) -> Strip:
        """Each begins on its own line."""
        width = self.size.width
        lines = [part for text in self._texts for part in wrapped(text, max(1, width))]
        shown = line(lines[y]) if y < len(lines) else EMPTY
        return self.paint.strip(shown, width).apply_style(self.rich_style)


class Notes(Bar):
    """Lines under the header; takes no room where there are none."""

    lines: Sequence[Line] = ()

    def show_lines(self, lines: Sequence[Line]) -> None:
        """Others."""
        if lines != self.lines:
            self.lines = lines
            self.styles.height = len(lines)
            self.display = bool(lines)
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """One of them."""
        shown = self.lines[y] if y < len(self.lines) else EMPTY
        return self.paint.strip(shown, self.size.width).apply_style(self.rich_style)


class FooterBar(Bar):
    """The keys that do something now; a click does it, too."""

    def __init__(self, paint: Paint) -> None:
        super().__init__(paint, id="footer")
        self._places: list[tuple[int, int, Key]] = []

    def show_keys(self, panel: str, *, is_deep: bool = False) -> None:
        """Those of a panel; where `is_deep`, there is a way back before the end."""
        pieces: list[Piece] = []
        self._places, at = [], 0
        for key, texts in self._fitting(panel, is_deep):
            size = sum(columns(each) for each in texts)
            self._places.append((at, at + size, key))
            at += size
            pieces += [(texts[0], "key"), (texts[1], "faint")]
        self.show(Line(tuple(pieces)))

    def _fitting(self, panel: str, is_deep: bool) -> list[tuple[Key, tuple[str, str]]]:
        """Keys with their texts; where there is no room, the last ones but those that are always
        named are left out.
        """
        found = []
        for key in footer_keys(panel):
            word = "back" if is_deep and key.action == "back" else key.footer
            name = shown_as(key, ascii_only=self.paint.ascii_only).split()[0]
            found.append((key, (f" {name}", f" {word} ")))
        spare = [at for at, (key, _) in enumerate(found) if key.action not in KEPT]
        room = self.app.size.width
        while spare and sum(columns("".join(texts)) for _, texts in found) > room:
            del found[spare.pop()]
        return found

    async def on_click(self, event: events.Click) -> None:
        """The key that was clicked on."""
        for start, end, key in self._places:
            if start <= event.x < end:
                await self.screen.run_action(key.action)
                return
