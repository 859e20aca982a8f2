"""The opening handshake as the report shows it."""

from __future__ import annotations

from collections.abc import Sequence

from wsdebug.display.escape import printable
from wsdebug.model.handshake import Handshake, Head
from wsdebug.model.report import HandshakePackets, HandshakeReport, Offered


def handshake_report(
    handshake: Handshake | None, result: str, attempts: Sequence[Handshake]
) -> HandshakeReport:
    """The heads of a handshake, and those of the `attempts` before it."""
    request = handshake.request if handshake else None
    response = handshake.response if handshake else None
    return HandshakeReport(
        result=result,
        status=response.status if response else None,
        host=_value(request, "host"),
        path=printable(request.target) if request and request.target is not None else None,
        subprotocol=_value(response, "sec-websocket-protocol"),
        offered=_offered(request),
        extensions=_values(response, "sec-websocket-extensions"),
        request_headers=_headers(request),
        response_headers=_headers(response),
        packets=HandshakePackets(
            request.packet if request else None, response.packet if response else None
        ),
        attempts=[handshake_report(one, _result(one), ()) for one in attempts],
    )


def _result(attempt: Handshake) -> str:
    if attempt.response is None:
        return "no-response"
    return "accepted" if attempt.is_accepted else "rejected"


def _offered(request: Head | None) -> Offered | None:
    if request is None:
        return None
    return Offered(
        extensions=_values(request, "sec-websocket-extensions"),
        subprotocols=_values(request, "sec-websocket-protocol"),
    )


def _value(head: Head | None, name: str) -> str | None:
    fields = head.all(name) if head else ()
    return printable(fields[0].value) if fields else None


def _values(head: Head | None, name: str) -> list[str]:
    """The elements of a list header over all its lines."""
    return [
        printable(element.strip())
        for field in (head.all(name) if head else ())
        for element in field.value.split(",")
        if element.strip()
    ]


def _headers(head: Head | None) -> list[tuple[str, str]]:
    return [(printable(one.name), printable(one.value)) for one in head.fields] if head else []
