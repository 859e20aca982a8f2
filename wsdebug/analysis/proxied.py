"""A PROXY protocol header (haproxy proxy-protocol.txt) whose connection is not known yet: behind it
comes TLS, or anything that comes without it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from wsdebug.analysis.tracker import Tracker, half_of
from wsdebug.http.recognise import Opening as Kind
from wsdebug.http.recognise import proxy_header_length, recognise
from wsdebug.model.place import SIDES, Mark, Side

if TYPE_CHECKING:
    from wsdebug.analysis.shared import Shared
    from wsdebug.transport import Flow

TLS_HANDSHAKE = 0x16


def may_hide_tls(data: bytes) -> bool:
    """A PROXY header with nothing behind it so far, or with TLS."""
    if recognise(data) is not Kind.PROXY:
        return False
    length = proxy_header_length(data)
    return length is None or (length > 0 and data[length : length + 1] in (b"", b"\x16"))


class Proxied:
    """The consumer until it is known what the header stands before. `secure` makes the connection
    one of TLS whose first bytes, so many, are the header.
    """

    __slots__ = ("_held", "_secure", "_shared", "flow")

    def __init__(self, flow: Flow, shared: Shared, secure: Callable[[Flow, int], None]) -> None:
        self.flow = flow
        self._shared = shared
        self._secure = secure
        self._held: list[tuple[Side, bytes, Mark]] = []
        for side in SIDES:
            half_of(flow, side).feed = partial(self._feed, side)

    def _feed(self, side: Side, data: bytes, mark: Mark) -> None:
        self._held.append((side, data, mark))
        seen = b"".join(one for its, one, _ in self._held if its is Side.CLIENT)
        length = proxy_header_length(seen)
        if side is Side.CLIENT and (length is None or 0 < length >= len(seen)):
            return
        if length and seen[length : length + 1] == b"\x16":
            self._secure(self.flow, length)
            self._pass_on(length)
        else:
            self._plain()

    def _plain(self) -> None:
        self.flow.consumer = Tracker(self.flow, self._shared)
        self._pass_on(0)

    def _pass_on(self, skip: int) -> None:
        """What was held, without the header."""
        held, self._held = self._held, []
        for side, data, mark in held:
            left = data
            if side is Side.CLIENT:
                left, skip = data[skip:], max(0, skip - len(data))
            consumer = self.flow.consumer
            if left and consumer is not None:
                facts = half_of(self.flow, side).feed(left, mark)
                if facts:
                    consumer.take(facts)

    def take(self, facts: Sequence[object]) -> None:
        """Nothing is made of a header."""

    # ---- what happens before it is known ----------------------------------------------------
    def gap(self, side: Side, length: int | None, mark: Mark, reason: str) -> None:
        """Bytes are missing."""
        self._plain()
        if self.flow.consumer is not None:
            self.flow.consumer.gap(side, length, mark, reason)

    def overlap(self, side: Side, offset: int, kept: bytes, other: bytes, mark: Mark) -> None:
        """Two copies of the header differ."""

    def end(self, side: Side, how: str, mark: Mark) -> None:
        """FIN or RST behind nothing but the header."""
        self._plain()
        if self.flow.consumer is not None:
            self.flow.consumer.end(side, how, mark)

    def close(self, flow: Flow) -> None:
        """The capture ends there."""
        self._plain()
        if flow.consumer is not None:
            flow.consumer.close(flow)
