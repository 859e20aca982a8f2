"""A line of the screen before it is painted: pieces of text, each with a role."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeAlias

import msgspec

from wsdebug.display.columns import columns, wrapped
from wsdebug.display.escape import printable
from wsdebug.model.place import Side

Piece: TypeAlias = tuple[str, str]
"""(text, role); the role is one of the `palette`, or several with blanks between."""
WIRE = "wire"
"""The role of text that comes from the capture: no symbol in it is one of ours."""
Run: TypeAlias = tuple[int, int]
"""Bytes that stand together: offset and length."""


class Jump(msgspec.Struct, frozen=True):
    """Where a line leads: a frame or a packet of the connection, and bytes in it."""

    side: Side | None = None
    frame: int | None = None
    packet: int | None = None
    offset: int | None = None
    """Where the bytes begin that are meant, in the side's stream or head (`Finding.offset`)."""
    connection: int | None = None
    """Another connection than the chosen one."""
    among: tuple[int, ...] = ()
    """Connections of which one has the packet, where it is not said which."""

    @property
    def leads(self) -> bool:
        """Whether there is a place to go to."""
        return (self.frame, self.packet, self.connection) != (None, None, None)


class Line(msgspec.Struct, frozen=True):
    """One line. `jump` is where `enter` leads from here, `explain` what `i` explains, `run` the
    bytes that the line is about.
    """

    pieces: tuple[Piece, ...] = ()
    jump: Jump | None = None
    explain: str | None = None
    run: Run | None = None

    @property
    def text(self) -> str:
        """The text of all pieces."""
        return "".join(text for text, _ in self.pieces)


EMPTY = Line()


def line(
    *pieces: Piece | str,
    jump: Jump | None = None,
    explain: str | None = None,
    run: Run | None = None,
) -> Line:
    """A line of texts; a text without a role is plain."""
    whole = tuple(piece if isinstance(piece, tuple) else (piece, "") for piece in pieces)
    return Line(whole, jump, explain, run)


def paragraph(
    text: str,
    width: int,
    *,
    label: Sequence[Piece] = (),
    indent: int | None = None,
    role: str = "",
    jump: Jump | None = None,
    explain: str | None = None,
    limit: int = 2000,
) -> list[Line]:
    """`text`, made safe, wrapped behind `indent` columns, the first of which hold `label`; what a
    longer label takes is taken from the first line.
    """
    used = sum(columns(each) for each, _ in label)
    indent = used if indent is None else indent
    front: tuple[Piece, ...] = (*label, (" " * (indent - used), ""))
    taken = max(0, used - indent)
    lines = []
    if taken > max(0, width - indent - 8):
        lines, taken, front = [Line(tuple(label), jump, explain)], 0, ((" " * indent, ""),)
    for part in wrapped("_" * taken + printable(text, limit), max(8, width - indent)):
        lines.append(Line((*front, (part[taken:], role)), jump, explain))
        front, taken = ((" " * indent, ""),), 0
    return lines


def plain(lines: Iterable[Line]) -> str:
    """The lines as text, as they are copied and tested."""
    return "\n".join(each.text.rstrip() for each in lines)
