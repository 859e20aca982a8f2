"""The opening handshake as read off the wire: heads, extensions, what was agreed.

Facts like those of `model.facts`: every bit kept, no judgement.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Sequence
from functools import lru_cache, wraps
from typing import Any, TypeVar

import msgspec

from wsdebug.model.once import once
from wsdebug.model.place import Mark, Part, Side, Span

HTTP2 = (2, 0)
"""The version of heads that came as HEADERS of HTTP/2; pseudo-headers are fields of theirs."""


class HeadFault(enum.StrEnum):
    """What is wrong with the form of an HTTP head (RFC 9112 2.2, 5; RFC 9110 5)."""

    BAD_NAME = "bad-name"
    """A field name that is no token, or a line without a colon."""
    SPACE_BEFORE_COLON = "space-before-colon"
    FOLDED = "folded"
    """A line that begins with white space (obs-fold)."""
    BARE_LF = "bare-lf"
    BARE_CR = "bare-cr"
    NUL = "nul"
    BAD_START_LINE = "bad-start-line"


class Fault(msgspec.Struct, frozen=True):
    """One fault of form, `offset` and `length` from the head's first byte."""

    kind: HeadFault
    offset: int
    length: int


class Field(msgspec.Struct, frozen=True):
    """One header line. `value` is trimmed, decoded as latin-1; `offset` from the head's start."""

    name: str
    value: str
    offset: int
    length: int

    @property
    def key(self) -> str:
        """The name in lower case: field names ignore case (RFC 9110 5.1)."""
        return _lower(self.name)


@lru_cache(maxsize=128)
def _lower(name: str) -> str:
    """All heads of a capture share a few dozen names: each is lowered, and kept in memory, once."""
    return name.lower()


class Kind:
    """What is alike in all heads that differ only in values drawn anew for each connection
    (`http.kinds`): what was worked out of one of them holds for the others.
    """

    __slots__ = ("drawn", "known", "lines", "text")

    def __init__(self, drawn: tuple[int, ...] = (), text: bytes = b"") -> None:
        self.drawn = drawn
        """Indexes of the lines whose values are drawn anew; no other line has such a name."""
        self.text = text
        """A head of this kind, its drawn values written over; nothing where it is the only one."""
        self.known: dict[Any, Any] = {}
        self.lines: dict[str, tuple[int, ...]] | None = None
        """Indexes of the lines of each name (lower case), once somebody asked for one."""


class Head(msgspec.Struct, frozen=True, dict=True):
    """An HTTP/1 request or response head. For a request `status` is None, for a response
    `method` and `target`. `version` is (major, minor), None when it cannot be read.
    """

    side: Side
    start_line: str
    method: str | None
    target: str | None
    version: tuple[int, int] | None
    status: int | None
    reason: str | None
    fields: tuple[Field, ...]
    faults: tuple[Fault, ...]
    length: int
    """Bytes from the first byte of the start line to the end of the empty line."""
    complete: bool
    """False: the stream ended or the limit was reached before the empty line."""
    offset: int
    """Of its first byte in that side's TCP stream."""
    packet: int | None = None
    time: int | None = None

    @property
    def opens_websocket(self) -> bool:
        """Whether a response says yes: 101 (RFC 6455 4.2.2), over HTTP/2 a 2xx (RFC 8441 5)."""
        if self.version == HTTP2:
            return self.status is not None and 200 <= self.status < 300
        return self.status == 101

    @once
    def kind(self) -> Kind:
        """Of its own, unless whoever read it knows others like it."""
        return Kind()

    def all(self, name: str) -> tuple[Field, ...]:
        """Every line of that name (lower case), in order."""
        lines = self.kind.lines
        if lines is None:
            lines = self.kind.lines = self._lines()
        indexes = lines.get(name)
        if indexes is None:
            return ()
        if len(indexes) == 1:
            return (self.fields[indexes[0]],)
        return tuple(self.fields[index] for index in indexes)

    def _lines(self) -> dict[str, tuple[int, ...]]:
        """Rules and report ask some forty times a handshake: each line is looked at once."""
        lines: dict[str, list[int]] = {}
        for index, field in enumerate(self.fields):
            lines.setdefault(field.key, []).append(index)
        return {name: tuple(found) for name, found in lines.items()}

    def span(self, field: Field | Fault | None = None) -> Span:
        """The bytes of a line or fault, or of the start line."""
        if field is None:
            return Span(self.side, Part.HEAD, 0, len(self.start_line), self.packet, self.time)
        return Span(self.side, Part.HEAD, field.offset, field.length, self.packet, self.time)

    def of_same_kind(self, values: Sequence[str], offset: int, mark: Mark) -> Head:
        """A head at another place with other values in the lines that are `Kind.drawn`, each as
        long as before.
        """
        fields = list(self.fields)
        for index, value in zip(self.kind.drawn, values, strict=True):
            before = fields[index]
            fields[index] = Field(before.name, value, before.offset, before.length)
        head = msgspec.structs.replace(
            self, fields=tuple(fields), offset=offset, packet=mark[0], time=mark[1]
        )
        head.__dict__["kind"] = self.kind
        return head


