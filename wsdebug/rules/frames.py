"""FR101 to FR108: what a single frame header may say (RFC 6455 5.2 to 5.5)."""

from __future__ import annotations

from collections.abc import Iterator

from wsdebug.model.facts import Frame
from wsdebug.model.place import Part, Side, Span
from wsdebug.model.report import Severity
from wsdebug.rules.registry import Offence, rule

_DATA_OPCODES = (1, 2)


def header_span(frame: Frame, length: int = 2) -> Span:
    """The first `length` bytes of the frame's header; two unless an extended length matters."""
    return Span(frame.side, Part.STREAM, frame.offset, length, frame.packet, frame.time)


def lighter_where_unknown(frame: Frame) -> Severity | None:
    """A note where an extension we do not know was accepted: the oddity may be its own."""
    return Severity.NOTE if frame.agreed.unknown else None


def _rsv1_is_legal(frame: Frame) -> bool:
    # RFC 7692 6: RSV1 marks a compressed message and stands on its first frame alone.
    # Handshake not captured: permessage-deflate may have been agreed.
    agreed = frame.agreed
    return frame.opcode in _DATA_OPCODES and (agreed.deflate is not None or not agreed.known)


def _rsv1_wanted(frame: Frame) -> str:
    if frame.is_control:
        return "RSV1 0: control frames are never compressed"
    if frame.opcode == 0:
        return "RSV1 0: only the first frame of a message says that it is compressed"
    return "RSV1 0: no extension was negotiated that uses it"


@rule(
    code="FR101",
    title="A reserved bit is set that no extension uses",
    section="RFC 6455 5.2, RFC 7692 6",
    severity=Severity.ERROR,
    fix="Find out who sets the bit: a side that compresses although the 101 did not agree to "
    "permessage-deflate, or something that writes bytes on the socket that are no frame. Turn "
    "compression off on one side to tell the two apart.",
    fatal=True,
)
def reserved_bits_set(frame: Frame) -> Iterator[Offence]:
    """The three bits behind FIN belong to extensions. A frame may set one only if an extension
    that gives it a meaning was agreed in the handshake; else the receiver must fail the
    connection, usually with 1002.

    RSV1 is the bit of permessage-deflate: "this message is compressed". It stands on the first
    frame of a data message only, never on a continuation and never on a control frame. RSV2 and
    RSV3 are used by nothing in common use.

    Who does it: a library or a proxy that compresses on one leg and not on the other; a server
    that accepted the extension but whose 101 was rewritten on the way; text written straight to
    the socket, since every printable ASCII character sets at least one of these bits. The `ws`
    library says "Invalid WebSocket frame: RSV1 must be clear" or "RSV2 and RSV3 must be clear".

    If the 101 accepted an offered extension that wsdebug does not know, the bit may be its own
    and this is a note. Where the handshake was not captured, RSV1 on the first frame of a data
    message is not judged.
    """
    if frame.rsv & 4 and not _rsv1_is_legal(frame):
        yield _reserved(frame, "RSV1 1", _rsv1_wanted(frame))
    if frame.rsv & 2:
        yield _reserved(frame, "RSV2 1", "RSV2 0: no extension was negotiated that uses it")
    if frame.rsv & 1:
        yield _reserved(frame, "RSV3 1", "RSV3 0: no extension was negotiated that uses it")


def _reserved(frame: Frame, saw: str, wanted: str) -> Offence:
    lighter = lighter_where_unknown(frame)
    return Offence(header_span(frame), saw, wanted, lighter, frame.number)


@rule(
    code="FR102",
    title="The opcode is one that nobody has defined",
    section="RFC 6455 5.2",
    severity=Severity.ERROR,
    fix="Look at the bytes: mostly they are no frame at all, or the frame before had a wrong "
    "length and the reader is out of step. Repair the writer, not the reader.",
    fatal=True,
)
def unknown_opcode(frame: Frame) -> Iterator[Offence]:
    """Opcodes 0 to 2 and 8 to 10 are defined; 3 to 7 and 11 to 15 are kept for later. A receiver
    that meets one must fail the connection.

    In practice nobody sends them on purpose. They appear when a reader has lost the frame
    border: the length of an earlier frame was counted in characters instead of bytes, two
    threads wrote at once, or something other than a WebSocket library wrote on the socket.

    If the 101 accepted an offered extension that wsdebug does not know, the opcode may be its
    own and this is a note.
    """
    if 3 <= frame.opcode <= 7 or frame.opcode >= 11:
        yield Offence(
            header_span(frame),
            f"opcode {frame.opcode}",
            "opcode 0, 1, 2, 8, 9 or 10",
            lighter_where_unknown(frame),
            frame.number,
        )


def _reserved_control(frame: Frame) -> Severity | None:
    # What an unknown extension's own opcode may look like is the extension's business.
    return lighter_where_unknown(frame) if frame.opcode >= 11 else None


@rule(
    code="FR103",
    title="A control frame is fragmented",
    section="RFC 6455 5.5",
    severity=Severity.ERROR,
    fix="Send Close, ping and pong in one frame with FIN set.",
    fatal=True,
)
def control_frame_fragmented(frame: Frame) -> Iterator[Offence]:
    """Close, ping and pong must fit in one frame, so FIN is always set on them. That lets them
    pass between the fragments of a long message without anybody having to put pieces together.

    A control frame without FIN usually is no control frame: `H`, the first byte of an HTTP
    response, reads as a Close without FIN, and a line feed as a pong without FIN. A real one
    comes from a hand-written sender that splits everything into fragments.
    """
    if frame.is_control and not frame.fin:
        yield Offence(
            header_span(frame), "FIN bit 0", "FIN bit 1", _reserved_control(frame), frame.number
        )


