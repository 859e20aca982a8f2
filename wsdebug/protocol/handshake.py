"""What makes an HTTP exchange a WebSocket handshake (RFC 6455 4), and the fact made of it."""

from __future__ import annotations

from collections.abc import Sequence

from wsdebug.http import tokens
from wsdebug.model.handshake import Agreed, Extension, Handshake, Head, of_kind
from wsdebug.protocol.extensions import agree, read_extensions
from wsdebug.protocol.keys import Keys, accept_value


@of_kind
def _protocols(head: Head) -> set[str]:
    """Names in Upgrade, in lower case and without their version (RFC 9110 7.8)."""
    return {token.partition("/")[0].strip().lower() for token in tokens(head, "upgrade")}


@of_kind
def is_upgrade_request(request: Head) -> bool:
    """Upgrade holds the token websocket, or there is a Sec-WebSocket-Key or -Version."""
    if request.all("sec-websocket-key") or request.all("sec-websocket-version"):
        return True
    return "websocket" in _protocols(request)


@of_kind
def names_websocket(response: Head) -> bool:
    """Whether a 101 says by itself that WebSocket frames follow."""
    return "websocket" in _protocols(response) or bool(response.all("sec-websocket-accept"))


def switches_to_http2(response: Head) -> bool:
    """Whether a 101 goes on in HTTP/2 without TLS (RFC 7540 3.2; RFC 9113 dropped it)."""
    return response.complete and "h2c" in _protocols(response)


def is_other_protocol(request: Head, response: Head) -> bool:
    """Whether the 101 chose another protocol that the upgrade request offered beside websocket.
    A 101 with no Upgrade, or with a word nobody offered, is a faulty yes.
    """
    return not names_websocket(response) and bool(_protocols(request) & _protocols(response))


def make_handshake(
    request: Head | None,
    response: Head | None,
    keys: Keys | None = None,
    *,
    enabled: bool | None = None,
) -> Handshake:
    """The fact of one upgrade request and its final response, as far as both were captured."""
    offers, offer_faults = read_extensions(request)
    accepted, accepted_faults = read_extensions(response)
    return Handshake(
        request=request,
        response=response,
        offers=offers,
        offer_faults=offer_faults,
        accepted=accepted,
        accepted_faults=accepted_faults,
        agreed=_agreed(request, response, offers, accepted),
        connect_enabled=enabled,
        accept_of=_accept_of(request, response, keys),
    )


def _agreed(
    request: Head | None,
    response: Head | None,
    offers: Sequence[Extension],
    accepted: Sequence[Extension],
) -> Agreed:
    if response is None or (response.opens_websocket and not response.complete):
        return Agreed(known=False)
    if not response.opens_websocket:
        return Agreed()
    # Without a whole request the offers are not known: what was accepted may have been offered.
    return agree(offers if request is not None and request.complete else accepted, accepted)


def _accept_of(request: Head | None, response: Head | None, keys: Keys | None) -> str | None:
    """The key of another request that the accept value fits, where it does not fit this one's."""
    if keys is None or response is None or response.status != 101:
        return None
    own = [field.value for field in request.all("sec-websocket-key")] if request else []
    asked = [accept_value(key) for key in own]
    for field in response.all("sec-websocket-accept"):
        key = None if field.value in asked else keys.asking_for(field.value)
        if key is not None and key not in own:
            return key
    return None
