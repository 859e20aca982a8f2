"""HS109, HS111 to HS113: Sec-WebSocket-Extensions (RFC 6455 9.1, 11.3.2; RFC 7692 5). HS110 in
`parameters` looks into permessage-deflate.
"""

from __future__ import annotations

from collections.abc import Iterator

from wsdebug.model.handshake import Extension, Handshake
from wsdebug.model.report import Severity
from wsdebug.rules.handshake.fields import line, shown, whole_answer, whole_request
from wsdebug.rules.registry import Offence, rule

# Extensions known to give RSV1 a meaning: RFC 7692, its drafts and the predecessors of it.
_USE_RSV1 = frozenset(
    {
        "permessage-deflate",
        "permessage-compress",
        "permessage-bzip2",
        "permessage-snappy",
        "perframe-deflate",
        "perframe-compress",
        "deflate-frame",
        "x-webkit-deflate-frame",
    }
)


def _was_offered(handshake: Handshake, accepted: Extension) -> bool:
    if any(offer.name == accepted.name for offer in handshake.offers):
        return True
    # A line that breaks the grammar may have offered it all the same.
    return any(accepted.name in field.value for field in handshake.offer_faults)


@rule(
    code="HS109",
    title="The server accepted an extension that was not offered",
    section="RFC 6455 4.1, RFC 6455 9.1",
    severity=Severity.ERROR,
    fix="Accept only what the request offers. If the request of the client did offer it, let the "
    "proxy pass Sec-WebSocket-Extensions on, or take it away in both directions.",
    fatal=True,
)
def extension_not_offered(handshake: Handshake) -> Iterator[Offence]:
    """Extensions are offered by the client and chosen by the server. A client that reads one it
    did not offer must fail the connection.

    The usual reason is a proxy that removes the header from the request and not from the answer,
    or answers for the client; else a server that turns compression on by itself.
    """
    answer = whole_answer(handshake)
    if answer is None or whole_request(handshake) is None:
        return
    offered = ", ".join(dict.fromkeys(shown(offer.name) for offer in handshake.offers[:10]))
    for accepted in handshake.accepted:
        if not _was_offered(handshake, accepted):
            yield Offence(
                answer.span(accepted.field),
                f"extension {shown(accepted.name)}",
                f"one of: {offered}" if offered else "no extension: none was offered",
            )


@rule(
    code="HS111",
    title="Sec-WebSocket-Extensions stands twice in the 101",
    section="RFC 6455 11.3.2",
    severity=Severity.ERROR,
    fix="Join the extensions in one header, or find the proxy that adds its own.",
    fatal=True,
)
def extensions_header_repeated(handshake: Handshake) -> Iterator[Offence]:
    """The header may be repeated in the request, but stands at most once in the answer. A second
    one comes from a proxy that compresses on its own account. Clients read the first, the last or
    both, so that the two sides may not agree on whether messages are compressed.
    """
    answer = whole_answer(handshake)
    if answer is not None:
        for field in answer.all("sec-websocket-extensions")[1:]:
            yield Offence(
                answer.span(field), f"a further {line(field)}", "one Sec-WebSocket-Extensions"
            )


@rule(
    code="HS112",
    title="Sec-WebSocket-Extensions does not follow the grammar",
    section="RFC 6455 9.1",
    severity=Severity.WARNING,
    fix="Write `name; parameter=value, name2`, quote only values that are tokens, and leave the "
    "header out where the list is empty.",
)
def extensions_header_malformed(handshake: Handshake) -> Iterator[Offence]:
    """The header is a list: names apart by commas, parameters behind semicolons, values that are
    tokens or tokens in quotes. A server may answer 400 to anything else or simply accept no
    extension; a client should fail the connection over a broken answer.

    An empty header comes from code that joins an empty list. A quoted value is legal.
    """
    request, answer = whole_request(handshake), whole_answer(handshake)
    broken = [(request, handshake.offer_faults), (answer, handshake.accepted_faults)]
    for head, fields in broken:
        if head is not None:
            for field in fields:
                yield Offence(head.span(field), line(field), "name; parameter=value, …")


@rule(
    code="HS113",
    title="Two accepted extensions use the same bit",
    section="RFC 7692 5",
    severity=Severity.ERROR,
    fix="Accept one compression extension only.",
    fatal=True,
)
def extension_conflict(handshake: Handshake) -> Iterator[Offence]:
    """A client may offer several compression extensions, but the server must choose one: all of
    them say "compressed" with RSV1, so with two nobody can tell which is meant. A client must fail
    the connection.

    Servers that accept each element of the offered list by itself do it, for example two offers
    of permessage-deflate with different parameters, which are meant as alternatives.
    """
    answer = whole_answer(handshake)
    users = [each for each in handshake.accepted if each.name in _USE_RSV1]
    if answer is not None:
        for extension in users[1:]:
            yield Offence(
                answer.span(extension.field),
                f"{shown(users[0].name)} and {shown(extension.name)}",
                "one extension that uses RSV1",
            )
