"""HS101 to HS107: the client's request, and the form of both heads (RFC 6455 4.1; RFC 9112)."""

from __future__ import annotations

from collections.abc import Iterator

from wsdebug.model.handshake import Handshake, Head, HeadFault
from wsdebug.model.report import Severity
from wsdebug.rules.handshake.fields import (
    has_token,
    is_host,
    is_key,
    line,
    shown,
    whole_answer,
    whole_request,
)
from wsdebug.rules.registry import Offence, rule
from wsdebug.rules.streams import counted


@rule(
    code="HS101",
    title="The upgrade request is not a GET",
    section="RFC 6455 4.1",
    severity=Severity.ERROR,
    fix="Open WebSockets with GET. If your client does, look for a proxy that changes the method.",
    fatal=True,
    only_http1=True,
)
def method_not_get(handshake: Handshake) -> Iterator[Offence]:
    """A WebSocket over HTTP/1.1 is opened with GET, written in capitals. A server answers any
    other method with 405 or 400, or treats the request as an ordinary one.

    It comes from HTTP clients that were given WebSocket headers by hand. Over HTTP/2 the method is
    CONNECT; this rule does not apply there.
    """
    head = handshake.request
    if head is not None and head.method is not None and head.method != "GET":
        yield Offence(head.span(), f"method {shown(head.method)}", "method GET")


def _version(head: Head) -> str:
    major, minor = head.version or (0, 0)
    return f"HTTP/{major}.{minor}"


@rule(
    code="HS102",
    title="The handshake uses an HTTP version that knows no upgrade",
    section="RFC 6455 4.1, RFC 9110 15.2",
    severity=Severity.ERROR,
    fix="Let the proxy speak HTTP/1.1 to the server (nginx: proxy_http_version 1.1, and pass "
    "Upgrade and Connection on).",
    fatal=True,
    only_http1=True,
)
def http_version_too_old(handshake: Handshake) -> Iterator[Offence]:
    """An upgrade needs HTTP/1.1. In an HTTP/1.0 request the Upgrade header means nothing and a
    server must ignore it; a 101 with an HTTP/1.0 status line does not exist, and strict clients
    refuse it.

    The usual sender is a proxy: nginx speaks HTTP/1.0 to its upstreams unless told otherwise, and
    mostly drops Upgrade as well. Where Upgrade is gone this is a note: the client is innocent,
    and upgrade-header-missing says more.
    """
    request = handshake.request
    if request is not None and request.version is not None and request.version < (1, 1):
        upgrades = bool(request.all("upgrade"))
        if upgrades or request.complete:
            lighter = None if upgrades else Severity.NOTE
            yield Offence(request.span(), _version(request), "HTTP/1.1", lighter)
    answer = handshake.response
    # RFC 9110 15.2: HTTP/1.0 has no 1xx answers.
    if answer is not None and handshake.is_accepted and (answer.version or (1, 1)) < (1, 1):
        yield Offence(answer.span(), f"{_version(answer)} 101", "HTTP/1.1 101")


@rule(
    code="HS103",
    title="The Host header is missing or no host",
    section="RFC 9112 3.2",
    severity=Severity.ERROR,
    fix="Send one Host header with the host, and the port if it is not 80 (wss: 443).",
    fatal=True,
    only_http1=True,
)
def bad_host(handshake: Handshake) -> Iterator[Offence]:
    """Each HTTP/1.1 request carries exactly one Host header with host[:port]; without it a server
    answers 400. Virtual servers and load balancers choose by it where the request goes.

    Hand-written clients forget it or put a whole URL in. Two Host lines come from proxies that add
    one in place of replacing it, and are refused because two readers may choose differently.
    """
    request = whole_request(handshake)
    if request is None:
        return
    hosts = request.all("host")
    if not hosts:
        yield Offence(request.span(), "no Host header", "one Host header")
    for field in hosts[1:]:
        yield Offence(
            request.span(field), f"a further Host header: {line(field)}", "one Host header"
        )
    for field in hosts[:1]:
        if not is_host(field.value):
            yield Offence(request.span(field), line(field), "Host: host[:port]")


