"""From a line to a strip of the terminal: cut to the width, ASCII where asked for, never markup."""

from __future__ import annotations

from rich.segment import Segment
from textual.strip import Strip

from wsdebug.display.columns import columns, cut
from wsdebug.display.escape import ELLIPSIS, in_ascii, printable
from wsdebug.tui.line import WIRE, Line
from wsdebug.tui.palette import Ground, style_of

_PLAIN = (
    ("✗▲•✓●…▸◂▶│└─┄·⚑", "x!-+o~><>|`--.*"),
    ("▁▂▃▄▅▆▇█", "_.:-=+*#"),
)
"""Symbols of ours and what stands for them in ASCII, one by one."""
_ASCII = {
    **{ord(one): other for ours, plain in _PLAIN for one, other in zip(ours, plain, strict=True)},
}


class Paint:
    """How lines become strips on this terminal."""

    def __init__(self, ground: Ground = "dark", *, ascii_only: bool = False) -> None:
        self.ground = ground
        self.ascii_only = ascii_only

    def text(self, text: str, *, is_wire: bool = False) -> str:
        """`text` as this terminal may have it. Nothing gets here unescaped; should something, it
        is made safe here. Symbols have a stand-in in ASCII where they are ours; what comes from
        the wire is spelt out, but for the ellipsis where it was cut.
        """
        shown = text if text.isprintable() else printable(text)
        if self.ascii_only and not shown.isascii():
            ours = {ord(ELLIPSIS): _ASCII[ord(ELLIPSIS)]} if is_wire else _ASCII
            shown = in_ascii(shown.translate(ours))
        return shown

    def strip(self, line: Line, width: int, *, skip: int = 0, over: str = "") -> Strip:
        """`line` in exactly `width` columns, its first `skip` left out; `over` is a role laid
        over the whole line.
        """
        segments, used, more = [], 0, width + skip
        for text, role in line.pieces:
            shown = self.text(text, is_wire=WIRE in role.split())
            size = columns(shown)
            if used + size > more:
                shown = cut(shown, more - used, self.text("…"))
                size = columns(shown)
            if shown:
                whole = f"{role} {over}" if over else role
                segments.append(Segment(shown, style_of(whole, self.ground)))
            used += size
            if used >= more:
                break
        strip = Strip(segments, used)
        if skip:
            strip = strip.crop(skip, max(skip, used))
        return strip.adjust_cell_length(width, style_of(over, self.ground))
