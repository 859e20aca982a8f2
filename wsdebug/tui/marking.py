"""Which bytes of a payload each character of a view stands for, so that chosen bytes are marked
where they are read.

*Theory:* a view that only lays text out anew - JSON indented, lines folded - changes blanks and
nothing else. So its characters are those of the payload, in order; a view that unpacks is not.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence

from wsdebug.display.escape import ELLIPSIS, printable
from wsdebug.tui.line import Line, Piece, Run
from wsdebug.views.payload import LOOKED_AT

NO_BYTE = -1


def places(texts: Sequence[str], content: bytes) -> list[array[int]] | None:
    """For each line, and in it for each character, the byte of `content` at which what it shows
    begins; `NO_BYTE` for blanks of the layout and for what was cut off. None where the lines are
    not the content's own text.
    """
    text = content[:LOOKED_AT].decode(errors="surrogateescape")
    found = [array("l", [NO_BYTE]) * len(each) for each in texts]
    at = offset = 0
    for line, each in zip(found, texts, strict=True):
        column = 0
        while column < len(each) and at < len(text):
            character = text[at]
            shown = printable(character)
            if each.startswith(shown, column):
                for _ in shown:
                    line[column] = offset
                    column += 1
            elif each[column] == " ":
                column += 1
                continue
            elif not character.isspace():
                return found if each[column] == ELLIPSIS else None
            at += 1
            offset += len(character.encode(errors="surrogateescape"))
    return found


def marked(line: Line, at: Sequence[int], content: bytes, chosen: Run) -> Line:
    """A line of one piece with the `chosen` bytes marked, and with the bytes that it shows."""
    shown = [each for each in at if each != NO_BYTE]
    if not shown:
        return line
    end = _end(content, shown[-1])
    run = (shown[0], end - shown[0])
    first, last = _begin(content, chosen[0]), sum(chosen)
    columns = [column for column, each in enumerate(at) if first <= each < last]
    if not chosen[1] or not columns:
        return Line(line.pieces, run=run)
    begin, stop = columns[0], columns[-1] + 1
    text, role = line.text, line.pieces[0][1]
    parts: list[Piece] = [
        (text[:begin], role),
        (text[begin:stop], f"{role} chosen".strip()),
        (text[stop:], role),
    ]
    return Line(tuple(each for each in parts if each[0]), run=run)


def _begin(content: bytes, offset: int) -> int:
    """Where the character begins that a byte belongs to."""
    while offset and content[offset : offset + 1] and content[offset] & 0xC0 == 0x80:
        offset -= 1
    return offset


def _end(content: bytes, offset: int) -> int:
    """Where the character that begins at `offset` is over."""
    offset += 1
    while offset < len(content) and content[offset] & 0xC0 == 0x80:
        offset += 1
    return offset
