"""What an HTTP/2 connection tells about the WebSockets on it. Facts: nothing is judged here."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

from wsdebug.model.place import Mark, Side

Fields: TypeAlias = tuple[tuple[str, str], ...]
"""Names and values in order, pseudo-header fields first (RFC 9113 8.3), decoded as latin-1."""


class HeadRead(NamedTuple):
    """A header block that belongs to a WebSocket: the client's extended CONNECT, or a response.

    `offset` and `length` are of its frames in the side's TCP stream.
    """

    stream: int
    side: Side
    fields: Fields
    offset: int
    length: int
    mark: Mark
    connect_enabled: bool | None
    """What the server's SETTINGS had said of SETTINGS_ENABLE_CONNECT_PROTOCOL by then (RFC 8441 3);
    None: no SETTINGS frame of the server was captured."""


class HeadUnread(NamedTuple):
    """A header block of a WebSocket that cannot be read: it, or one before it, is not all there."""

    stream: int
    side: Side
    mark: Mark


class DataRead(NamedTuple):
    """The next bytes of a stream, without padding. `reached` is where they end in TCP's stream."""

    stream: int
    side: Side
    data: bytes
    reached: int
    mark: Mark


class DataLost(NamedTuple):
    """The capture lacks bytes of a stream; `length` None: nobody knows how many, perhaps none."""

    stream: int
    side: Side
    length: int | None
    mark: Mark


class StreamEnded(NamedTuple):
    """END_STREAM: this side sends no more (RFC 9113 5.1)."""

    stream: int
    side: Side
    mark: Mark


class StreamReset(NamedTuple):
    """RST_STREAM (RFC 9113 6.4)."""

    stream: int
    side: Side
    code: int
    mark: Mark


class GoneAway(NamedTuple):
    """GOAWAY (RFC 9113 6.8): streams above `last` will not be served; 0 in `code` is no error."""

    side: Side
    last: int
    code: int
    debug: bytes
    mark: Mark


class Stalled(NamedTuple):
    """`side` had used up a window and could not send, from `since` until `mark` (RFC 9113 5.2).
    `stream` 0: the window of the whole connection. `mark` is NO_MARK where it never opened again.
    """

    stream: int
    side: Side
    since: Mark
    mark: Mark


class TableUnknown(NamedTuple):
    """From here on header blocks of `side` cannot be read: a part of them is missing, and each
    refers to those before it (RFC 7541 2.2).
    """

    side: Side
    mark: Mark


Event: TypeAlias = (
    HeadRead
    | HeadUnread
    | DataRead
    | DataLost
    | StreamEnded
    | StreamReset
    | GoneAway
    | Stalled
    | TableUnknown
)
