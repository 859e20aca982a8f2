"""What the command line decided about the screen: nothing here looks at the environment."""

from __future__ import annotations

import msgspec

from wsdebug.tui.source import Live


class Options(msgspec.Struct, frozen=True):
    """How the screen is to look and what it shows first."""

    files: tuple[str, ...]
    color: bool = True
    ascii: bool = False
    filter: str = ""
    animations: bool = False
    kept: tuple[tuple[str, str], ...] = ()
    """Options of the command line, with their values, that decide what is read and shown."""
    numbers: tuple[tuple[int, int], ...] = ()
    """Connections that were asked for, from and to; empty where all are."""
    live: Live | None = None
    """Where a capture comes from that still grows."""
