"""All that the ending of a connection is judged by, free of packets and decoders."""

from __future__ import annotations

import msgspec

from wsdebug.model.facts import Close
from wsdebug.model.http2 import StreamEnd
from wsdebug.model.once import once
from wsdebug.model.place import SIDES, Side


class Stamp(msgspec.Struct, frozen=True):
    """When something was on the wire: the packet decides the order, `time` is in ns. Captures mix
    packets up: what stands before something else in a side's stream was sent `before` its packet.
    """

    packet: int
    time: int | None = None
    before: int | None = None

    @property
    def place(self) -> int:
        """The packet by which it had been sent."""
        return self.packet if self.before is None else min(self.packet, self.before)

    def __lt__(self, other: Stamp) -> bool:
        return self.place < other.place

    def __le__(self, other: Stamp) -> bool:
        return self.place <= other.place


SET_BACK = 100_000_000
"""Nanoseconds by which times may run back where packets of two cards are mixed up; a clock that
runs back further was set back."""


def elapsed(start: Stamp, stop: Stamp) -> int | None:
    """Nanoseconds from one to the other; None without time stamps, or where the clock was set back
    in between: nobody knows how long it was.
    """
    if start.time is None or stop.time is None or stop.time < start.time - SET_BACK:
        return None
    return max(0, stop.time - start.time)


class Ladder(msgspec.Struct, frozen=True):
    """The same bytes sent at least four times with growing gaps and no progress."""

    first: Stamp
    last: Stamp


class SideLife(msgspec.Struct, frozen=True, dict=True):
    """What one side did towards the end."""

    close: Close | None = None
    """Its first Close frame."""
    close_at: Stamp | None = None
    close_is_valid: bool = True
    """An endpoint may take the code from it: body, code and reason are legal."""
    fin: Stamp | None = None
    rst: Stamp | None = None
    tls_end: Stamp | None = None
    """Its close_notify, or the fatal alert by which it ended TLS (RFC 8446 6): no data follow."""
    tls_said: str | None = None
    """The name of that alert; None where a last record without keys only has the size of one."""
    rst_is_foreign: bool = False
    """Its RST has a TTL that is 3 or more away from that of its packets before."""
    ladders: tuple[Ladder, ...] = ()
    last_data: Stamp | None = None
    """The last packet with a new byte of its stream."""
    last_before: Stamp | None = None
    """The same when the connection's first Close, FIN or RST came: many a side sends once more."""
    acked_before: int | None = None
    """So many bytes of the other side's stream it had acknowledged by then."""
    last_frame: Stamp | None = None
    """The last byte of its last frame before its Close."""
    violated: Stamp | None = None
    """Its first finding at which the receiver had to fail the connection."""
    spoiled: Stamp | None = None
    """Its first bytes that are no frames: no receiver reads on behind them."""
    unreadable: bool = False
    """Its stream ends in something the capture lacks: a Close may stand there."""
    is_missing: bool = False
    """Bytes of it, or a FIN, are not in the capture."""
    is_unsynchronised: bool = False
    """Bytes of it could not be read as frames."""
    starts_late: bool = False
    """What it sent first is not in the capture."""

    @property
    def is_complete(self) -> bool:
        """From its first captured byte to its end nothing is missing: what is not there was not
        sent.
        """
        return not (self.unreadable or self.is_missing or self.is_unsynchronised)

    @property
    def is_whole(self) -> bool:
        """Every byte it ever sent is in the capture."""
        return self.is_complete and not self.starts_late

    @once
    def close_is_hidden(self) -> bool:
        """Before its Close stand bytes that are no frames."""
        at = self.close_at
        return at is not None and self.spoiled is not None and self.spoiled <= at

    @once
    def tcp_end(self) -> Stamp | None:
        """Its first FIN or RST, or the end of TLS before it."""
        stamps = [stamp for stamp in (self.fin, self.rst, self.tls_end) if stamp]
        return min(stamps) if stamps else None

    @once
    def orderly_end(self) -> Stamp | None:
        """Its FIN, or the end of TLS before it."""
        stamps = [stamp for stamp in (self.fin, self.tls_end) if stamp]
        return min(stamps) if stamps else None

    def did_end(self, at: Stamp) -> str:
        """What it did at its end `at` that was no reset, in words."""
        if at != self.tls_end or (self.fin is not None and self.fin.packet <= at.packet):
            return "closed TCP (FIN)"
        if self.tls_said is None:
            return "ended TLS (a last record of the size of close_notify)"
        if self.tls_said == "close_notify":
            return "ended TLS (close_notify)"
        return f"ended TLS with the alert {self.tls_said}"

    @once
    def terminal(self) -> Stamp | None:
        """Its first Close, FIN or RST (REPORT: terminal events of a side); the end of TLS is that
        of the stream inside, as a FIN.
        """
        stamps = [stamp for stamp in (self.close_at, self.tcp_end) if stamp]
        return min(stamps) if stamps else None


