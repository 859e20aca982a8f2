"""Bytes as they are: the view of last resort, which takes everything."""

from __future__ import annotations

from wsdebug.display.quantities import counted
from wsdebug.views.payload import Payload
from wsdebug.views.registry import Shown, view

_WIDTH = 16
_IN_LISTS = 24


@view("hex", priority=0)
def hexdump(payload: Payload) -> Shown:
    """Offset, bytes, ASCII."""
    begin = payload.data[:_IN_LISTS].hex(" ")
    more = " …" if payload.size > _IN_LISTS else ""
    size = counted(payload.size, "byte")
    return Shown(f"{size}: {begin}{more}" if begin else "", lambda: dump(payload.data))


def dump(data: bytes) -> list[str]:
    """Sixteen bytes a line."""
    return [_line(data, at) for at in range(0, len(data), _WIDTH)]


def _line(data: bytes, at: int) -> str:
    part = data[at : at + _WIDTH]
    left, right = part[:8].hex(" "), part[8:].hex(" ")
    text = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in part)
    return f"{at:08x}  {left:23}  {right:23}  {text}"
