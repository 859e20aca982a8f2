"""What was read off the wire: facts, with every bit kept and no judgement.

The decoder makes them (`protocol`), `rules` turn them into findings. `packet` and `time` are
those of the first byte concerned; `None` where whoever fed the bytes gave no mark.
"""

from __future__ import annotations

from typing import TypeAlias

import msgspec

from wsdebug.model.handshake import Agreed, EarlyFrames, Handshake, Head, SecondAnswer
from wsdebug.model.place import Side, Span


# ---- frames ---------------------------------------------------------------------------------
class Frame(msgspec.Struct, frozen=True):
    """One frame as on the wire (RFC 6455 5.2). `number` is 0-based per side, `offset` that of
    its first header byte in the side's stream (after the head).
    """

    side: Side
    number: int
    offset: int
    header: int
    """The first two bytes, big-endian: FIN RSV1-3 opcode MASK length7."""
    header_length: int
    length: int
    """Of the payload as declared, in bytes (the high bit of a 64-bit length included)."""
    key: int | None
    """The masking key, big-endian; None when MASK is 0."""
    agreed: Agreed
    in_message: bool = False
    """A fragmented message of this side was open when this frame began."""
    after_close: bool = False
    """This side had already sent a Close."""
    synchronised: bool = True
    """False: what came before on this side is not known, so order cannot be judged."""
    missing: int = 0
    """Payload bytes the capture lacks."""
    complete: bool = True
    """False: the stream ended inside it."""
    packet: int | None = None
    time: int | None = None
    last_packet: int | None = None
    last_time: int | None = None
    payload: bytes | None = None
    """Unmasked, not inflated; only its first `Limits.payload` bytes; None when not asked for."""

    @property
    def fin(self) -> bool:
        """The FIN bit."""
        return bool(self.header & 0x8000)

    @property
    def rsv(self) -> int:
        """The RSV bits: 4 is RSV1, 2 is RSV2, 1 is RSV3."""
        return (self.header >> 12) & 7

    @property
    def opcode(self) -> int:
        """0 to 15."""
        return (self.header >> 8) & 15

    @property
    def masked(self) -> bool:
        """The MASK bit."""
        return bool(self.header & 0x80)

    @property
    def is_control(self) -> bool:
        """Opcode 8 or higher (RFC 6455 5.5)."""
        return bool(self.header & 0x800)


class MaskKeys(msgspec.Struct, frozen=True):
    """Masking keys that repeat on consecutive frames with payload, told once, at the end."""

    first: Span
    frame: int
    """The number of the first frame that repeated the key of the one before."""
    key: int
    count: int
    """Frames whose key was that of the frame before, or zero."""


class Foreign(msgspec.Struct, frozen=True):
    """Bytes at a frame border that are no frame."""

    span: Span
    kind: str
    """http-response, http-request, tls-record, proxy-header, ssh-banner, json, text, newline,
    chunk-size, zeros, unknown."""
    preview: bytes
    header: int
    """The first two bytes, as a decoder would read them (a single byte is the high one)."""
    agreed: Agreed
    after_close: bool = False
    """After that side's own Close (or both)."""
    in_message: bool = False
    frame: int = 0
    """The number the next frame of that side would have had."""
    head: Head | None = None
    """Of an HTTP message."""


class CutShort(msgspec.Struct, frozen=True):
    """FIN or RST inside a frame, or with a message unfinished."""

    span: Span
    what: str
    """"frame" or "message"."""
    frame: int
    """The frame that was cut, or the message's first frame."""
    got: int
    """Payload bytes that came (of the frame; of the message so far)."""
    wanted: int | None
    """Payload bytes the header declared; None for a message."""
    how: str
    """"fin" or "rst"."""
    closed: bool
    """This side or its peer had sent a Close."""


# ---- messages -------------------------------------------------------------------------------
class TextFault(msgspec.Struct, frozen=True):
    """The first byte that makes a text message impossible as UTF-8 (RFC 3629)."""

    span: Span
    """That byte on the wire; for a compressed message the frame it came in."""
    frame: int
    message_offset: int
    """0-based in the (inflated) message."""
    reason: str
    """invalid-start, invalid-continuation, overlong, surrogate, too-large, truncated."""
    seen: bytes
    """The offending byte and up to three around it."""
    compressed: bool


