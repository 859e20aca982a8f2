"""What was asked of `wsdebug live` on the command line."""

from __future__ import annotations

from wsdebug.cli.read import Request

KEEP = 10_000
"""Ended connections that are kept, unless somebody says otherwise."""


class LiveRequest(Request, frozen=True):
    """All that `read` knows, and more."""

    interface: tuple[str, ...] = ()
    write: str | None = None
    duration: str | None = None
    max_packets: int | None = None
    ring: str | None = None
    keep: int = KEEP
    on_finding: str | None = None
    force: bool = False