@rule(
    code="HS104",
    title="Upgrade or Connection does not ask for, or confirm, a WebSocket",
    section="RFC 6455 4.1, RFC 6455 4.2.2",
    severity=Severity.ERROR,
    fix="Pass both headers on in each proxy (nginx: proxy_set_header Upgrade $http_upgrade; "
    'proxy_set_header Connection "upgrade";). In the server send `Upgrade: websocket` and '
    "`Connection: Upgrade` with the 101.",
    fatal=True,
    only_http1=True,
)
def upgrade_header_missing(handshake: Handshake) -> Iterator[Offence]:
    """`Upgrade: websocket` together with `Connection: Upgrade` is what turns a GET into a
    WebSocket; without them a server answers as to any page, mostly 400, 404, 426 or 200.

    Both headers are hop by hop: each proxy must take them away, and put them back only if it was
    told to. So in a request the sender may be innocent, and this is a warning. A 101 must
    confirm them: Upgrade must be exactly `websocket`, and Connection must hold `upgrade`, or the
    client fails.

    Case does not matter, further words in the lists are legal: `Connection: keep-alive, Upgrade` is
    what Firefox sends. A few clients refuse further words in the 101 all the same (undici, npm
    `websocket`); a server does well to send `Upgrade` alone.
    """
    request, answer = whole_request(handshake), whole_answer(handshake)
    if request is not None:
        if not has_token(request.all("upgrade"), "websocket"):
            yield _unasked(request, "Upgrade", "websocket", Severity.WARNING)
        if not has_token(request.all("connection"), "upgrade"):
            yield _unasked(request, "Connection", "upgrade", Severity.WARNING)
    if answer is not None:
        values = [field.value.lower() for field in answer.all("upgrade")]
        # RFC 6455 4.1: the whole value must be websocket, not one of a list.
        if values != ["websocket"]:
            yield _unasked(answer, "Upgrade", "websocket", None)
        if not has_token(answer.all("connection"), "upgrade"):
            yield _unasked(answer, "Connection", "upgrade", None)


def _unasked(head: Head, name: str, wanted: str, severity: Severity | None) -> Offence:
    fields = head.all(name.lower())
    saw = "; ".join(line(field) for field in fields[:3]) or f"no {name} header"
    place = head.span(fields[0]) if fields else head.span()
    return Offence(place, saw, f"{name}: {wanted}", severity)


@rule(
    code="HS105",
    title="Sec-WebSocket-Key is missing or no key",
    section="RFC 6455 4.1, RFC 6455 11.3.1",
    severity=Severity.ERROR,
    fix="Send one Sec-WebSocket-Key: 16 random bytes in base64, 24 characters with `==` at the "
    "end, new for each connection.",
    fatal=True,
    only_http1=True,
)
def bad_key(handshake: Handshake) -> Iterator[Offence]:
    """The key proves that the server understood the WebSocket request: it must come back, hashed,
    as Sec-WebSocket-Accept. It is 16 random bytes in base64. A server answers anything else
    with 400.

    Hand-written clients send plain text, or base64 of another length. Two keys come from a
    proxy or a test tool that adds its own.
    """
    request = whole_request(handshake)
    if request is None:
        return
    keys = request.all("sec-websocket-key")
    if not keys:
        yield Offence(request.span(), "no Sec-WebSocket-Key", "one Sec-WebSocket-Key")
    for field in keys[1:]:
        yield Offence(request.span(field), f"a further key: {line(field)}", "one Sec-WebSocket-Key")
    for field in keys[:1]:
        if not is_key(field.value):
            yield Offence(request.span(field), line(field), "16 bytes in base64 (24 characters)")


