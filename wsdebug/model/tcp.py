"""What happened on a TCP connection besides its bytes: events, ladders and gaps."""

from __future__ import annotations

import enum

import msgspec

from wsdebug.model.place import Side


class EventKind(enum.StrEnum):
    """What a segment did apart from carrying the next bytes (CATALOGUE, TC)."""

    SYN = "syn"
    FIN = "fin"
    RST = "rst"
    RETRANSMISSION = "retransmission"
    LADDER = "ladder"
    """The send that made a row of retransmissions a ladder; later sends are not listed again."""
    OUT_OF_ORDER = "out-of-order"
    """Late, and too soon after the bytes behind it to have been sent a second time."""
    KEEP_ALIVE = "keep-alive"
    WINDOW_PROBE = "window-probe"
    """Bytes sent again to a receiver whose window is zero: no retransmission."""
    ZERO_WINDOW = "zero-window"
    WINDOW_OPEN = "window-open"
    """The end of a zero window."""
    HALF_CLOSE = "half-close"
    """The FIN was acknowledged, and the other side went on sending data after that."""
    GAP = "gap"
    NOT_ACKNOWLEDGED = "not-acknowledged"
    """Bytes, from `offset`, that no captured packet of the receiver acknowledges."""
    SNAP_LENGTH = "snap-length"
    SEEN_TWICE = "seen-twice"
    """The capture holds one packet twice: same sequence number and IP-ID within 5 ms."""
    PORT_REUSE = "port-reuse"
    """The SYN that began a new connection on the ports of this one."""
    OVERLAP = "overlap"
    """Other bytes for a place in the stream that was filled already; the first ones stay."""
    BEFORE_START = "before-start"
    """Bytes from before the first captured byte of a stream whose SYN is missing."""
    AFTER_END = "after-end"
    """Data of a side behind its own FIN or RST."""
    OUT_OF_WINDOW = "out-of-window"
    """A sequence number more than 1 GiB away (RFC 7323 2.3): no byte of this stream."""


class Event(msgspec.Struct, frozen=True):
    """One event; `offset` in `side`'s stream. `side` None: nobody knows who the client is."""

    kind: EventKind
    side: Side | None
    packet: int | None
    time: int | None
    offset: int | None = None
    length: int = 0


class Ladder(msgspec.Struct, frozen=True):
    """The same bytes of one side sent at least four times, the last interval at least 1.5
    times the one before, with no new byte, FIN or RST of the other side meanwhile.
    """

    what: str
    """"data" or "fin"."""
    offset: int
    length: int
    sends: int
    first_packet: int | None
    """The first send; where other data followed it before the second, that side's last new byte."""
    first_time: int | None
    last_packet: int | None
    last_time: int | None
    acknowledged: bool
    """An ACK for these bytes is in the capture: it never reached the sender."""


class StreamGap(msgspec.Struct, frozen=True):
    """Bytes of one side that the capture lacks; packet and time are those of the bytes behind."""

    offset: int
    length: int
    reason: str
    """acknowledged, snap-length, one-direction, buffer-limit, not-known."""
    packet: int | None
    time: int | None