class Life(msgspec.Struct, frozen=True, dict=True):
    """A connection's life, as far as its ending is concerned."""

    handshake: str
    """accepted, rejected, no-response, not-captured or encrypted."""
    status: int | None
    client: SideLife
    server: SideLife
    start: int | None
    """Of the first packet, in ns."""
    requested: Stamp | None
    """The upgrade request."""
    responded: Stamp | None
    """Its final response."""
    last: Stamp
    """The connection's last packet."""
    capture_end: int | None
    """Time up to which the capture went on, in ns."""
    proxy_side: Side | None = None
    """Of two legs of a proxy: the side on which the proxy sits, when it ended both."""
    other_leg: str | None = None
    """With a `proxy_side`: how the proxy ended the other leg, fin or rst."""
    is_stream: bool = False
    """It is a stream of HTTP/2: its FIN is END_STREAM, its RST is RST_STREAM."""
    stream_ends: tuple[StreamEnd, ...] = ()
    """What ended each side of the stream, where END_STREAM did not; in the order of packets."""
    leg: str | None = None
    """Of two legs of one path: front (client to proxy) or back (proxy to server)."""
    own_key: bool = False
    """The proxy drew a Sec-WebSocket-Key of its own for its second leg: it speaks WebSocket itself
    and does not just pass bytes on.
    """
    is_passed_on: bool = False
    """The proxy ended it because its other leg had been ended by the far side."""

    @property
    def stream_end(self) -> StreamEnd | None:
        """What ended the stream, if END_STREAM did not."""
        end = self.end
        if end is None or not self.stream_ends:
            return None
        named = (one for one in self.stream_ends if (one.packet or 0) <= end.packet)
        return next(named, None)

    def knows_first(self, side: Side) -> bool:
        """Whether the end that came first in the capture, by `side`, came first at all: the other
        one may have closed in bytes that are missing. Its Close in the capture came later.
        """
        other = self.side(side.other)
        return other.is_complete or other.close is not None

    @once
    def end(self) -> Stamp | None:
        """The first Close, FIN or RST of either side."""
        stamps = [one.terminal for one in (self.client, self.server) if one.terminal]
        return min(stamps) if stamps else None

    def silence_before(self, end: Stamp) -> int | None:
        """Nanoseconds from the last payload of either side to `end`; None where unknown."""
        if any(self.is_forgotten(side, end) for side in SIDES):
            return None
        spoken = [stamp for side in SIDES if (stamp := self.spoke_before(side, end))]
        last = max(spoken, default=self.responded)
        return None if last is None else elapsed(last, end)

    def spoke_before(self, side: Side, end: Stamp) -> Stamp | None:
        """The last payload of a side before `end`."""
        one = self.side(side)
        data = self._data_before(one, end)
        # A frame may share the packet of the Close behind it; of other data there, a Close is part.
        frame = one.last_frame if one.last_frame and one.last_frame <= end else None
        stamps = [stamp for stamp in (data, one.violated) if stamp and stamp < end]
        return max([*stamps, *([frame] if frame else [])], default=None)

    def is_forgotten(self, side: Side, end: Stamp) -> bool:
        """It spoke behind `end`, and nobody noted when it last did before that."""
        data = self._data_before(self.side(side), end)
        return data is not None and end < data

    def _data_before(self, one: SideLife, end: Stamp) -> Stamp | None:
        later = one.last_data is not None and end <= one.last_data
        return one.last_before if later and end == self.end else one.last_data

    def side(self, side: Side) -> SideLife:
        """The life of that side."""
        return self.client if side is Side.CLIENT else self.server
