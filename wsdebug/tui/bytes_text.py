"""The bytes tab: 16 a line, 8 where it is narrow, the header underlined, the masking key in
brackets, the payload's text on the right as it is without the mask.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import overload

import msgspec

from wsdebug.display.quantities import counted
from wsdebug.tui.line import EMPTY, Line, Piece, Run, line

_COLUMNS = 74
"""What a line of 16 takes, its text included."""


class Dump(msgspec.Struct, frozen=True):
    """Bytes of a frame as on the wire. `header` is its length, the masking key's 4 bytes
    included; `key` whether there is one; `text` what the payload is without the mask. `chosen`
    is the run of bytes that something else on the screen points to.
    """

    raw: bytes
    header: int = 0
    key: bool = False
    text: bytes = b""
    total: int = 0
    chosen: Run = (0, 0)
    holes: tuple[Run, ...] = ()
    """In `raw`, what the capture lacks."""


class DumpLines(Sequence[Line]):
    """Lines made when they are looked at: what stands in front, the dump, what is left out."""

    def __init__(self, dump: Dump, width: int, front: Sequence[Line] = ()) -> None:
        self._dump = dump
        self._front = front
        self._most = 16 if width >= _COLUMNS else 8
        self._rows = -(-len(dump.raw) // self._most)
        left = dump.total - len(dump.raw)
        self._behind = [EMPTY, _left_out(left)] if left > 0 else []

    def __len__(self) -> int:
        return len(self._front) + self._rows + len(self._behind)

    @overload
    def __getitem__(self, index: int) -> Line: ...
    @overload
    def __getitem__(self, index: slice) -> list[Line]: ...
    def __getitem__(self, index: int | slice) -> Line | list[Line]:
        if isinstance(index, slice):
            return [self[each] for each in range(*index.indices(len(self)))]
        if index < 0:
            index += len(self)
        if not 0 <= index < len(self):
            raise IndexError(index)
        row = index - len(self._front)
        if row < 0:
            return self._front[index]
        return (
            _row(self._dump, row, self._most)
            if row < self._rows
            else self._behind[row - self._rows]
        )

    def line_of(self, offset: int) -> int:
        """The line in which a byte stands."""
        return len(self._front) + min(offset // self._most, max(0, self._rows - 1))


def byte_lines(dump: Dump, width: int, front: Sequence[Line] = ()) -> Sequence[Line]:
    """The dump behind other lines."""
    if not dump.raw:
        return [*front, line(("no bytes of it in the capture", "faint"))]
    return DumpLines(dump, width, front)


def hexed(raw: bytes, holes: Sequence[Run], start: int = 0) -> list[str]:
    """Each byte in hex, `..` where the capture lacks it; `holes` count from `start` before."""
    cells = [f"{byte:02x}" for byte in raw]
    for first, length in holes:
        begin, end = max(0, first - start), min(first + length - start, len(cells))
        if begin < end:
            cells[begin:end] = [".."] * (end - begin)
    return cells


def _left_out(number: int) -> Line:
    return line((f"… {counted(number, 'more byte')}: x saves all", "faint"))


def _row(dump: Dump, number: int, most: int) -> Line:
    start = number * most
    texts = hexed(dump.raw[start : start + most], dump.holes, start)
    end = start + len(texts)
    pieces: list[Piece] = [(f"{start:06x} ", "faint")]
    cells = [
        (_before(dump, at, at - start), text, _role(dump, at))
        for at, text in enumerate(texts, start)
    ]
    for before, text, role in cells:
        pieces += [(before, ""), (text, role)]
    closing = "]" if dump.key and end == dump.header else " "
    fill = " " * (3 * (most - (end - start)))
    pieces.append((f"{closing}{fill}│ ", "faint"))
    shown = [(_shown(dump, at), _role(dump, at)) for at in range(start, end)]
    for role, group in groupby(shown, key=lambda each: each[1]):
        pieces.append(("".join(text for text, _ in group), role))
    return Line(tuple(pieces), run=(start, end - start))


def _before(dump: Dump, at: int, column: int) -> str:
    if dump.key and at == dump.header - 4:
        return "["
    return "]" if dump.key and at == dump.header and column else " "


def _role(dump: Dump, at: int) -> str:
    first, length = dump.chosen
    over = " chosen" if first <= at < first + length else ""
    if at >= dump.header:
        return over.strip()
    return ("key under" if dump.key and at >= dump.header - 4 else "under") + over


def _shown(dump: Dump, at: int) -> str:
    """A character of the text; a dot for what cannot be shown, and for the header."""
    place = at - dump.header
    if place < 0 or place >= len(dump.text):
        return "·"
    if any(first <= at < first + length for first, length in dump.holes):
        return "?"
    byte = dump.text[place]
    return chr(byte) if 32 <= byte < 127 else "·"
