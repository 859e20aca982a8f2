"""What makes an HTTP exchange a WebSocket handshake (RFC 6455 4), and the fact made of it."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence

from wsdebug.http import tokens
from wsdebug.model.handshake import Agreed, Extension, Handshake, Head
from wsdebug.protocol.extensions import agree, read_extensions

GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
LONGEST_KEY = 64
"""Characters of a key that is remembered; 24 are right (RFC 6455 4.1)."""
KEYS = 100_000
"""Accept values remembered of one capture, to tell whose answer a wrong one is."""


def accept_value(key: str) -> str:
    """The Sec-WebSocket-Accept that answers a Sec-WebSocket-Key (RFC 6455 4.2.2, item 5)."""
    digest = hashlib.sha1((key + GUID).encode("latin-1", "replace"), usedforsecurity=False).digest()
    return base64.b64encode(digest).decode("ascii")


def _protocols(head: Head) -> set[str]:
    """Names in Upgrade, in lower case and without their version (RFC 9110 7.8)."""
    return {token.partition("/")[0].strip().lower() for token in tokens(head, "upgrade")}


def is_upgrade_request(request: Head) -> bool:
    """Upgrade holds the token websocket, or there is a Sec-WebSocket-Key or -Version."""
    if request.all("sec-websocket-key") or request.all("sec-websocket-version"):
        return True
    return "websocket" in _protocols(request)


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
    keys: dict[str, str] | None = None,
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


def remember_key(request: Head, keys: dict[str, str]) -> None:
    """Note which accept value the request's key asks for."""
    for field in request.all("sec-websocket-key"):
        if len(keys) < KEYS and len(field.value) <= LONGEST_KEY:
            keys[accept_value(field.value)] = field.value


def _accept_of(
    request: Head | None, response: Head | None, keys: dict[str, str] | None
) -> str | None:
    """The key of another request that the accept value fits, where it does not fit this one's."""
    if not keys or response is None or response.status != 101:
        return None
    own = {field.value for field in request.all("sec-websocket-key")} if request else set()
    for field in response.all("sec-websocket-accept"):
        key = keys.get(field.value)
        if key is not None and key not in own:
            return key
    return None