@rule(
    code="HS106",
    title="Sec-WebSocket-Version is not 13",
    section="RFC 6455 4.1",
    severity=Severity.ERROR,
    fix="Send `Sec-WebSocket-Version: 13` once. Replace a client that speaks a draft (0, 7, 8).",
    fatal=True,
)
def bad_version(handshake: Handshake) -> Iterator[Offence]:
    """The version of RFC 6455 is 13, and no other is in use. A server that does not take the
    version answers 426 (some 400) and lists those it takes in its own Sec-WebSocket-Version.

    Other numbers come from clients of the drafts before 2012, a missing one from headers written
    by hand or filtered by a proxy.
    """
    request = whole_request(handshake)
    if request is None:
        return
    versions = request.all("sec-websocket-version")
    wanted = "Sec-WebSocket-Version: 13" + _versions_taken(handshake.response)
    if not versions:
        yield Offence(request.span(), "no Sec-WebSocket-Version", wanted)
    for field in versions[1:]:
        yield Offence(request.span(field), f"a further version: {line(field)}", wanted)
    for field in versions[:1]:
        if field.value != "13":
            yield Offence(request.span(field), line(field), wanted)


def _versions_taken(response: Head | None) -> str:
    # RFC 6455 4.4: with a 426, in practice with a 400 too, the server lists the versions it takes.
    if response is None or response.status == 101:
        return ""
    taken = ", ".join(field.value for field in response.all("sec-websocket-version"))
    return f" (the server takes {shown(taken)})" if taken else ""


_FORM_FAULTS = {
    HeadFault.BAD_NAME: ("a line whose name is no token, or without a colon", "name: value"),
    HeadFault.SPACE_BEFORE_COLON: ("white space before the colon", "no space before the colon"),
    HeadFault.FOLDED: ("a line folded over two lines", "each header in one line"),
    HeadFault.BARE_LF: ("a line ended by LF alone", "CR LF at the end of each line"),
    HeadFault.BARE_CR: ("a CR without LF", "CR LF at the end of each line"),
    HeadFault.NUL: ("a NUL byte", "no NUL byte in a header"),
    HeadFault.BAD_START_LINE: ("a start line that is no HTTP", "a start line of HTTP/1.1"),
}


@rule(
    code="HS107",
    title="A header of the handshake is malformed",
    section="RFC 9112 2.2, RFC 9112 5.1, RFC 9112 5.2, RFC 9110 5.5, RFC 9110 5.6.2",
    severity=Severity.ERROR,
    fix="Write each header as `Name: value` and end it with CR LF; filter CR, LF and NUL from "
    "values that come from users.",
    fatal=True,
)
def handshake_header_malformed(handshake: Handshake) -> Iterator[Offence]:
    """A header line is a name, a colon at once behind it, a value, CR LF. Names are made of
    letters, digits and a few signs; CR, LF and NUL may not stand in a value; a line that
    begins with white space (folding) was given up.

    A server answers most of these with 400, and proxies refuse them because two readers could
    understand them differently (request smuggling). Some readers take them silently, so one
    hop may work and the next not. Lines ended by LF alone are read by almost everybody: a warning.

    Hand-written clients and servers, and values pasted in with a line end, are the usual source.
    Each kind is told once a head. Bytes 80 to FF inside a value are legal.
    """
    heads = [handshake.request, handshake.response if handshake.is_accepted else None]
    for head in heads:
        if head is not None:
            for kind in dict.fromkeys(fault.kind for fault in head.faults):
                yield _form_fault(head, kind)


def _form_fault(head: Head, kind: HeadFault) -> Offence:
    faults = [fault for fault in head.faults if fault.kind is kind]
    saw, wanted = _FORM_FAULTS[kind]
    times = f" ({counted(len(faults), 'time')})" if len(faults) > 1 else ""
    return Offence(
        head.span(faults[0]),
        saw + times,
        wanted,
        Severity.WARNING if kind is HeadFault.BARE_LF else None,
        detail={"kind": kind.value, "count": len(faults)},
    )
