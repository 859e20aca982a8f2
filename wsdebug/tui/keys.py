"""Every key there is. Footer, help, palette and docs/keys.md are made from this table."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

CONNECTIONS, FRAMES, WHY, DETAIL = "connections", "frames", "why", "frame"
PANELS = (CONNECTIONS, FRAMES, WHY, DETAIL)
"""The panels in the order of their numbers."""


class Key(msgspec.Struct, frozen=True):
    """Keys that do the same. `keys` are Textual's names, `shown` how people call them, `action`
    a method of the main screen; `panels`: where it does something (all, where empty); `footer`
    is the word for it in the footer, if it has a place there.
    """

    keys: tuple[str, ...]
    shown: str
    action: str
    does: str
    group: str
    panels: tuple[str, ...] = ()
    footer: str = ""
    palette: bool = True
    """Worth a line in the command palette."""


MOVE, LOOK, FIND, SHARE, PROGRAM = "Moving", "Looking", "Finding", "Sharing", "Program"
GROUPS = (MOVE, LOOK, FIND, SHARE, PROGRAM)

_LISTS = (FRAMES, CONNECTIONS)

KEYS = (
    Key(("down", "j"), "↓ j", "move(1)", "next line", MOVE, palette=False),
    Key(("up", "k"), "↑ k", "move(-1)", "line before", MOVE, palette=False),
    Key(("right", "l"), "→ l", "sideways(1)", "to the right", MOVE, palette=False),
    Key(("left", "h"), "← h", "sideways(-1)", "to the left", MOVE, palette=False),
    Key(("pagedown", "space"), "PgDn space", "page(1)", "a page down", MOVE, palette=False),
    Key(("pageup",), "PgUp", "page(-1)", "a page up", MOVE, palette=False),
    Key(("g", "home"), "g Home", "edge(0)", "first line", MOVE),
    Key(("G", "end"), "G End", "edge(1)", "last line", MOVE),
    Key(("1",), "1", "panel(0)", "connections", MOVE),
    Key(("2",), "2", "panel(1)", "frames of the connection", MOVE),
    Key(("3",), "3", "panel(2)", "why it ended", MOVE),
    Key(("4",), "4", "panel(3)", "the frame under the cursor", MOVE),
    Key(("tab",), "tab", "next_panel(1)", "next panel", MOVE, footer="panel"),
    Key(("shift+tab",), "shift+tab", "next_panel(-1)", "panel before", MOVE),
    Key(("enter",), "⏎", "into", "open what the cursor is on: its frame, its evidence", MOVE,
        footer="open"),
    Key(("escape",), "esc", "out", "out, one level; stops loading first", MOVE),
    Key(("[", "left_square_bracket"), "[", "tab(-1)", "tab before, of the panel", LOOK,
        (WHY, DETAIL)),
    Key(("]", "right_square_bracket"), "]", "tab(1)", "next tab of the panel", LOOK,
        (WHY, DETAIL), footer="tabs"),
    Key(("v",), "v", "view", "next view of the payload", LOOK, (DETAIL, FRAMES)),
    Key(("t",), "t", "time_format", "time: relative, UTC, local, delta", LOOK),
    Key(("z",), "z", "hide_pings", "hide pings and pongs, or show them", LOOK),
    Key(("plus",), "+", "zoom(True)", "this panel alone", LOOK, footer="zoom"),
    Key(("underscore",), "_", "zoom(False)", "all panels again", LOOK),
    Key(("f",), "f", "follow", "keep the newest frame in sight", LOOK, (FRAMES,)),
    Key(("equals_sign",), "=", "hold", "live: hold the picture, the capture goes on", LOOK),
    Key(("i",), "i", "explain", "explain what the cursor is on", LOOK, footer="explain"),
    Key(("slash",), "/", "find", "filter; in the payload: find", FIND, footer="filter"),
    Key(("n",), "n", "next_hit(1)", "next hit of what was looked for", FIND),
    Key(("N",), "N", "next_hit(-1)", "hit before", FIND),
    Key(("e",), "e", "jump('error', 1)", "next error, across connections", FIND, footer="error"),
    Key(("E",), "E", "jump('error', -1)", "error before", FIND),
    Key(("w",), "w", "jump('warning', 1)", "next warning, across connections", FIND),
    Key(("W",), "W", "jump('warning', -1)", "warning before", FIND),
    Key(("s",), "s", "jump('silence', 1)", "next silence of this connection", FIND),
    Key(("S",), "S", "jump('silence', -1)", "silence before", FIND),
    Key(("m",), "m", "mark", "mark the frame, or take the mark away", FIND),
    Key(("apostrophe",), "'", "next_mark", "next mark", FIND),
    Key(("y",), "y", "copy", "copy: bytes, payload, evidence, report, command", SHARE,
        footer="copy"),
    Key(("x",), "x", "export", "save: packets, payload, reports", SHARE, footer="save"),
    Key(("colon", "ctrl+p"), ": ctrl+p", "palette", "every command by name", PROGRAM,
        footer="commands", palette=False),
    Key(("question_mark", "f1"), "? F1", "help", "help", PROGRAM, footer="help"),
    Key(("q",), "q", "back", "back; at the top, quit", PROGRAM, footer="quit"),
    Key(("ctrl+q",), "ctrl+q", "quit", "quit", PROGRAM),
)  # fmt: skip


_SPELLED = str.maketrans({"↓": "down", "↑": "up", "→": "right", "←": "left", "⏎": "enter"})


def shown_as(key: Key, *, ascii_only: bool) -> str:
    """What people call it, in ASCII where nothing else can be shown."""
    return key.shown.translate(_SPELLED) if ascii_only else key.shown


def works_in(key: Key, panel: str) -> bool:
    """Whether the key does something in that panel."""
    return not key.panels or panel in key.panels


def key_named(name: str) -> Key | None:
    """The line of the table with a key of Textual's name."""
    return next((key for key in KEYS if name in key.keys), None)