@rule(
    code="FR104",
    title="The client sent a frame without a mask",
    section="RFC 6455 5.1",
    severity=Severity.ERROR,
    fix="Set the MASK bit and XOR the payload with a fresh random key in the client; or find the "
    "proxy that rewrites frames between the client and this capture.",
    fatal=True,
)
def client_frame_not_masked(frame: Frame) -> Iterator[Offence]:
    """Every frame a client sends must be masked, control frames and empty ones too, so that a
    hostile page cannot choose the exact bytes that a proxy on the way will see.

    A server that meets an unmasked frame must close the connection, usually with 1002; the `ws`
    library says "Invalid WebSocket frame: MASK must be set". Browsers always mask. An unmasked
    frame points to a hand-written client, to a client that uses a server's encoder, or to a
    proxy that ended the WebSocket and sends the server's frames on as they are.

    Not every server checks: uWebSockets takes the first four bytes of the payload for the key and
    waits for four more, so that the message hangs or comes out as rubbish.

    TLS does not lift the duty. No extension in use does either.
    """
    if frame.side is Side.CLIENT and not frame.masked:
        yield Offence(header_span(frame), "MASK bit 0", "MASK bit 1", frame=frame.number)


@rule(
    code="FR105",
    title="The server sent a masked frame",
    section="RFC 6455 5.1",
    severity=Severity.ERROR,
    fix="Clear the MASK bit and send the payload as it is from the server; or find the proxy or "
    "echo that sends a client's frames back unchanged.",
    fatal=True,
)
def server_frame_masked(frame: Frame) -> Iterator[Offence]:
    """A server must not mask. A client that meets a masked frame must close the connection;
    browsers say "A server must not mask any frames that it sends to the client".

    It comes from a hand-written server that uses the client's half of a library, from an echo
    test that sends the received bytes back raw, and from a proxy that copies one side's frames
    to the other. If *every* frame of both sides is wrong, the capture was probably read with
    the roles swapped. Some clients read masked frames all the same (npm `websocket`, aiohttp,
    websocket-client).
    """
    if frame.side is Side.SERVER and frame.masked:
        yield Offence(header_span(frame), "MASK bit 1", "MASK bit 0", frame=frame.number)


@rule(
    code="FR106",
    title="A control frame carries more than 125 bytes",
    section="RFC 6455 5.5",
    severity=Severity.ERROR,
    fix="Keep ping and pong payloads and close reasons short: at most 125 bytes, of which a close "
    "code takes two. Cut a reason by bytes, at a character's border.",
    fatal=True,
)
def control_frame_too_long(frame: Frame) -> Iterator[Offence]:
    """The payload of a Close, ping or pong is at most 125 bytes, so that every receiver can
    answer it at once from a fixed buffer. A longer one must be refused, usually with 1002.

    The usual sender put a whole exception text into the close reason (123 bytes are left for
    it), or counted characters where the limit is in bytes.
    """
    if frame.is_control and frame.length > 125:
        yield Offence(
            header_span(frame, frame.header_length),
            f"{frame.length} bytes of payload",
            "at most 125 bytes",
            _reserved_control(frame),
            frame.number,
        )


@rule(
    code="FR107",
    title="The length is written in more bytes than it needs",
    section="RFC 6455 5.2",
    severity=Severity.ERROR,
    fix="Write lengths up to 125 in the 7-bit field, up to 65535 in two bytes, and only longer "
    "ones in eight.",
)
def length_not_minimal(frame: Frame) -> Iterator[Offence]:
    """There are three ways to write a payload's length and the shortest that fits must be used:
    7 bits up to 125, 16 bits up to 65535, 64 bits above.

    Many receivers (`ws`, Python `websockets`) read the longer form all the same, so this need
    not be what broke the connection; strict ones (Chromium, wsproto) refuse it with 1002. The
    usual sender is embedded code that always writes eight bytes. A length that is not minimal
    amid good frames can also be a reader out of step: then look at the frame before.
    """
    short = frame.header & 0x7F
    if (short == 126 and frame.length <= 125) or (short == 127 and frame.length <= 0xFFFF):
        bits, fit = (16, 7) if short == 126 else (64, 7 if frame.length <= 125 else 16)
        yield Offence(
            header_span(frame, frame.header_length),
            f"length {frame.length} in the {bits}-bit form",
            f"the {fit}-bit form",
            frame=frame.number,
        )


@rule(
    code="FR108",
    title="The highest bit of a 64-bit length is set",
    section="RFC 6455 5.2",
    severity=Severity.ERROR,
    fix="Look at the bytes before this header: they are where the sender or the reader got out "
    "of step. If the length itself is meant, write it in network byte order.",
    fatal=True,
)
def length_high_bit_set(frame: Frame) -> Iterator[Offence]:
    """A 64-bit length must have its highest bit clear. No payload is that long (8 EiB): such a
    header is no header, or the length was written in the wrong byte order (least significant
    byte first), or a negative number was sent.

    Where the next frame begins cannot be known from it, so wsdebug stops reading that side here
    and looks for the next frame border.
    """
    if frame.header & 0x7F == 127 and frame.length >> 63:
        yield Offence(
            header_span(frame, frame.header_length),
            f"length 0x{frame.length:016X}",
            "a 64-bit length with its highest bit 0",
            frame=frame.number,
        )
