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
    live: Live | None = None
    """Where a capture comes from that still grows."""
