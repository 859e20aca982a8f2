"""Bytes as text, with a word where the capture lacks some: never the zeros that stand there."""

from __future__ import annotations

from collections.abc import Iterable

from wsdebug.display.escape import printable
from wsdebug.display.quantities import counted
from wsdebug.tui.line import Run


def without_holes(content: bytes, holes: Iterable[Run]) -> str:
    """Bytes that are no UTF-8, and controls but line ends, as escapes; `holes` in `content`."""
    texts, at = [], 0
    for first, length in holes:
        texts += [_lines(content[at:first]), f"[{counted(length, 'byte')} missing]"]
        at = first + length
    return "".join([*texts, _lines(content[at:])])


def _lines(content: bytes) -> str:
    return "\n".join(printable(part) for part in content.split(b"\n"))