EDITING = frozenset(("left", "right", "home", "end", "enter", "backspace", "delete"))
"""Keys that belong to a line that is typed in, besides those that are characters."""


def footer_keys(panel: str) -> Iterator[Key]:
    """The keys of the footer, for a panel."""
    order = ("⏎", "/", "e", "i", "]", "tab", "y", "x", "+", "? F1", ": ctrl+p", "q")
    found = [key for key in KEYS if key.footer and works_in(key, panel)]
    return iter(sorted(found, key=lambda key: order.index(key.shown)))


KEPT = ("help", "back")
"""Actions that the footer names however narrow it is."""


def listed(panel: str | None = None) -> Iterator[tuple[str, list[Key]]]:
    """Groups of keys as the help and the page show them; those of `panel` alone first."""
    if panel is not None:
        own = [key for key in KEYS if panel in key.panels]
        if own:
            yield f"In this panel ({panel})", own
    for group in GROUPS:
        rest = [
            key for key in KEYS if key.group == group and (panel is None or panel not in key.panels)
        ]
        if rest:
            yield group, rest


def page() -> str:
    """docs/keys.md."""
    parts = [
        "# Keys of the screen",
        "Made from `wsdebug/tui/keys.py`; the mouse does all of it too.",
    ]
    for group, keys in listed():
        rows = [f"| `{key.shown}` | {_does(key)} |" for key in keys]
        parts.append("\n".join([f"## {group}\n", "| key | does |", "|---|---|", *rows]))
    return "\n\n".join(parts) + "\n"


def _does(key: Key) -> str:
    return f"{key.does} ({', '.join(key.panels)})" if key.panels else key.does


if __name__ == "__main__":  # python -m wsdebug.tui.keys > docs/keys.md
    import sys

    sys.stdout.write(page())
