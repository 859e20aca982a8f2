"""The opening handshake as the report shows it."""

from __future__ import annotations

from collections.abc import Sequence

from wsdebug.display.escape import printable
from wsdebug.model.handshake import Handshake, Head, of_kind
from wsdebug.model.report import HandshakePackets, HandshakeReport, Offered, Recognised
from wsdebug.protocol import Decoder


def handshake_report(
    handshake: Handshake | None,
    result: str,
    attempts: Sequence[Handshake],
    how: Recognised | None = None,
) -> HandshakeReport:
    """The heads of a handshake, and those of the `attempts` before it."""
    request = handshake.request if handshake else None
    response = handshake.response if handshake else None
    host, path, offered = _asked(request) if request else (None, None, None)
    subprotocol, extensions = _answered(response) if response else (None, ())
    return HandshakeReport(
        result=result,
        status=response.status if response else None,
        host=host,
        path=path,
        subprotocol=subprotocol,
        offered=offered,
        extensions=[*extensions],
        request_headers=_headers(request) if request else [],
        response_headers=_headers(response) if response else [],
        packets=HandshakePackets(
            request.packet if request else None, response.packet if response else None
        ),
        attempts=[handshake_report(one, _result(one), ()) for one in attempts],
        recognised=how,
    )


def recognised(decoder: Decoder) -> Recognised | None:
    """How it was recognised without its handshake, if it was."""
    joined = decoder.joined
    if joined is None:
        return None
    confidence = joined.confidence
    # RFC 6455 5.1: masks tell the client by what the other side does. Frames in one direction only
    # may as well be those of a server that masks, or of a client that does not.
    if joined.by != "decode-as" and not all(one.total for one in decoder.streams.values()):
        confidence = "likely"
    return Recognised(joined.by, confidence, _compression(decoder))


def _compression(decoder: Decoder) -> str:
    streams = decoder.streams.values()
    if any(stream.is_deflate_agreed for stream in streams):
        return "permessage-deflate, declared"
    if any(stream.inflated for stream in streams):
        return "permessage-deflate, likely"
    if any(stream.unreadable for stream in streams):
        return "compressed, context unknown"
    return "none seen"


def _result(attempt: Handshake) -> str:
    if attempt.response is None:
        return "no-response"
    return "accepted" if attempt.is_accepted else "rejected"


@of_kind
def _asked(request: Head) -> tuple[str | None, str | None, Offered]:
    """Host, path and what was offered."""
    path = printable(request.target) if request.target is not None else None
    extensions = _values(request, "sec-websocket-extensions")
    offered = Offered(extensions, _values(request, "sec-websocket-protocol"))
    return _value(request, "host") or _value(request, ":authority"), path, offered


@of_kind
def _answered(response: Head) -> tuple[str | None, list[str]]:
    """Subprotocol and extensions."""
    extensions = _values(response, "sec-websocket-extensions")
    return _value(response, "sec-websocket-protocol"), extensions


def _value(head: Head, name: str) -> str | None:
    fields = head.all(name)
    return printable(fields[0].value) if fields else None


def _values(head: Head, name: str) -> list[str]:
    """The elements of a list header over all its lines."""
    return [
        printable(element.strip())
        for field in head.all(name)
        for element in field.value.split(",")
        if element.strip()
    ]


def _headers(head: Head) -> list[tuple[str, str]]:
    lines = _lines(head).copy()
    for index in head.kind.drawn:
        lines[index] = lines[index][0], printable(head.fields[index].value)
    return lines


@of_kind
def _lines(head: Head) -> list[tuple[str, str]]:
    return [(printable(one.name), printable(one.value)) for one in head.fields]
