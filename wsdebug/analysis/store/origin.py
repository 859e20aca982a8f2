"""Where the bytes of a connection are found among the packets of the capture."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from wsdebug.analysis.store.plain import PlainSide
from wsdebug.analysis.tracker import half_of
from wsdebug.model.handshake import Agreed
from wsdebug.model.place import SIDES, Side
from wsdebug.protocol.joining import UNKNOWN
from wsdebug.transport import Flow, Half

if TYPE_CHECKING:
    from wsdebug.analysis.encrypted import Encrypted
    from wsdebug.analysis.tracker import Tracker


class Origin(NamedTuple):
    """Addresses and sequence numbers of both sides; all pairs are client, server."""

    keys: tuple[bytes, bytes]
    """Source and destination address, source and destination port of each side's packets."""
    bases: tuple[int, int]
    """Sequence number of the first stream byte; -1 where nothing of the side was captured."""
    frames: tuple[int, int]
    """Offset of the first frame in the TCP stream."""
    agreed: Agreed
    plain: tuple[PlainSide, PlainSide] | None = None
    """Of a connection inside TLS or HTTP/2: where its bytes are; those of packets are others."""
    has_heads: bool = True
    """Heads are bytes of the stream. Those of HTTP/2 are packed (RFC 7541), in frames around it."""


class Extent(NamedTuple):
    """The packets of a connection: those with these keys from `first` on, before `behind`."""

    keys: tuple[bytes, bytes]
    first: int
    behind: int | None


def origin_of(flow: Flow, frames: dict[Side, int], agreed: Agreed | None) -> Origin:
    """Of a connection as far as it is known; `frames`: where each side's frames begin."""
    client, server = (half_of(flow, side) for side in SIDES)
    return Origin(
        keys_of(client, server),
        (client.base, server.base),
        (frames.get(Side.CLIENT, 0), frames.get(Side.SERVER, 0)),
        agreed or UNKNOWN,
        _kept(flow),
    )


def _kept(flow: Flow) -> tuple[PlainSide, PlainSide] | None:
    """Of a connection inside another one."""
    client, server = flow.keepers
    if isinstance(client, PlainSide) and isinstance(server, PlainSide):
        return client, server
    return None


def keys_of(one: Half, other: Half) -> tuple[bytes, bytes]:
    """Addresses and ports as the packets of each have them."""
    ports = [half.port.to_bytes(2) for half in (one, other)]
    return (
        one.address + other.address + ports[0] + ports[1],
        other.address + one.address + ports[1] + ports[0],
    )


def origin_of_connection(tracker: Tracker | Encrypted) -> Origin:
    """Of a connection that is open or just over."""
    decoder = getattr(tracker, "decoder", None)
    if decoder is None:
        return origin_of(tracker.flow, {}, None)
    handshake = decoder.handshake
    agreed = handshake.agreed if handshake is not None and decoder.joined is None else None
    origin = origin_of(tracker.flow, decoder.base, agreed)
    is_packed = handshake is not None and handshake.is_http2
    return origin._replace(has_heads=False) if is_packed else origin
