"""Lines of a connection in the order of time, and what can be looked at behind each of them.

Times are integer nanoseconds since 1970, `None` where the capture has none.
"""

from __future__ import annotations

import enum
from collections.abc import Callable
from typing import NamedTuple

import msgspec

from wsdebug.model.instant import Instant
from wsdebug.model.place import Side
from wsdebug.model.report import Connection, Endpoint, Finding, Severity, SideCodes
from wsdebug.model.tcp import EventKind


class RowKind(enum.StrEnum):
    """What a line shows."""

    FRAME = "frame"
    FOREIGN = "foreign"
    """Bytes at a frame border that are no frame."""
    HEAD = "head"
    """The head of an upgrade request or of its response."""
    TCP = "tcp"
    SILENCE = "silence"
    """Neither side put anything of the other kinds on the wire."""


class Row(NamedTuple):
    """One line. `side` sent it (None: a silence); `time` and `packet` are those of its first
    byte, `last_time` and `last_packet` those of its last. Of a silence they are where it begins
    and where it ends. `offset` and `length` as in `model.facts`: of a frame `length` is that of
    its payload as declared, of foreign bytes and heads their number. A head's and a TCP event's
    `offset` counts in the side's TCP stream.
    """

    at: int
    """Its index."""
    kind: RowKind
    side: Side | None
    number: int
    """Of a frame: 0-based per side (S38 is the server's 39th). Of foreign bytes: that of the
    frame behind them.
    """
    time: int | None
    last_time: int | None
    packet: int
    last_packet: int
    offset: int
    length: int
    header: int
    """The first two bytes of a frame or of foreign bytes, big-endian."""
    key: int | None
    """The masking key, big-endian; None where MASK is 0 or it is no frame."""
    missing: int
    """Payload bytes that the capture lacks."""
    event: EventKind | None
    """Of a TCP line."""
    compressed: bool
    """Of a frame: its payload is part of a compressed message."""
    after_gap: bool
    """Of a frame: the capture lacks bytes of this side between the frame before and this one."""
    resynchronised: bool
    """Of a frame: its border was searched for, what stands before it is not known."""
    cut: bool
    """The stream, or the capture, ended inside it."""
    has_finding: bool
    in_message: bool
    """Of a frame: a fragmented message of this side was open when it began."""
    after_close: bool
    """Of a frame: this side had already sent a Close."""

    @property
    def opcode(self) -> int:
        """0 to 15; -1 where it is no frame."""
        return (self.header >> 8) & 15 if self.kind is RowKind.FRAME else -1

    @property
    def fin(self) -> bool:
        """The FIN bit."""
        return bool(self.header & 0x8000)

    @property
    def rsv(self) -> int:
        """The RSV bits: 4 is RSV1, 2 is RSV2, 1 is RSV3."""
        return (self.header >> 12) & 7

    @property
    def masked(self) -> bool:
        """The MASK bit."""
        return bool(self.header & 0x80)

    @property
    def duration(self) -> int | None:
        """Nanoseconds from its first to its last byte; how long a silence lasts."""
        if self.time is None or self.last_time is None:
            return None
        return self.last_time - self.time

    @property
    def name(self) -> str:
        """C1, S38 of a frame; empty otherwise."""
        if self.kind is not RowKind.FRAME or self.side is None:
            return ""
        return f"{self.side.value[0].upper()}{self.number}"


class State(enum.StrEnum):
    """How far a connection is known."""

    OPEN = "open so far"
    OVER = "over"
    """It has ended and waits for the other leg of its path, or to be judged; of a live capture its
    report is there and may be revised."""
    FINISHED = "finished"
    GONE = "gone"
    """Long finished, and no longer kept."""


def _nothing(_: int) -> Connection | None:
    return None


class Known(msgspec.Struct, kw_only=True):
    """A connection as far as it is known. `revision` grows with each change but new rows. What
    a list shows of a finished one stands here; the whole is `report`, which is read from disk.
    """

    id: int
    tcp_stream: int
    client: Endpoint
    server: Endpoint
    start: Instant | None
    revision: int = 1
    state: State = State.OPEN
    encrypted: bool = False
    host: str | None = None
    path: str | None = None
    status: int | None = None
    errors: int = 0
    """Findings so far, by severity."""
    warnings: int = 0
    notes: int = 0
    how: str | None = None
    """From here on: once it is finished. `Ending.how`."""
    severity: Severity | None = None
    """The worst of its ending and its findings."""
    seen_by_application: SideCodes = SideCodes()
    causes: tuple[str, ...] = ()
    """Codes, likeliest first."""
    load: Callable[[int], Connection | None] = _nothing

    @property
    def report(self) -> Connection | None:
        """The finished report, or the one for the time being; None until there is one."""
        return self.load(self.id) if self.state in (State.FINISHED, State.OVER) else None


class FieldView(NamedTuple):
    """One field of a header: which bits, what they are called, what they hold."""

    name: str
    bit: int
    """From the header's first bit."""
    bits: int
    value: int


class FrameView(NamedTuple):
    """A frame, or what stands where one was due, taken apart."""

    row: Row
    header: bytes
    """As on the wire, masking key included; of foreign bytes what a decoder would read as one."""
    fields: tuple[FieldView, ...]
    findings: tuple[Finding, ...]


class Payload(NamedTuple):
    """The payload of a frame. `raw` is unmasked and as on the wire otherwise; both end at the limit
    that was asked for.
    """

    raw: bytes
    complete: bool
    """`raw` is all of it."""
    inflated: bytes | None = None
    """What the compressed frame adds to its message."""
    inflated_complete: bool = False
    holes: tuple[tuple[int, int], ...] = ()
    """Offset and length, in `raw`, of what the capture lacks; zeros stand there."""
    note: str | None = None
    """Why something is not there, in a sentence."""


class Passed(NamedTuple):
    """A frame that has gone by with its payload, or, without them, the end of its connection."""

    connection: int
    row: Row | None
    payload: Payload | None


class PacketInfo(NamedTuple):
    """A packet that carries bytes of a row; numbers count from the side's first byte."""

    number: int
    time: int | None
    side: Side
    seq: int
    ack: int | None
    """None where the flag ACK is not set."""
    flags: str
    """Such as "PSH ACK"."""
    length: int
    """Payload bytes on the wire."""
    retransmission: bool
    """All bytes of the row in it had come before."""
