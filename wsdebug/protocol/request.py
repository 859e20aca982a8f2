"""A request that waits for its response."""

from __future__ import annotations

from typing import NamedTuple

from wsdebug.model.handshake import Head


class Request(NamedTuple):
    """A request that waits for its response; `head` is kept of upgrade requests only. `start` is
    its offset in the client's stream, `packet` brought it.
    """

    method: str | None
    head: Head | None
    start: int = 0
    packet: int | None = None
