"""The payload tab: views by what is in it, the best first; `v` goes round."""

from __future__ import annotations

from wsdebug.display.columns import wrapped
from wsdebug.display.escape import printable
from wsdebug.model.rows import Known
from wsdebug.tui.bytes_text import Dump, byte_lines
from wsdebug.tui.detail import DUMPED, Detail
from wsdebug.tui.line import EMPTY, Line, line, paragraph
from wsdebug.views import views_of

_TEXT = 1
_INDENT = 12
"""Columns that a wrapped line may be indented at most."""


class Payloads:
    """The views of the payload looked at, and which is chosen."""

    def __init__(self) -> None:
        self.turned = 0
        self._views: list[tuple[str, list[str]]] = []

    def show(self, detail: Detail | None, known: Known | None) -> None:
        """Another row: the best view again."""
        self.turned = 0
        self._views = []
        if detail is None or detail.payload is None or not detail.content:
            return
        report = known.report if known is not None else None
        self._views = views_of(
            detail.content,
            detail.row.opcode or _TEXT,
            report.handshake.subprotocol if report is not None else None,
            known.path if known is not None else None,
        )

    def turn(self) -> None:
        """The next view."""
        self.turned += 1

    def lines(self, detail: Detail, width: int) -> list[Line]:
        """The chosen view."""
        if detail.payload is None:
            return self.head(detail, width)
        if not self._views:
            note = detail.payload.note or "It carries nothing."
            return paragraph(note, width, role="faint")
        chosen = self.turned % len(self._views)
        names = [
            (f"[{name}]" if at == chosen else f" {name} ")
            for at, (name, _) in enumerate(self._views)
        ]
        head = [line((" ".join(names), "title"), (f"  {detail.size}", "faint"))]
        if detail.payload.note:
            head += paragraph(detail.payload.note, width, label=[("! ", "warning")])
        name, texts = self._views[chosen]
        if name == "hex":
            content = detail.content
            holes = detail.payload.holes if detail.payload.inflated is None else ()
            dump = Dump(content[:DUMPED], text=content, total=len(content), holes=holes)
            return [*head, EMPTY, *byte_lines(dump, width)]
        return [*head, EMPTY, *(each for text in texts for each in _folded(text, width))]

    def head(self, detail: Detail, width: int) -> list[Line]:
        """An HTTP head, or bytes that are no frame, a line a line."""
        lines: list[Line] = []
        for part in detail.raw.split(b"\n"):
            lines += paragraph(printable(part.rstrip(b"\r")), width, limit=8000)
        return lines


def _folded(text: str, width: int) -> list[Line]:
    """A line as it stands, folded where it is too long, its indent kept."""
    if len(text) <= width:
        return [line(text)]
    indent = min(len(text) - len(text.lstrip(" ")), _INDENT)
    parts = wrapped(text, max(8, width - indent - 2))
    front = " " * indent
    return [line(f"{front}{'  ' if at else ''}{part}") for at, part in enumerate(parts)]
