"""CL101 to CL110: Close frames and the closing handshake (RFC 6455 5.5.1, 7)."""

from __future__ import annotations

from collections.abc import Iterator

from wsdebug.display.escape import printable
from wsdebug.knowledge.close_codes import is_allowed_on_wire, is_clean, is_reserved_for_reports
from wsdebug.model.facts import Close, Closing, Frame
from wsdebug.model.place import Side
from wsdebug.model.report import Severity
from wsdebug.rules.frames import header_span
from wsdebug.rules.registry import Offence, rule

SECOND = 1_000_000_000
PATIENCE = 5 * SECOND
"""How long a receiver must be seen alive before a missing answer means anything."""

_FAILED_CODES = (1002, 1007, 1009, 1010, 1011)


def _is_judged(close: Close) -> bool:
    # RFC 6455 1.4: what comes after the first Close of a side is not read any more.
    return close.index == 0


@rule(
    code="CL101",
    title="A Close frame with a body of one byte",
    section="RFC 6455 5.5.1",
    severity=Severity.ERROR,
    fix="Send a Close with no body, or with a code of two bytes in network byte order and then "
    "the reason.",
    fatal=True,
)
def close_payload_1_byte(close: Close) -> Iterator[Offence]:
    """The body of a Close is empty or begins with a two-byte code. One byte is neither; a
    receiver treats it as a protocol error (1002).

    Only hand-written senders do it, mostly by writing the code as one byte.
    """
    if _is_judged(close) and close.body == "1-byte":
        yield Offence(
            close.span, "a body of 1 byte", "no body, or 2 bytes and more", frame=close.frame
        )


@rule(
    code="CL102",
    title="A close code that must never be sent",
    section="RFC 6455 7.4.1",
    severity=Severity.ERROR,
    fix="Send a Close without a body (the peer reports 1005), or 1000, 1001 or 1011. Do not pass "
    "on the code your library reported.",
    fatal=True,
)
def close_code_not_allowed_on_wire(close: Close) -> Iterator[Offence]:
    """1005, 1006 and 1015 are words of the API, not of the wire: "the Close had no code", "there
    was no Close" and "TLS failed". An endpoint makes them up for its own application.

    On the wire they come from proxies and wrappers that hand the code of one connection on to the
    other: the upstream was lost, the library said 1006, and 1006 was sent to the client. A
    strict client fails with 1002 and so hides the real reason.
    """
    if _is_judged(close) and close.code is not None and is_reserved_for_reports(close.code):
        yield Offence(
            close.span,
            f"close code {close.code}",
            "a code that may be sent: 1000 to 1003, 1007 to 1014, 3000 to 4999",
            frame=close.frame,
        )


@rule(
    code="CL103",
    title="A close code that is not valid",
    section="RFC 6455 7.4.1, RFC 6455 7.4.2",
    severity=Severity.ERROR,
    fix="Use a code of the standard (1000, 1001, 1008, 1011 …) or one of your own from 4000 to "
    "4999, and write it in network byte order.",
    fatal=True,
)
def close_code_invalid(close: Close) -> Iterator[Offence]:
    """Codes 0 to 999 do not exist, 1004 and 1016 to 2999 are reserved for later standards. Every
    strict library fails the connection with 1002 when it meets one. 5000 and above stand outside
    every range the standard gives out: a warning.

    Legal are 1000 to 1003, 1007 to 1014, 3000 to 3999 (registered by libraries) and 4000 to 4999
    (private). The usual mistakes: an HTTP status as a code (403, 500), 2000 and the like for an
    application's own errors, and the two bytes in the wrong order: 1000 then reads as 59395. 25209
    is "by", the beginning of a Python bytearray written as text: gevent-websocket 0.10.1 answers a
    Close with it, in connections that are otherwise healthy.
    """
    code = close.code
    if not _is_judged(close) or code is None:
        return
    if is_allowed_on_wire(code) or is_reserved_for_reports(code):
        return
    swapped = int.from_bytes(code.to_bytes(2, "little"), "big")
    hint = f" ({swapped} in the wrong byte order)" if is_allowed_on_wire(swapped) else ""
    yield Offence(
        close.span,
        f"close code {code}{hint}",
        "1000 to 1003, 1007 to 1014, or 3000 to 4999",
        Severity.WARNING if code >= 5000 else None,
        close.frame,
    )


@rule(
    code="CL104",
    title="The reason of a Close is not valid UTF-8",
    section="RFC 6455 5.5.1",
    severity=Severity.ERROR,
    fix="Encode the reason as UTF-8 and cut it at a character's border, at most 123 bytes.",
    fatal=True,
)
def invalid_utf8_close_reason(close: Close) -> Iterator[Offence]:
    """What follows the code in a Close is text in UTF-8. A receiver answers a broken one with
    1007 and its application sees an error in place of the reason.

    The usual sender cut a long message at 123 bytes in the middle of a character.
    """
    if _is_judged(close) and close.reason_fault is not None:
        at = close.reason_fault
        yield Offence(
            close.span,
            f"byte {close.reason[at : at + 1].hex()} at {at} of the reason: "
            f"{printable(close.reason, 60)}",
            "UTF-8 text",
            frame=close.frame,
        )


@rule(
    code="CL105",
    title="A frame after that side's own Close",
    section="RFC 6455 5.5.1",
    severity=Severity.ERROR,
    fix="Stop sending once a Close is sent: check the state, or lock, before each send, and stop "
    "timers that ping or publish.",
)
def frame_after_close(frame: Frame) -> Iterator[Offence]:
    """After its own Close a side must not send data any more. The receiver has stopped reading,
    so the message is lost without an error on either side.

    It happens where one thread closes while another still sends. A ping or pong after the own
    Close does no harm and is a note. Data sent after *receiving* a Close and before answering it
    is legal, and is not meant here.
    """
    # A further Close is second-close.
    if frame.after_close and frame.opcode != 8:
        yield Offence(
            header_span(frame),
            f"opcode {frame.opcode} after the own Close",
            "nothing after a Close",
            Severity.NOTE if frame.is_control else None,
            frame.number,
        )


