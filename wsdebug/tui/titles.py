"""What stands in the borders of the panels and in the breadcrumb."""

from __future__ import annotations

from textual.content import Content
from textual.style import Style

from wsdebug.tui import keys
from wsdebug.tui.paint import Paint

_NAMES = {keys.CONNECTIONS: "connections", keys.FRAMES: "frames", keys.WHY: "why", keys.DETAIL: ""}


def title(paint: Paint, number: int, text: str, *, focused: bool) -> Content:
    """`1 Connections`, reversed where the panel has the keys."""
    style = Style(reverse=True, bold=True) if focused else Style(bold=True)
    return Content.styled(paint.text(f" {number} {text} "), style)


def tabs(names: tuple[str, ...], chosen: str, paint: Paint) -> Content:
    """`[header] bytes  payload  packets`; a click goes to the tab."""
    parts = []
    for name in names:
        shown = f"[{name}]" if name == chosen else f" {name} "
        style = Style(bold=name == chosen)
        action = f"screen.show_tab('{name}')"
        parts.append(Content.styled(paint.text(shown), style + Style.from_meta({"@click": action})))
    return Content.assemble(" ", *parts)


def crumbs(file: str, connection: int | None, panel: str, row: str) -> str:
    """`trace > #3 > frame S38`."""
    parts = [file]
    if connection is not None and panel != keys.CONNECTIONS:
        parts.append(f"#{connection}")
    parts.append(row.lower() if panel == keys.DETAIL else _NAMES[panel])
    return " > ".join(part for part in parts if part)
