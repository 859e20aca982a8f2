"""The lines under the panels where a filter, or what to find in payloads, is typed."""

from __future__ import annotations

from collections.abc import Iterator

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.message import Message
from textual.strip import Strip
from textual.widgets import Input

from wsdebug.tui.bar import Bar
from wsdebug.tui.line import EMPTY, line, paragraph
from wsdebug.tui.paint import Paint

FILTER, FIND = "filter", "find"


class Verdict(Bar):
    """Takes as many lines as it needs of those it has."""

    def render_line(self, y: int) -> Strip:
        """One of them, under the text of the first."""
        (gap, _), mark, (text, role) = self.shown.pieces or ((" ", ""), ("", ""), ("", ""))
        width = self.size.width
        parts = paragraph(text, width, label=((gap, ""), mark), role=role)
        shown = parts[y] if y < len(parts) else EMPTY
        return self.paint.strip(shown, width).apply_style(self.rich_style)


class FindLine(Horizontal):
    """Says while typing, in words, whether it can be understood."""

    class Typed(Message):
        """The text has changed."""

        def __init__(self, mode: str, text: str) -> None:
            super().__init__()
            self.mode = mode
            self.text = text

    class Done(Message):
        """Enter."""

        def __init__(self, mode: str, text: str) -> None:
            super().__init__()
            self.mode = mode
            self.text = text

    def __init__(self, paint: Paint) -> None:
        super().__init__(id="find")
        self._paint = paint
        self.mode = FILTER

    def compose(self) -> ComposeResult:
        """A word, the text, the verdict."""
        yield from self._parts()

    def _parts(self) -> Iterator[Bar | Input]:
        yield Bar(self._paint, id="find-word")
        yield Input(id="find-text", select_on_focus=False)
        yield Verdict(self._paint, id="find-verdict")

    def open(self, mode: str, text: str) -> None:
        """Begin to type."""
        self.mode = mode
        self.add_class("open")
        self.query_one("#find-word", Bar).show(line((f" {mode} ", "title")))
        field = self.query_one(Input)
        field.value = text
        field.cursor_position = len(text)
        self.screen.set_focus(field)  # at once: what is typed behind the key must land here

    def refocus(self) -> None:
        """What is typed lands here again."""
        self.query_one(Input).focus()

    def type(self, text: str) -> None:
        """As if somebody typed it; the first line of it."""
        self.query_one(Input).insert_text_at_cursor(next(iter(text.splitlines()), ""))

    def close(self) -> None:
        """Put it away."""
        self.remove_class("open")

    @property
    def is_open(self) -> bool:
        """Whether something is being typed."""
        return self.has_class("open")

    def verdict(self, text: str, *, good: bool) -> None:
        """`ok, 12 of 48` or `error at 7: ...`."""
        mark = ("✓ ", "fine") if good else ("✗ ", "error")
        self.query_one(Verdict).show(line(" ", mark, (text, "" if good else "error")))

    def on_input_changed(self, event: Input.Changed) -> None:
        """A letter more or less."""
        event.stop()
        if self.is_open:
            self.post_message(self.Typed(self.mode, event.value))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter."""
        event.stop()
        self.post_message(self.Done(self.mode, event.value))