@rule(
    code="CL106",
    title="A second Close of the same side",
    section="RFC 6455 5.5.1",
    severity=Severity.NOTE,
    fix="Nothing to do, unless your own code sends both: then send one.",
)
def second_close(close: Close) -> Iterator[Offence]:
    """One Close a side is enough: it begins the closing or answers it. A second one is not read
    by anybody and does no harm.

    It appears when both sides close at the same moment and a library answers a Close although its
    own is already on the way (some versions of `ws`), or when the application and the library
    both close.
    """
    if close.index >= 1:
        yield Offence(close.span, "a second Close", "one Close a side", frame=close.frame)


def _who(side: Side) -> str:
    return f"the {side.value}"


@rule(
    code="CL107",
    title="A Close was never answered",
    section="RFC 6455 5.5.1",
    severity=Severity.WARNING,
    fix="Keep reading in the application so that the library sees the Close, and let the library "
    "answer; do not leave a connection while its event loop is blocked.",
)
def close_not_answered(closing: Closing) -> Iterator[Offence]:
    """A Close must be answered by a Close. This one was received (TCP acknowledged it), the
    receiver went on living for five seconds or more or even sent more data, and never answered.

    The kernel acknowledges, the application reads. So the process is busy or blocked, nobody
    reads the connection any more, or a proxy on the way swallowed the Close. The closing side
    waits until its timeout and reports 1006.

    It is not reported when the closing side itself failed the connection and hung up (1002, 1007,
    1009 to 1011): then nobody was left to answer to; nor where the capture has a hole in which
    the answer may stand.
    """
    first = closing.first
    lived = closing.peer_lived
    alive = closing.peer_sent_more or (lived is not None and lived >= PATIENCE)
    failed = closing.closer_hung_up and first.code in _FAILED_CODES
    if closing.answer or not closing.acknowledged or not alive or failed or closing.gap_follows:
        return
    receiver = _who(first.span.side.other)
    if lived is not None and lived >= PATIENCE:
        saw = f"no Close from {receiver} in {lived / SECOND:.1f} s"
    else:
        saw = f"more data and no Close from {receiver}"
    yield Offence(first.span, saw, f"a Close from {receiver} as soon as it can", frame=first.frame)


@rule(
    code="CL108",
    title="The answer to a Close carries another code",
    section="RFC 6455 5.5.1",
    severity=Severity.NOTE,
    fix="Nothing to do: answer with the code received if you want both logs to agree.",
)
def close_code_not_echoed(closing: Closing) -> Iterator[Offence]:
    """The answer to a Close usually repeats its code. This answer was sent after the first Close
    had arrived and says something else, so the two applications log different codes.

    It breaks nothing. Some libraries always answer 1000, some send their own code if the
    application closed at the same time. Two Closes that crossed on the wire are no answers and
    are not judged, nor is the answer to a Close that was itself invalid.
    """
    first, answer = closing.first, closing.answer
    if answer is None or not closing.answered_after_arrival:
        return
    if first.code is None or not is_allowed_on_wire(first.code) or first.reason_fault is not None:
        return
    if answer.code != first.code:
        saw = "no code" if answer.code is None else f"close code {answer.code}"
        yield Offence(answer.span, saw, f"close code {first.code}", frame=answer.frame)


@rule(
    code="CL109",
    title="The client closed TCP before the server did",
    section="RFC 6455 7.1.1",
    severity=Severity.NOTE,
    fix="Nothing to do for a few connections. A client under load should wait for the server's "
    "FIN after both Closes, at least for a short while.",
)
def client_closed_tcp_first(closing: Closing) -> Iterator[Offence]:
    """After both Close frames the server should end TCP and the client wait for it. Then the
    side with the fixed address keeps the TIME_WAIT state and the client's port is free at once.

    Here the client's FIN or RST came first, after a clean close. It harms only clients that open
    very many connections from one address: their ports run out.
    """
    first, answer = closing.first, closing.answer
    if answer is None or closing.first_fin is not Side.CLIENT:
        return
    if all(close.body != "1-byte" and is_clean(close.code) for close in (first, answer)):
        own = first if first.span.side is Side.CLIENT else answer
        yield Offence(
            own.span,
            "the client's FIN or RST before the server's",
            "the server to end TCP first",
            frame=own.frame,
        )


@rule(
    code="CL110",
    title="TCP stayed open after both Closes",
    section="RFC 6455 5.5.1, RFC 6455 7.1.1",
    severity=Severity.WARNING,
    fix="End TCP in the server as soon as both Closes are through; look for a proxy that keeps "
    "the connection, or for a socket that nobody closes.",
)
def tcp_left_open(closing: Closing) -> Iterator[Offence]:
    """Both sides have sent their Close, and more than five seconds of capture later this side
    has still not ended TCP. The server must do so at once; for a client, which may wait for the
    server, it is a note.

    Each such connection holds a socket, and memory, until a timeout frees it: servers that forget
    to close run out of file descriptors after days.
    """
    if closing.answer is None:
        return
    for side in closing.left_open:
        own = closing.first if closing.first.span.side is side else closing.answer
        yield Offence(
            own.span,
            f"no FIN from {_who(side)} for more than 5 s",
            "TCP ended after both Closes",
            Severity.NOTE if side is Side.CLIENT else None,
            own.frame,
        )
