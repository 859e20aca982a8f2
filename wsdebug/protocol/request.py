"""A request that waits for its response."""

from __future__ import annotations

from typing import NamedTuple

from wsdebug.model.handshake import Head
from wsdebug.model.place import Mark


class Request(NamedTuple):
    """A request that waits for its response; `head` is kept of upgrade requests only. `start` is
    its offset in the client's stream, `packet` brought it.
    """

    method: str | None
    head: Head | None
    start: int = 0
    packet: int | None = None

    def may_be_answered_by(self, mark: Mark) -> bool:
        """Whether the packet of a response acknowledged some of it; where nobody had seen the
        client's stream when that packet was captured, whether it came later.
        """
        packet, _, acknowledged = mark
        if acknowledged is not None:
            return acknowledged > self.start
        return packet is None or self.packet is None or packet > self.packet
