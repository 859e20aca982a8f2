"""What was measured of a connection, as the report has it."""

from __future__ import annotations

import msgspec

from wsdebug.model.place import Side


class RoundTrips(msgspec.Struct, frozen=True):
    """Ping to pong, in milliseconds."""

    min: float
    median: float
    max: float


class Liveness(msgspec.Struct, frozen=True):
    """Pings and pongs of both sides together."""

    pings: int = 0
    pongs: int = 0
    rtt_ms: RoundTrips | None = None


class TcpSide(msgspec.Struct, frozen=True):
    """TCP figures of one side; `bytes` are stream bytes captured, each once."""

    bytes: int = 0
    retransmissions: int = 0
    ladders: int = 0
    zero_window_s: float = 0.0
    ttl: int | None = None


class TcpReport(msgspec.Struct, frozen=True):
    """TCP figures of both sides."""

    client: TcpSide = TcpSide()
    server: TcpSide = TcpSide()

    @property
    def unheard(self) -> Side | None:
        """The side of which no packet is in the capture, though those of the other are."""
        for side, one, other in (
            (Side.CLIENT, self.client, self.server),
            (Side.SERVER, self.server, self.client),
        ):
            if one.ttl is None and not one.bytes and other.ttl is not None:
                return side
        return None
