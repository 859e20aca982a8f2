"""The bytes tab: 16 a line, the header underlined, the masking key in brackets, the payload's text
on the right as it is without the mask.
"""

from __future__ import annotations

from itertools import groupby

import msgspec

from wsdebug.display.quantities import counted
from wsdebug.tui.line import EMPTY, Line, Piece, line

WIDTH = 16


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


def byte_lines(dump: Dump) -> list[Line]:
    """The dump; its lines are a dozen a frame, so they are made at once."""
    if not dump.raw:
        return [line(("no bytes of it in the capture", "faint"))]
    lines = [_row(dump, at) for at in range(0, len(dump.raw), WIDTH)]
    left = dump.total - len(dump.raw)
    if left > 0:
        lines += [EMPTY, line((f"… {counted(left, 'more byte')}: x saves all", "faint"))]
    return lines


def _row(dump: Dump, start: int) -> Line:
    end = min(start + WIDTH, len(dump.raw))
    pieces: list[Piece] = [(f"{start:06x} ", "faint")]
    cells = [
        (_before(dump, at), f"{dump.raw[at]:02x}", _role(dump, at)) for at in range(start, end)
    ]
    for before, text, role in cells:
        pieces += [(before, ""), (text, role)]
    closing = "]" if dump.key and end == dump.header else " "
    fill = " " * (3 * (WIDTH - (end - start)))
    pieces.append((f"{closing}{fill}│ ", "faint"))
    shown = [(_shown(dump, at), _role(dump, at)) for at in range(start, end)]
    for role, group in groupby(shown, key=lambda each: each[1]):
        pieces.append(("".join(text for text, _ in group), role))
    return Line(tuple(pieces))


def _before(dump: Dump, at: int) -> str:
    if dump.key and at == dump.header - 4:
        return "["
    return "]" if dump.key and at == dump.header and at % WIDTH else " "


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
    byte = dump.text[place]
    return chr(byte) if 32 <= byte < 127 else "·"