T = TypeVar("T")


def of_kind(ask: Callable[[Head], T]) -> Callable[[Head], T]:
    """Answers once for all heads of a kind: `ask` looks at nothing that such heads differ in."""

    @wraps(ask)
    def answer(head: Head) -> T:
        known: dict[Any, T] = head.kind.known
        if ask not in known:
            known[ask] = ask(head)
        return known[ask]

    return answer


class Parameter(msgspec.Struct, frozen=True):
    """`name=value` of an extension; `value` None where there is no `=`; `quoted` as written."""

    name: str
    value: str | None
    quoted: bool = False


class Extension(msgspec.Struct, frozen=True):
    """One element of a Sec-WebSocket-Extensions list and the header line it stands in."""

    name: str
    parameters: tuple[Parameter, ...]
    field: Field


class Deflate(msgspec.Struct, frozen=True):
    """permessage-deflate as agreed (RFC 7692 7.1). Window bits are 8 to 15."""

    server_no_context_takeover: bool = False
    client_no_context_takeover: bool = False
    server_max_window_bits: int = 15
    client_max_window_bits: int = 15

    def window_bits(self, side: Side) -> int:
        """Of the window that `side` may compress with."""
        return self.client_max_window_bits if side is Side.CLIENT else self.server_max_window_bits

    def resets(self, side: Side) -> bool:
        """Whether `side` gave up its context between messages."""
        if side is Side.CLIENT:
            return self.client_no_context_takeover
        return self.server_no_context_takeover


class Agreed(msgspec.Struct, frozen=True):
    """What the 101 switched on. `known` False: no handshake was captured, anything may hold."""

    deflate: Deflate | None = None
    unknown: tuple[str, ...] = ()
    """Extensions that were offered and accepted and that we do not know: RSV bits and opcodes
    may be theirs."""
    known: bool = True


class Handshake(msgspec.Struct, frozen=True):
    """The opening handshake of a connection: its last upgrade request and that one's final
    response. `None` for a head that was not seen.
    """

    request: Head | None
    response: Head | None
    offers: tuple[Extension, ...]
    offer_faults: tuple[Field, ...]
    """Sec-WebSocket-Extensions lines of the request that break the grammar."""
    accepted: tuple[Extension, ...]
    accepted_faults: tuple[Field, ...]
    agreed: Agreed
    connect_enabled: bool | None = None
    """HTTP/2: what the server's SETTINGS had said of extended CONNECT (RFC 8441 3)."""
    accept_of: str | None = None
    """When the accept value is not ours: another Sec-WebSocket-Key of this capture it fits."""

    @property
    def is_accepted(self) -> bool:
        """Whether the final response is a 101, or over HTTP/2 any 2xx (RFC 8441 5)."""
        return self.response is not None and self.response.opens_websocket

    @property
    def is_http2(self) -> bool:
        """Whether it is an extended CONNECT (RFC 8441 4), and no upgrade of HTTP/1.1."""
        head = self.request or self.response
        return head is not None and head.version == HTTP2


class EarlyFrames(msgspec.Struct, frozen=True):
    """Client bytes sent before the 101 can have arrived: the packet's ACK does not cover it."""

    span: Span
    acknowledged: int
    needed: int


class SecondAnswer(msgspec.Struct, frozen=True):
    """A further 101 at a frame border of an upgraded connection."""

    span: Span
    head: Head
