"""MS101 to MS106: how frames make up messages, and what a message may hold (RFC 6455 5.4, 5.6,
8.1; RFC 7692 7.2.2).
"""

from __future__ import annotations

from collections.abc import Iterator

from wsdebug.display.escape import printable
from wsdebug.model.facts import Bomb, CutShort, DeflateFault, Frame, TextFault
from wsdebug.model.report import Severity
from wsdebug.rules.frames import header_span, lighter_where_unknown
from wsdebug.rules.registry import Offence, rule
from wsdebug.rules.streams import counted


@rule(
    code="MS101",
    title="A continuation although no message was begun",
    section="RFC 6455 5.4",
    severity=Severity.ERROR,
    fix="Begin each fragmented message with a text or binary frame without FIN; send no opcode 0 "
    "after the frame with FIN. One writer a connection, or a lock round each message.",
    fatal=True,
)
def continuation_without_start(frame: Frame) -> Iterator[Offence]:
    """Opcode 0 carries on a message that a text or binary frame without FIN began. Here no
    message is open: the one before was already final, or none had begun.

    It comes from senders that split messages by hand and set FIN too early or the opcode wrongly
    on the first piece, and from two threads that write fragments of two messages at once. The
    `ws` library says "Invalid WebSocket frame: invalid opcode 0".

    Where wsdebug cannot know what came before (a gap, a capture that starts in mid-stream), it
    is not judged.
    """
    if frame.opcode == 0 and not frame.in_message and frame.synchronised:
        yield Offence(
            header_span(frame),
            "opcode 0 (continuation), no message open",
            "opcode 1 or 2 to begin a message",
            lighter_where_unknown(frame),
            frame.number,
        )


@rule(
    code="MS102",
    title="A new message begins inside a fragmented one",
    section="RFC 6455 5.4",
    severity=Severity.ERROR,
    fix="Finish a fragmented message (opcode 0, FIN on the last) before the next begins. One "
    "writer a connection, or a lock round each message.",
    fatal=True,
)
def data_frame_inside_fragmented_message(frame: Frame) -> Iterator[Offence]:
    """Between the first and the last fragment of a message only continuations of it may be sent,
    and control frames. Here a text or binary frame stands where a continuation belongs.

    The usual reason is two writers: one thread streams a long message in pieces while another
    sends a short one. A sender that repeats the opcode on each fragment instead of using 0 makes
    the same picture.

    Pings, pongs and a Close inside a fragmented message are legal.
    """
    if 1 <= frame.opcode <= 7 and frame.in_message and frame.synchronised:
        yield Offence(
            header_span(frame),
            f"opcode {frame.opcode} with a message still open",
            "opcode 0 (continuation) or a control frame",
            lighter_where_unknown(frame),
            frame.number,
        )


_TEXT_FAULTS = {
    "invalid-start": "a byte that cannot begin a character",
    "invalid-continuation": "a character broken off",
    "overlong": "a character written longer than it needs",
    "surrogate": "half of a UTF-16 surrogate pair",
    "too-large": "a value beyond U+10FFFF",
    "truncated": "a character cut off by the end of the message",
}


def _impossible(fault: TextFault) -> str:
    """The byte that makes the text impossible, and the character it stands in."""
    if fault.reason == "truncated" or len(fault.seen) == 1:
        return f"{fault.seen.hex(' ')} at byte {fault.message_offset}"
    return f"{fault.seen[-1:].hex()} (in {fault.seen.hex(' ')}) at byte {fault.message_offset}"


@rule(
    code="MS103",
    title="A text message is not valid UTF-8",
    section="RFC 6455 5.6, RFC 6455 8.1",
    severity=Severity.ERROR,
    fix="Encode text as UTF-8 before sending, cut it only between messages, and send what is no "
    "text as binary.",
    fatal=True,
)
def invalid_utf8(fault: TextFault) -> Iterator[Offence]:
    """A text message as a whole, over all fragments and after inflating, must be UTF-8. A
    receiver must fail the connection, usually with 1007.

    The usual senders: text in Latin-1 or Windows-1252 (a lone E4 for an a umlaut), binary data in
    a text frame, strings cut by bytes in the middle of a character *and sent as messages of
    their own*, surrogate halves out of languages with UTF-16 strings, a C string with rubbish at
    its end.

    A character split between two fragments of one message is legal. Text whose beginning the
    capture lacks is not judged.
    """
    what = _TEXT_FAULTS.get(fault.reason, "bytes that are no UTF-8")
    yield Offence(
        fault.span,
        f"{_impossible(fault)} of the message: {what}",
        "UTF-8 text",
        frame=fault.frame,
        detail={
            "reason": fault.reason,
            "message_offset": fault.message_offset,
            "compressed": fault.compressed,
        },
    )


