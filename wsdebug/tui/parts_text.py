"""What the pages of panel 3 have in common: symbols, a place at the end of a line, advice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from wsdebug.display.columns import columns, cut
from wsdebug.display.escape import printable
from wsdebug.model.report import Logged
from wsdebug.tui.line import EMPTY, Line, Piece, line, paragraph

_BRIEF = 2
"""Pieces of advice named in short."""
SYMBOLS = {"error": "✗", "warning": "▲", "note": "•", "fine": "✓", "tls": "?", "open": "●"}
"""By `words.kind_of`, and of a connection that goes on."""


def with_place(first: Line, where: str, width: int) -> Line:
    """A line that ends in where it leads to: `frame S38`."""
    if not where:
        return first
    fill = " " * max(1, width - columns(first.text) - columns(where))
    return Line((*first.pieces, (fill, ""), (where, "note")), first.jump, first.explain)


def said_by(each: Logged, *, is_other: bool = False) -> tuple[list[Piece], int]:
    """Who logs it, and how far what it says is indented: a library that the handshake does not
    name is a supposition. `is_other`: in place of what the line before says.
    """
    side = each.side.value
    named = f"{'or ' if is_other else ''}{'if it is ' if each.assumed else ''}{each.library}: "
    return [(f" {side} ", side), (named, "")], len(side) + 4


def brief_advice(code: str, advice: Sequence[str], width: int) -> Iterator[Line]:
    """The first things to change, a line each, where the whole is further down."""
    label = "  Fix  "
    for one in advice[:_BRIEF]:
        sentence = one.partition("\n")[0].partition(". ")[0].removesuffix(".")
        shown = cut(f"{printable(sentence)}.", max(8, width - columns(label)))
        yield line((label, "fine"), shown, explain=code)
        label = " " * columns(label)


def advice_lines(code: str, advice: Sequence[str], width: int) -> Iterator[Line]:
    """Sentences wrapped; lines of code and settings as they stand."""
    if advice:
        yield EMPTY
        yield line(("Fix", "title"), ("  i for the whole page", "faint"), explain=code)
    for number, one in enumerate(advice, 1):
        sentence, *rest = one.split("\n")
        label: list[Piece] = [(f" {number}. ", "fine")]
        yield from paragraph(sentence, width, label=label, explain=code)
        for each in rest:
            yield line((f"     {printable(each, 200)}", "key"), explain=code)
