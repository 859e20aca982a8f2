"""What a filter is asked about: a frame as a small record. A connection is `model.report`'s."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import msgspec

from wsdebug.model.place import Side
from wsdebug.model.report import Finding

LOOKED_AT = 256 << 10
"""Bytes of a payload that a filter looks at; what is behind them it does not see."""


class FrameLike(Protocol):
    """One frame. `header` holds its first two bytes, big-endian; `length` the payload's as
    declared; times are seconds: since the connection's first packet, since the frame before it
    on either side (None for the first).
    """

    @property
    def side(self) -> Side: ...  # noqa: D102
    @property
    def number(self) -> int: ...  # noqa: D102
    @property
    def header(self) -> int: ...  # noqa: D102
    @property
    def length(self) -> int: ...  # noqa: D102
    @property
    def key(self) -> int | None: ...  # noqa: D102
    @property
    def packet(self) -> int | None: ...  # noqa: D102
    @property
    def last_packet(self) -> int | None: ...  # noqa: D102
    @property
    def time(self) -> float | None: ...  # noqa: D102
    @property
    def gap(self) -> float | None: ...  # noqa: D102
    @property
    def kind(self) -> int:
        """The opcode of the message it belongs to: its own, but for a continuation; 0 for one
        whose message has no beginning.
        """
        ...

    @property
    def findings(self) -> Sequence[Finding]:
        """The findings of this frame."""
        ...

    def payload(self) -> bytes | None:
        """Unmasked and inflated, its first `LOOKED_AT` bytes; of the last frame of a fragmented
        message the whole message. None where it cannot be read.
        """
        ...


def _nothing() -> bytes | None:
    return None


class FrameRecord(msgspec.Struct, kw_only=True):
    """A `FrameLike` for whoever has none of his own. `read` gets the payload when asked for."""

    side: Side
    number: int
    header: int
    length: int
    key: int | None = None
    packet: int | None = None
    last_packet: int | None = None
    time: float | None = None
    gap: float | None = None
    kind: int
    findings: Sequence[Finding] = ()
    read: Callable[[], bytes | None] = _nothing

    def payload(self) -> bytes | None:
        """As `FrameLike` says."""
        return self.read()
