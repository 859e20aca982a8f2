"""The table of keys as Textual wants it."""

from __future__ import annotations

from textual.binding import Binding

from wsdebug.tui.keys import KEYS, Key


def bindings() -> list[Binding]:
    """One for each key of the table. Each is taken in the moment it comes (`priority`), not on its
    way back from a panel, so that keys that come at once do what they would one by one. Its id is
    what a keymap of the user's would name it by.
    """
    return [
        Binding(
            ",".join(key.keys),
            key.action,
            key.does,
            show=False,
            priority=True,
            id=name_of(key),
        )
        for key in KEYS
    ]


def name_of(key: Key) -> str:
    """`jump-error-1` for `jump('error', 1)`."""
    kept = "".join(each if each.isalnum() or each in "-_" else " " for each in key.action)
    return "-".join(kept.split())
