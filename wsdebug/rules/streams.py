"""FR109 to FR111: what only the run of frames shows - keys, foreign bytes, a frame cut short."""

from __future__ import annotations

from collections.abc import Iterator

from wsdebug.display.escape import printable
from wsdebug.model.facts import CutShort, Foreign, Frame, MaskKeys
from wsdebug.model.report import Severity
from wsdebug.rules.header import frame_from_header
from wsdebug.rules.registry import Offence, judge, rule

KINDS = {
    "http-response": "an HTTP response",
    "http-request": "an HTTP request",
    "tls-record": "a TLS record",
    "proxy-header": "a PROXY protocol header",
    "ssh-banner": "an SSH banner",
    "json": "JSON text",
    "text": "plain text",
    "newline": "a line end",
    "chunk-size": "an HTTP chunk size",
    "zeros": "zero bytes",
}
"""What foreign bytes look like, by `Foreign.kind`."""


def counted(number: int, noun: str) -> str:
    """`1 byte`, `2 bytes`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


@rule(
    code="FR109",
    title="The client uses the same masking key again and again",
    section="RFC 6455 5.3, RFC 6455 10.3",
    severity=Severity.WARNING,
    fix="Draw four fresh bytes from a strong random source for every frame.",
)
def mask_key_repeated(keys: MaskKeys) -> Iterator[Offence]:
    """Each frame needs a fresh masking key that nobody can foresee. The mask is no secrecy: it
    keeps a hostile page from choosing the bytes that stand on the wire, and a key that is known
    beforehand undoes that.

    It breaks no connection: the receiver unmasks with whatever key the frame carries. Hand-written
    and embedded clients do it, mostly with the key 00 00 00 00, which leaves the payload readable
    on the wire. Some clients do so on purpose over TLS to save time.

    Told once a connection, with the number of frames.
    """
    frames = counted(keys.count, "frame")
    if keys.key == 0:
        saw = f"masking key 00 00 00 00 (all zero) on {frames}"
    else:
        shown = keys.key.to_bytes(4, "big").hex(" ")
        saw = f"masking key {shown} (the same as on the frame before) on {frames}"
    yield Offence(
        keys.first,
        saw,
        "a fresh random key for each frame",
        frame=keys.frame,
        detail={"count": keys.count, "all_zero": keys.key == 0},
    )


@rule(
    code="FR110",
    title="Bytes on the socket that are no WebSocket frame",
    section="RFC 6455 5.2",
    severity=Severity.ERROR,
    fix="Find the second writer on this socket (an HTTP route or error page that answers after "
    "the upgrade, a proxy, a raw write) and take the socket away from it; or the port or scheme "
    "that is wrong.",
    fatal=True,
)
def foreign_bytes(foreign: Foreign) -> Iterator[Offence]:
    """After the handshake only frames may stand on the connection. Here, where a frame should
    begin, stand bytes that are something else: an HTTP response, TLS, JSON, plain text.

    The receiver does not know that. It reads the bytes as a frame header and reports whatever is
    wrong with that; the report says what a decoder makes of them. That is why a log with "RSV1
    must be clear", "RSV2 and RSV3 must be clear", "FIN must be set" or "invalid opcode" so often
    means "somebody wrote text on the socket". `H` of `HTTP/1.1` reads as a Close frame with RSV1
    and without FIN; `{`, `[`, a space and small letters set RSV2 or RSV3, a line feed is a pong
    without FIN.

    Who does it: two owners of one upgrade (two handlers, or a route that also answers); Node's
    request timer, which sends `408 Request Timeout` when no upgrade listener took the socket; a
    load balancer that sends its error page into the stream; TLS on a plain port; a `PROXY`
    header that the server was not told to expect; code that writes on the raw socket.

    Bytes after that side's own Close are a note: the receiver no longer reads them.
    """
    span = foreign.span
    shown = printable(foreign.preview, 60)
    what = KINDS.get(foreign.kind, "bytes of no known kind")
    yield Offence(
        span,
        f"{counted(span.length, 'byte')}, {what}: {shown}",
        "a frame header",
        Severity.NOTE if foreign.after_close else None,
        detail={
            "kind": foreign.kind,
            "length": span.length,
            "preview": shown,
            "as_frame": as_frame(foreign),
            "first_bytes": foreign.preview[:14].hex(),
            "frames_before": foreign.frame,
            "in_message": foreign.in_message,
            **_headers(foreign),
        },
    )


_TELLING = frozenset({"server", "via", "x-powered-by", "connection", "content-type", "cf-ray"})
"""Headers of an HTTP response that say who wrote it."""


def _headers(foreign: Foreign) -> dict[str, object]:
    """How many headers the HTTP message has, and those that tell its writer."""
    if foreign.head is None:
        return {}
    fields = foreign.head.fields
    telling = {one.key: printable(one.value, 80) for one in fields if one.key in _TELLING}
    told = [name for name, words in _SAYINGS if words in foreign.preview]
    return {"headers": telling, "header_count": len(fields), **({"body": told[0]} if told else {})}


_SAYINGS = (
    ("second-upgrade", b"handleUpgrade() was called more than once"),
    ("cannot-get", b"<pre>Cannot "),
    ("hidden-error", b"<pre>Internal Server Error</pre>"),
    ("error", b"<pre>Error: "),
)
"""What Express (finalhandler) and ws say in the body of a page: the first that is in it."""


def as_frame(foreign: Foreign) -> dict[str, object]:
    """What a decoder makes of the first two bytes: the header's fields and the names of the
    rules it breaks. A single byte says nothing of the MASK bit: `mask` is then None.
    """
    frame = _reading(foreign, foreign.header)
    breaks = _broken(frame)
    alone = foreign.span.length == 1
    if alone:  # keep what holds whichever way the MASK bit falls
        otherwise = _broken(_reading(foreign, foreign.header ^ 0x80))
        breaks = [name for name in breaks if name in otherwise]
    return {
        "fin": int(frame.fin),
        "rsv": f"{frame.rsv:03b}",
        "opcode": frame.opcode,
        "mask": None if alone else int(frame.masked),
        "breaks": breaks,
    }


def _reading(foreign: Foreign, header: int) -> Frame:
    return frame_from_header(
        foreign.span.side,
        header,
        foreign.agreed,
        number=foreign.frame,
        offset=foreign.span.offset,
        in_message=foreign.in_message,
        after_close=foreign.after_close,
    )


def _broken(frame: Frame) -> list[str]:
    return list(dict.fromkeys(breach.name for breach in judge(frame)))


@rule(
    code="FR111",
    title="The connection ended inside a frame",
    section="RFC 6455 5.2",
    severity=Severity.WARNING,
    fix="Look at what ended the sender: a crash, a kill, a destroyed socket, a timeout between "
    "the two. If the frame is always cut at the same size, look for a limit on the way.",
)
def frame_cut_short(cut: CutShort) -> Iterator[Offence]:
    """TCP ended, by FIN or by RST, before the frame was complete: the header promised more bytes
    than ever came.

    No healthy sender stops inside a frame. The process died or was killed, the socket was
    destroyed while data still waited in it, or a proxy cut the connection. The application on
    the other side sees 1006, and the message is lost.

    It is not reported where the capture itself ends, has a gap or cut the packets.
    """
    if cut.what == "frame":
        wanted = "the rest of the frame" if cut.wanted is None else f"{cut.wanted} bytes of payload"
        yield Offence(
            cut.span,
            f"{cut.how.upper()} after {counted(cut.got, 'byte')} of payload",
            wanted,
            frame=cut.frame,
            detail={"got": cut.got, "wanted": cut.wanted},
        )
