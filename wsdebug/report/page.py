"""Lines on a terminal or in a pipe: fitted to the width, ASCII where asked for, colour on top.

Colour only adds: every meaning is carried by a word and a symbol as well.
"""

from __future__ import annotations

from typing import TextIO

from wsdebug.display.columns import columns, cut, padded, wrapped
from wsdebug.display.escape import in_ascii
from wsdebug.model.report import Severity
from wsdebug.report.words import printed
from wsdebug.report.writer import View

_SYMBOLS = {Severity.ERROR: "✗", Severity.WARNING: "▲", Severity.NOTE: "•"}
_ASCII = str.maketrans({"✗": "x", "▲": "!", "•": "-", "✓": "+", "…": "..."})

# The palette of Okabe and Ito in the nearest of the 256 colours, readable on dark and light.
_PAINT = {
    "error": "38;5;166",
    "warning": "38;5;178",
    "note": "38;5;32",
    "fine": "38;5;36",
    "client": "38;5;32",
    "server": "38;5;172",
    "strong": "1",
    "faint": "2",
}


class Page:
    """Writes lines. Texts go in through `safe`; painting comes last and takes no columns."""

    def __init__(self, stream: TextIO, view: View) -> None:
        self._stream = stream
        self._ascii = view.ascii
        self._color = view.color
        self._last = "-"
        self.width = max(40, view.width)

    def safe(self, text: str, limit: int = 400) -> str:
        """`text` as it may reach a terminal of this kind."""
        shown = printed(text, limit)
        if self._ascii and not shown.isascii():
            shown = in_ascii(shown.translate(_ASCII))
        return shown

    def symbol(self, severity: Severity | None) -> str:
        """Of a severity; None is fine."""
        symbol = "✓" if severity is None else _SYMBOLS[severity]
        return self.paint(self.safe(symbol), "fine" if severity is None else severity.value)

    def paint(self, text: str, role: str) -> str:
        """`text` in the colour of a role; unchanged where there is no colour."""
        return f"\x1b[{_PAINT[role]}m{text}\x1b[0m" if self._color and text else text

    def line(self, text: str = "") -> None:
        """One line as it is."""
        self._last = text.rstrip(" ")
        self._stream.write(self._last + "\n")

    def gap(self) -> None:
        """An empty line, but never two."""
        if self._last:
            self.line()

    def paragraph(
        self, text: str, indent: int, label: str = "", role: str | None = None, limit: int = 4000
    ) -> None:
        """`text` wrapped behind `indent` columns, the first of which hold `label`."""
        lines = wrapped(self.safe(text, limit), self.width - indent)
        front = padded(label, indent)
        for line in lines:
            self.line((self.paint(front, role) if role else front) + line)
            front = " " * indent

    def row(self, left: str, right: str, mark: str = "", indent: int = 0) -> None:
        """`left`, cut to the room there is, and `right` at the right edge. `mark` is a painted
        symbol of one column in front.
        """
        front = " " * indent + (f"{mark} " if mark else "")
        room = self.width - indent - (2 if mark else 0) - (columns(right) + 1 if right else 0)
        text = cut(left, room, self.safe("…"))
        self.line(f"{front}{padded(text, room)} {right}" if right else f"{front}{text}")
