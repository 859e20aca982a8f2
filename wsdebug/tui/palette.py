"""Roles and how they look: the palette of Okabe and Ito on dark and on light, and no colour at all.

Every role that says something is carried by a word or a symbol as well, so that `mono` (bold,
underline, reverse) loses nothing.
"""

from __future__ import annotations

from functools import cache
from typing import Literal

from rich.style import Style
from textual.theme import BUILTIN_THEMES, Theme

Ground = Literal["dark", "light", "mono"]

BACKGROUND = {"dark": "#16181c", "light": "#ffffff"}
FOREGROUND = {"dark": "#e4e4e4", "light": "#1c1c1c"}

# Okabe and Ito give blue 0072B2, sky blue 56B4E9, orange E69F00, vermilion D55E00, yellow F0E442
# and bluish green 009E73. On white, orange and yellow are darkened until they can be read; on
# black, blue gives way to the sky blue of the same palette.
COLOURS: dict[str, dict[str, str]] = {
    "dark": {
        "client": "#56B4E9",
        "server": "#E69F00",
        "error": "#F0731A",
        "warning": "#F0E442",
        "note": "#56B4E9",
        "fine": "#1FBF93",
        "faint": "#9a9fa8",
    },
    "light": {
        "client": "#0072B2",
        "server": "#8F5F00",
        "error": "#B34700",
        "warning": "#756B00",
        "note": "#0072B2",
        "fine": "#00734F",
        "faint": "#62666d",
    },
    "mono": {},
}

_SHAPE = {
    "strong": Style(bold=True),
    "under": Style(underline=True),
    "bracket": Style(),
    "error": Style(bold=True),
    "key": Style(bold=True),
    "mark": Style(bold=True, reverse=True),
    "chosen": Style(reverse=True),
    "title": Style(bold=True),
}
"""What a role adds besides its colour."""
_RESTING = {"dark": "#22262c", "light": "#eef1f5"}
_CURSOR = {"dark": "#2f3b4c", "light": "#d7e3f1"}


@cache
def style_of(role: str, ground: Ground) -> Style:
    """The style of a role, or of several with blanks between."""
    style = Style()
    for each in role.split():
        if each == "cursor":
            style += Style(reverse=True) if ground == "mono" else Style(bgcolor=_CURSOR[ground])
            continue
        if each == "resting":
            style += Style(underline=True) if ground == "mono" else Style(bgcolor=_RESTING[ground])
            continue
        colour = COLOURS[ground].get(each)
        style += Style(color=colour) if colour else Style()
        style += _SHAPE.get(each, Style())
    return style


def _theme(name: str, ground: Literal["dark", "light"]) -> Theme:
    colours = COLOURS[ground]
    back = BACKGROUND[ground]
    return Theme(
        name=name,
        primary=colours["client"],
        secondary=colours["server"],
        warning=colours["warning"],
        error=colours["error"],
        success=colours["fine"],
        accent=colours["server"],
        foreground=FOREGROUND[ground],
        background=back,
        surface=back,
        panel=back,
        dark=ground == "dark",
    )


def _mono() -> Theme:
    default = "ansi_default"
    return Theme(
        name="mono",
        ansi=True,
        primary=default,
        secondary=default,
        warning=default,
        error=default,
        success=default,
        accent=default,
        foreground=default,
        background=default,
        surface=default,
        panel=default,
        boost=default,
        dark=True,
        variables={
            **BUILTIN_THEMES["ansi-dark"].variables,
            "block-cursor-text-style": "reverse",
            "input-cursor-text-style": "reverse",
        },
    )


THEMES = (_theme("wsdebug-dark", "dark"), _theme("wsdebug-light", "light"), _mono())
"""Ours, beside those that Textual brings."""