_DEFLATE_FAULTS = {
    "zlib-error": "data that is no deflate stream",
    "cut-off": "a deflate stream that breaks off",
    "window-exceeded": "a reference beyond the agreed window",
    "context-used": "a reference into an earlier message",
}


def _deflate_wanted(fault: DeflateFault) -> str:
    if fault.reason == "window-exceeded":
        return f"distances of at most {1 << fault.window_bits} bytes"
    if fault.reason == "context-used":
        return "no reference into earlier messages: no_context_takeover was agreed"
    return "raw deflate data that is whole, without its last 00 00 ff ff"


@rule(
    code="MS104",
    title="A compressed message cannot be inflated",
    section="RFC 7692 7.2.2",
    severity=Severity.ERROR,
    fix="Turn permessage-deflate off on one side to confirm. Then look for a proxy that changes "
    "the extension header, for window bits or no_context_takeover that one side ignores, and "
    "for a sender that compresses messages in another order than it sends them.",
    fatal=True,
)
def deflate_data_invalid(fault: DeflateFault) -> Iterator[Offence]:
    """A message marked as compressed (RSV1) must be a raw deflate stream with its last four
    bytes, 00 00 ff ff, taken off; the receiver puts them back and inflates.

    Four things go wrong. The data is no deflate at all: not compressed but marked so, zlib or gzip
    headers left on, or a compression context that the two sides no longer share. The stream
    breaks off: more than the four bytes were taken off, or the message was cut. A distance
    reaches further back than the agreed window: a side ignores `max_window_bits`. Or it
    refers to an earlier message although the 101 says that this side starts afresh each time
    (`no_context_takeover`).

    A sender that leaves the four bytes on breaks the *next* message, not its own. Lenient libraries
    inflate some of these without a word; strict ones close with 1007 or 1002, or drop the
    connection. With 8 window bits zlib cannot check exactly: that is a warning.
    """
    what = _DEFLATE_FAULTS.get(fault.reason, "data that cannot be inflated")
    text = printable(fault.text, 80)
    yield Offence(
        fault.span,
        f"{what} ({text})" if text else what,
        _deflate_wanted(fault),
        None if fault.certain else Severity.WARNING,
        fault.frame,
        {"reason": fault.reason, "window_bits": fault.window_bits},
    )


@rule(
    code="MS105",
    title="A small message inflates to a huge one",
    section="RFC 6455 10.4",
    severity=Severity.WARNING,
    fix="Limit the size of a message after inflating, not only on the wire, and close with 1009.",
)
def deflate_bomb(bomb: Bomb) -> Iterator[Offence]:
    """The message inflates beyond wsdebug's limit (64 MiB unless told otherwise). Above 100:1 it
    is a warning, as a receiver without a limit of its own can be brought down by it; a message
    that is simply big is a note.

    Text that repeats itself compresses well: logs and JSON rarely pass 30:1. Deflate cannot pass
    1032:1. The rest of the message was counted and thrown away, its content not judged.
    """
    lighter = None if bomb.inflated > 100 * bomb.compressed else Severity.NOTE
    yield Offence(
        bomb.span,
        f"{bomb.compressed} bytes that inflate to {bomb.inflated}",
        "a message within the receiver's limit",
        lighter,
        bomb.frame,
        {"compressed": bomb.compressed, "inflated": bomb.inflated},
    )


@rule(
    code="MS106",
    title="The connection ended inside a fragmented message",
    section="RFC 6455 5.4",
    severity=Severity.WARNING,
    fix="Look at what ended the sender before its last fragment: an exception in the code that "
    "produces the pieces, a kill, a timeout.",
)
def message_cut_short(cut: CutShort) -> Iterator[Offence]:
    """A fragmented message was begun and its last fragment, the one with FIN, never came. The
    receiver has thrown the pieces away, or handed over half a message if it streams.

    Senders that stream a response and fail half-way leave this. If a Close ended it, it is
    legal and only a note.
    """
    if cut.what == "message":
        yield Offence(
            cut.span,
            f"{cut.how.upper()} after {counted(cut.got, 'byte')} of the message",
            "a last fragment with FIN bit 1",
            Severity.NOTE if cut.closed else None,
            cut.frame,
        )
