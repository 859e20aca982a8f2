"""Pages over the panels: help, explanations, and menus to choose from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

import msgspec
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen

from wsdebug.display.columns import columns, wrapped
from wsdebug.tui import keys
from wsdebug.tui.line import EMPTY, Line, line
from wsdebug.tui.line_list import LineList, PageList
from wsdebug.tui.paint import Paint

MOVES = (
    Binding("down,j", "move(1)", show=False),
    Binding("up,k", "move(-1)", show=False),
    Binding("pagedown,space", "page(1)", show=False),
    Binding("pageup", "page(-1)", show=False),
    Binding("g,home", "edge(0)", show=False),
    Binding("G,end", "edge(1)", show=False),
)
"""A page moves as the panels do; a test compares these with the table."""

_CLOSE = Binding("escape,q,i,question_mark,f1", "close", show=False)


class _Lines(PageList):
    def __init__(self, paint: Paint, make: Callable[[int], list[Line]]) -> None:
        super().__init__(paint, id="page-lines")
        self._make = make

    def make(self, width: int) -> list[Line]:
        return self._make(width)


class Page(ModalScreen[int | None]):
    """A title over lines; any way out leads back."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *MOVES,
        _CLOSE,
    ]

    def __init__(self, paint: Paint, title: str, make: Callable[[int], list[Line]]) -> None:
        super().__init__()
        self._paint = paint
        self._heading = title
        self._make = make

    def compose(self) -> ComposeResult:
        """A frame around the lines."""
        with Vertical(id="page") as frame:
            frame.border_title = Content(f" {self._paint.text(self._heading)} ")
            frame.border_subtitle = Content(" esc closes ")
            yield _Lines(self._paint, self._make)

    def on_mount(self) -> None:
        """The lines have the keys."""
        self._lines.focus()

    @property
    def _lines(self) -> LineList:
        return self.query_one("#page-lines", LineList)

    def action_move(self, lines: int) -> None:
        """Up or down."""
        self._lines.move(lines)

    def action_page(self, pages: int) -> None:
        """A window up or down."""
        self._lines.move(pages * self._lines.page)

    def action_edge(self, end: int) -> None:
        """First or last line."""
        self._lines.move_to(self._lines.count * end)

    def action_close(self) -> None:
        """Back."""
        self.dismiss(None)


class Choice(msgspec.Struct, frozen=True):
    """A line of a menu: the key that chooses it, and what it does."""

    key: str
    says: str
    detail: str = ""


class Menu(Page):
    """Chooses one; the result is its place, None where nothing was chosen."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "choose", show=False)]

    def __init__(self, paint: Paint, title: str, choices: Sequence[Choice]) -> None:
        super().__init__(paint, title, self._rows)
        self._choices = choices
        self.add_class("menu")
        taken = {name for binding in (*MOVES, _CLOSE) for name in binding.key.split(",")}
        for at, choice in enumerate(choices):
            assert choice.key not in taken, choice.key
            self._bindings.bind(choice.key, f"take({at})", show=False)

    def _rows(self, width: int) -> list[Line]:
        """A name is cut in front: its end tells one file from the other."""
        widest = max((columns(each.says) for each in self._choices), default=0) + 2
        room = max(1, width - widest - 4)
        return [
            line(
                (f" {each.key}  ", "key"),
                f"{each.says:{widest}}",
                (
                    each.detail if columns(each.detail) <= room else f"…{each.detail[1 - room :]}",
                    "faint",
                ),
            )
            for each in self._choices
        ]

    def action_choose(self) -> None:
        """The line under the cursor."""
        self.dismiss(self._lines.cursor)

    def action_take(self, at: int) -> None:
        """By its key."""
        self.dismiss(at)

    def on_line_list_chosen(self) -> None:
        """By the mouse."""
        self.dismiss(self._lines.cursor)


def help_lines(panel: str, *, ascii_only: bool = False) -> Callable[[int], list[Line]]:
    """The keys of the panel first, then all others."""

    def make(width: int) -> list[Line]:
        lines: list[Line] = []
        for group, table in keys.listed(panel):
            lines.append(line((group, "title")))
            for key in table:
                does = wrapped(key.does, max(10, width - 15))
                name = keys.shown_as(key, ascii_only=ascii_only)
                lines.append(line((f"  {name:12} ", "key"), does[0]))
                lines += [line(f"{'':15}{more}") for more in does[1:]]
            lines.append(EMPTY)
        says = "The mouse does it too: click, double click, wheel, footer; drag a border."
        lines += [line((each, "faint")) for each in wrapped(says, max(10, width))]
        return lines

    return make


def text_lines(text: str) -> Callable[[int], list[Line]]:
    """A page of ours, as it stands."""
    return lambda _: [line(each) for each in text.splitlines()]
