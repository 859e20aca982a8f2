"""The bytes tab: 16 a line, 8 where it is narrow, the header underlined, the masking key in
brackets, the payload's text on the right as it is without the mask.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

import msgspec

from wsdebug.display.quantities import counted
from wsdebug.tui.line import EMPTY, Line, Piece, line

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
    chosen: tuple[int, int] = (0, 0)
    holes: tuple[tuple[int, int], ...] = ()
    """Offset and length, in `raw`, of what the capture lacks."""


def byte_lines(dump: Dump, width: int) -> list[Line]:
    """The dump; its lines are a dozen a frame, so they are made at once."""
    if not dump.raw:
        return [line(("no bytes of it in the capture", "faint"))]
    most = 16 if width >= _COLUMNS else 8
    texts = hexed(dump.raw, dump.holes)
    lines = [_row(dump, at, texts[at : at + most], most) for at in range(0, len(texts), most)]
    left = dump.total - len(dump.raw)
    if left > 0:
        lines += [EMPTY, line((f"… {counted(left, 'more byte')}: x saves all", "faint"))]
    return lines


def hexed(raw: bytes, holes: Sequence[tuple[int, int]]) -> list[str]:
    """Each byte in hex, `..` where the capture lacks it."""
    cells = [f"{byte:02x}" for byte in raw]
    for first, length in holes:
        end = min(first + length, len(cells))
        cells[first:end] = [".."] * max(0, end - first)
    return cells


def _row(dump: Dump, start: int, texts: list[str], most: int) -> Line:
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
    return Line(tuple(pieces))


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
