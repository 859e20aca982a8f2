"""The payload tab: views by what is in it, the best first; `v` goes round."""

from __future__ import annotations

from array import array
from collections.abc import Sequence

import msgspec

from wsdebug.display.columns import wrapped
from wsdebug.display.quantities import grouped
from wsdebug.model.rows import Known
from wsdebug.tui.bytes_text import Dump, byte_lines
from wsdebug.tui.detail import Detail
from wsdebug.tui.holes_text import without_holes
from wsdebug.tui.line import EMPTY, WIRE, Line, Run, line, paragraph
from wsdebug.tui.marking import marked, places
from wsdebug.views import views_of

_TEXT = 1
_NAMED = 8
"""Chosen bytes written out at most."""
_INDENT = 12
"""Columns that a wrapped line may be indented at most."""


class Payloads:
    """The views of the payload looked at, and which is chosen."""

    def __init__(self) -> None:
        self.turned = 0
        self._views: list[tuple[str, list[str]]] = []
        self._laid: _Laid | None = None

    def show(self, detail: Detail | None, known: Known | None) -> None:
        """Another row: the best view again."""
        self.turned = 0
        self._views = []
        self._laid = None
        if detail is None or detail.payload is None or not detail.content:
            return
        report = known.report if known is not None else None
        opcode = detail.row.opcode if detail.message is None else detail.message.opcode
        self._views = views_of(
            detail.content,
            opcode or _TEXT,
            report.handshake.subprotocol if report is not None else None,
            known.path if known is not None else None,
        )

    def turn(self) -> None:
        """The next view."""
        self.turned += 1

    def lines(self, detail: Detail, width: int, chosen: Run = (0, 0)) -> Sequence[Line]:
        """The view that is looked at; `chosen` bytes of the content are marked or named."""
        if detail.payload is None:
            return head_lines(detail, width)
        if not self._views:
            says = detail.payload.note or "It carries nothing."
            return paragraph(says, width, role="faint")
        looked = self.turned % len(self._views)
        name = self._views[looked][0]
        names = [
            (f"[{view}]" if at == looked else f" {view} ")
            for at, (view, _) in enumerate(self._views)
        ]
        head = paragraph(detail.size, width, label=[(" ".join(names), "title"), ("  ", "")],
                         indent=2, role="faint")  # fmt: skip
        message = detail.message
        note = detail.payload.note if message is None else message.note
        if note:
            head += paragraph(note, width, label=[("! ", "warning")])
        for end in detail.ends:
            head += paragraph(end, width, label=[("ends here  ", "faint")])
        content = detail.content
        if name == "hex":
            head += _named(content, chosen)
            dump = Dump(content, 0, False, content, len(content), chosen, detail.content_holes)
            return byte_lines(dump, width, [*head, EMPTY])
        laid = self._laid_out(content, width)
        if laid.at is None:
            return [*head, *_named(content, chosen), EMPTY, *laid.lines]
        both = zip(laid.lines, laid.at, strict=True)
        return [*head, EMPTY, *(marked(one, at, content, chosen) for one, at in both)]

    def _laid_out(self, content: bytes, width: int) -> _Laid:
        """The lines of the view that is looked at, kept while the cursor moves in it."""
        looked = self.turned % len(self._views)
        if self._laid is None or (self._laid.view, self._laid.width) != (looked, width):
            texts = self._views[looked][1]
            lines = [each for text in texts for each in _folded(text, width)]
            at = places([each.text for each in lines], content)
            self._laid = _Laid(looked, width, lines, at)
        return self._laid


class _Laid(msgspec.Struct, frozen=True):
    """Lines of a view for a width, and which bytes their characters stand for."""

    view: int
    width: int
    lines: list[Line]
    at: list[array[int]] | None


def head_lines(detail: Detail, width: int) -> list[Line]:
    """An HTTP head, or bytes that are no frame, a line a line."""
    lines: list[Line] = []
    for part in detail.packed:
        lines += paragraph(part, width, limit=8000, role=WIRE)
    for part in without_holes(detail.raw, detail.holes).split("\n"):
        lines += paragraph(part.removesuffix("\\x0d"), width, limit=8000, role=WIRE)
    return lines


def _named(content: bytes, chosen: Run) -> list[Line]:
    """The chosen bytes in words, for views in which they cannot be marked, and in the dump."""
    first, length = chosen
    if not 0 < length < len(content) or first >= len(content):
        return []
    shown = content[first : first + min(length, _NAMED)].hex(" ") + ("…" if length > _NAMED else "")
    where = f"byte {grouped(first)}"
    if length > 1:
        where = f"bytes {grouped(first)} to {grouped(first + length - 1)}"
    return [line(("chosen  ", "faint"), f"{where}: ", (shown, "strong"))]


def _folded(text: str, width: int) -> list[Line]:
    """A line as it stands, folded where it is too long, its indent kept."""
    if len(text) <= width:
        return [line((text, WIRE))]
    indent = min(len(text) - len(text.lstrip(" ")), _INDENT)
    parts = wrapped(text, max(8, width - indent - 2))
    front = " " * indent
    return [line((f"{front}{'  ' if at else ''}{part}", WIRE)) for at, part in enumerate(parts)]
