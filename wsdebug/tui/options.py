"""What the command line decided about the screen: nothing here looks at the environment."""

from __future__ import annotations

import msgspec


class Options(msgspec.Struct, frozen=True):
    """How the screen is to look and what it shows first."""

    files: tuple[str, ...]
    color: bool = True
    ascii: bool = False
    log: str = ""
    """Where a crash is written to."""
    filter: str = ""
    connections: str | None = None
    command: str = "wsdebug read"
    """The command that shows the same, for the copy menu."""
    animations: bool = False
