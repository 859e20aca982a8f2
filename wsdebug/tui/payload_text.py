"""The payload tab: views by what is in it, `v` goes round."""

from __future__ import annotations

from wsdebug.display.escape import printable
from wsdebug.display.quantities import counted
from wsdebug.tui.bytes_text import Dump, byte_lines
from wsdebug.tui.detail import DUMPED, Detail
from wsdebug.tui.line import EMPTY, Line, line, paragraph


class Payloads:
    """Which view is chosen, and its lines."""

    def __init__(self) -> None:
        self.turned = 0

    def reset(self) -> None:
        """Another row: the best view again."""
        self.turned = 0

    def turn(self) -> None:
        """The next view."""
        self.turned += 1

    def lines(self, detail: Detail, width: int) -> list[Line]:
        """The chosen view."""
        content = detail.content if detail.payload is not None else detail.raw
        names = ("text", "hex")
        name = names[self.turned % len(names)]
        lines = [line((f"{name}", "title"), (f"  {counted(len(content), 'byte')}", "faint")), EMPTY]
        if name == "hex":
            return lines + byte_lines(Dump(content[:DUMPED], text=content, total=len(content)))
        for part in content.split(b"\n"):
            lines += paragraph(printable(part), width, limit=len(content) * 4)
        return lines

    def head(self, detail: Detail, width: int) -> list[Line]:
        """An HTTP head, a line a field."""
        lines: list[Line] = []
        for part in detail.raw.split(b"\n"):
            lines += paragraph(printable(part.rstrip(b"\r")), width, limit=8000)
        return lines
