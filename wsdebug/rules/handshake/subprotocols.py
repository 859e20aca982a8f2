"""HS114 to HS116: Sec-WebSocket-Protocol (RFC 6455 1.9, 4.1, 4.2.2, 11.3.4)."""

from __future__ import annotations

from collections.abc import Iterator

from wsdebug.model.handshake import Field, Handshake, Head
from wsdebug.model.report import Severity
from wsdebug.rules.handshake.fields import (
    elements,
    is_token,
    line,
    shown,
    whole_answer,
    whole_request,
)
from wsdebug.rules.registry import Offence, rule

_HEADER = "sec-websocket-protocol"


def _offered(request: Head) -> list[tuple[Field, str]]:
    return elements(request.all(_HEADER))


@rule(
    code="HS114",
    title="The server chose a subprotocol that was not offered",
    section="RFC 6455 4.1, RFC 6455 11.3.4",
    severity=Severity.ERROR,
    fix="Choose one of the names the client sent, letter for letter, or send no "
    "Sec-WebSocket-Protocol at all.",
    fatal=True,
)
def subprotocol_not_offered(handshake: Handshake) -> Iterator[Offence]:
    """The 101 may name one subprotocol, out of those the client offered. Case matters. A client
    must fail the connection otherwise; `ws` says "Server sent an invalid subprotocol" or
    "Server sent a subprotocol but none was requested".

    Servers that always name their protocol do it, or that send the whole offered list back, or
    an empty header. Proxies that drop the request's header make an innocent server look so.
    """
    answer, request = whole_answer(handshake), whole_request(handshake)
    if answer is None:
        return
    chosen = elements(answer.all(_HEADER))
    if len(chosen) > 1:
        lines = "; ".join(line(field) for field in answer.all(_HEADER)[:3])
        yield Offence(answer.span(chosen[1][0]), lines, "one subprotocol")
        return
    if not chosen or request is None:
        return
    field, name = chosen[0]
    names = list(dict.fromkeys(offer for _, offer in _offered(request) if offer))
    if name not in names:
        offers = "one of: " + ", ".join(shown(offer) for offer in names[:10])
        wanted = offers if names else "no Sec-WebSocket-Protocol: none was offered"
        yield Offence(answer.span(field), line(field), wanted)


@rule(
    code="HS115",
    title="The list of offered subprotocols is malformed",
    section="RFC 6455 4.1",
    severity=Severity.WARNING,
    fix="Offer each subprotocol once, by a name of letters, digits, `.`, `-`, `_` and the like; "
    "leave the header out where there is none.",
)
def subprotocol_offer_invalid(handshake: Handshake) -> Iterator[Offence]:
    """Each offered name must be a token (no space, slash, brace or quote), not empty, and stand in
    the list once. Browsers throw a SyntaxError before anything is sent; other clients send
    what they are given, and servers answer with 400 or do not find the name.

    The usual cases are an empty header from an empty list, a URL or JSON as a name, and the same
    name twice. More than one Sec-WebSocket-Protocol line is legal.
    """
    request = whole_request(handshake)
    seen: set[str] = set()
    if request is None:
        return
    for field, name in _offered(request):
        if not name:
            yield Offence(request.span(field), "an empty subprotocol name", "a token")
        elif not is_token(name):
            yield Offence(request.span(field), f"subprotocol {shown(name)}", "a token")
        elif name in seen:
            yield Offence(request.span(field), f"subprotocol {shown(name)} again", "each name once")
        seen.add(name)


@rule(
    code="HS116",
    title="The server chose none of the offered subprotocols",
    section="RFC 6455 4.2.2",
    severity=Severity.NOTE,
    fix="Tell the server which subprotocols it speaks, or do not offer any in the client.",
)
def subprotocol_not_selected(handshake: Handshake) -> Iterator[Offence]:
    """The client offered subprotocols and the 101 names none. The standard allows that, and the
    connection is open on the wire. Yet Chromium and `ws` clients then fail it ("Sent non-empty
    'Sec-WebSocket-Protocol' header but no response was received").

    So this note is often the reason why a connection ends right after a good 101. It is common
    with servers that were never told about the subprotocol, and where a token is smuggled in as
    a subprotocol.
    """
    answer, request = whole_answer(handshake), whole_request(handshake)
    if answer is None or request is None or answer.all(_HEADER):
        return
    names = [name for _, name in _offered(request) if name]
    if names:
        offers = ", ".join(shown(name) for name in names[:10])
        yield Offence(answer.span(), "no Sec-WebSocket-Protocol", f"one of the offered: {offers}")