class DeflateFault(msgspec.Struct, frozen=True):
    """A compressed message that a strict inflater refuses (RFC 7692 7.2.2)."""

    span: Span
    """The frame in which it shows."""
    frame: int
    reason: str
    """zlib-error, cut-off, window-exceeded, context-used."""
    text: str
    """What zlib says, or the figures."""
    window_bits: int
    certain: bool = True
    """False with 8 window bits: zlib cannot check below 9."""


class Bomb(msgspec.Struct, frozen=True):
    """A message that inflates beyond the limit; the rest was counted, not read."""

    span: Span
    frame: int
    compressed: int
    inflated: int


class Message(msgspec.Struct, frozen=True):
    """A complete data message; only made for a consumer that asks for payloads."""

    side: Side
    opcode: int
    first_frame: int
    last_frame: int
    compressed: bool
    length: int
    """Of the message after inflating, in bytes."""
    payload: bytes | None
    """Inflated, its first `Limits.payload` bytes; None where it cannot be read."""


# ---- closing, ping and pong -----------------------------------------------------------------
class Close(msgspec.Struct, frozen=True):
    """A Close frame's body (RFC 6455 5.5.1), for each Close of a side."""

    span: Span
    frame: int
    body: str
    """"empty", "code" or "1-byte"."""
    code: int | None
    reason: bytes
    reason_fault: int | None
    """Offset in the reason of the first byte that is no UTF-8."""
    index: int
    """0 for a side's first Close."""
    acknowledged: int | None = None
    """Bytes of the other side's stream acknowledged by the packet that brought it."""
    end: int = 0
    """Offset behind the frame, counted in the side's TCP stream (heads included)."""


class Closing(msgspec.Struct, frozen=True):
    """How the close handshake that `first` began went on, told once, at the end."""

    first: Close
    answer: Close | None
    """The other side's first Close, if any."""
    answered_after_arrival: bool | None
    """The answer was sent after `first` had arrived there. None: not known."""
    acknowledged: bool
    """TCP acknowledged `first`."""
    peer_lived: int | None
    """Nanoseconds the receiver went on being seen open after `first` was acknowledged."""
    peer_sent_more: bool
    """The receiver sent data after `first` was acknowledged."""
    closer_hung_up: bool
    """The sender of `first` ended TCP itself without waiting."""
    gap_follows: bool
    """The receiver's stream has a hole in which an answer may stand."""
    first_fin: Side | None
    """Whose FIN or RST came first."""
    left_open: tuple[Side, ...]
    """Sides that sent no FIN or RST for more than 5 s of further capture after both Closes."""


class PingOutcome(msgspec.Struct, frozen=True):
    """A ping that never got its pong, told at the end."""

    span: Span
    frame: int
    acknowledged: bool
    writable: int | None
    """Nanoseconds after the acknowledgement in which the peer could write and had not sent a
    Close; None: not known."""


class PongDiffers(msgspec.Struct, frozen=True):
    """A pong whose payload no ping had, while a ping waited that never got its own."""

    span: Span
    frame: int
    payload: bytes
    waited: bytes
    """Payload of the ping that waited."""


class Unsolicited(msgspec.Struct, frozen=True):
    """Pongs nobody asked for, told once a connection and side, at the end."""

    span: Span
    frame: int
    count: int


# ---- transport ------------------------------------------------------------------------------
class Gap(msgspec.Struct, frozen=True):
    """Bytes of one side that the capture lacks although the receiver got them."""

    span: Span
    """`length` 0 where the length is unknown."""
    known_length: bool
    reason: str
    """acknowledged, snap-length, one-direction, buffer-limit, not-known."""


class Overlap(msgspec.Struct, frozen=True):
    """Two segments that carry different bytes for the same place in the stream."""

    span: Span
    kept: bytes
    """The first differing bytes as first seen."""
    other: bytes


Fact: TypeAlias = (
    Handshake
    | EarlyFrames
    | SecondAnswer
    | Frame
    | MaskKeys
    | Foreign
    | CutShort
    | TextFault
    | DeflateFault
    | Bomb
    | Message
    | Close
    | Closing
    | PingOutcome
    | PongDiffers
    | Unsolicited
    | Gap
    | Overlap
)
