"""How the end looked to one side's library, where no faulty frame decided it."""

from __future__ import annotations

from wsdebug.knowledge.libraries import Event
from wsdebug.knowledge.libraries.saying import close_words
from wsdebug.model.place import Side
from wsdebug.model.report import CloseReport, Connection

_FINE = (1000, 1001, 1005)
"""Codes that Python websockets takes for a close without error."""
_REFUSED = {
    "wrong-accept": "wrong-accept",
    "extension-not-offered": "extension-not-requested",
    "subprotocol-not-offered": "subprotocol-not-requested",
}
"""Rules broken by a 101 that a client refuses, and the event."""
_REDIRECTS = (301, 302, 303, 307, 308)


def events_of(connection: Connection, side: Side) -> tuple[Event, ...]:
    """What happened to that side, the most telling first; empty where the capture cannot tell."""
    if connection.handshake.result in ("rejected", "no-response"):
        return _no_upgrade(connection) if side is Side.CLIENT else ()
    refused = _refused(connection) if side is Side.CLIENT else ()
    return refused or _ended(connection, side)


def gave_up_after(connection: Connection) -> float | None:
    """Seconds from the upgrade request to where the client ended the wait for an answer; None
    where it did not.
    """
    end = connection.end
    if end.how != "handshake-timeout" or end.time is None:
        return None
    asked = (one.time for one in connection.timeline if one.kind == "request")
    return end.time - (next(asked, None) or 0.0)


# ---- the upgrade failed -------------------------------------------------------------------------
def _no_upgrade(connection: Connection) -> tuple[Event, ...]:
    how, status = connection.end.how, connection.handshake.status
    if how == "handshake-rejected" and status is not None:
        values = {"status": str(status), "location": _header(connection, "location")}
        rejected = _event(Side.CLIENT, "rejected", values)
        if status not in _REDIRECTS:
            return (rejected,)
        to_http = values["location"].lower().startswith(("http://", "https://"))
        name = "redirected-to-http" if to_http else "redirected"
        return (_event(Side.CLIENT, name, values), rejected)
    if how in ("fin", "rst") and connection.end.by == "server":
        return (_event(Side.CLIENT, "handshake-cut"),)
    return ()


def _refused(connection: Connection) -> tuple[Event, ...]:
    """The client refused the 101; nothing if it went on and spoke."""
    if connection.frames.get("client", {}).get("total"):
        return ()
    offered = connection.handshake.offered
    for finding in connection.findings:
        name = _REFUSED.get(finding.name) if finding.side is Side.SERVER else None
        if name is None:
            continue
        if name == "wrong-accept" and _count(connection, "sec-websocket-accept") != 1:
            return ()  # what is said of none, or of two, is not known
        if name.startswith("subprotocol-") and "," in _header(connection, "sec-websocket-protocol"):
            return ()
        if name == "extension-not-requested" and not (offered and offered.extensions):
            name = "extension-none-requested"
        if name == "subprotocol-not-requested" and not (offered and offered.subprotocols):
            name = "subprotocol-none-requested"
        return (_event(Side.CLIENT, name, _answer_values(connection)),)
    is_over = connection.end.how == "fin" and connection.end.by == "client"
    if is_over and "," in _header(connection, "connection"):
        return (_event(Side.CLIENT, "connection-not-alone"),)
    return ()


def _count(connection: Connection, wanted: str) -> int:
    names = (name.lower() for name, _ in connection.handshake.response_headers)
    return sum(name == wanted for name in names)


def _answer_values(connection: Connection) -> dict[str, str]:
    first, _, parameters = _header(connection, "sec-websocket-extensions").partition(";")
    pairs = [part.strip().partition("=") for part in parameters.split(";") if part.strip()]
    return {
        "accept": _header(connection, "sec-websocket-accept"),
        "extension": first.strip(),
        "parameters": str([(name, value or None) for name, _, value in pairs]),
        "subprotocol": _header(connection, "sec-websocket-protocol"),
    }


def _header(connection: Connection, name: str) -> str:
    headers = connection.handshake.response_headers
    return next((value for header, value in headers if header.lower() == name), "")


# ---- it was open, and ended ---------------------------------------------------------------------
def _ended(connection: Connection, side: Side) -> tuple[Event, ...]:
    end = connection.end
    seen = getattr(end.seen_by_application, side.value)
    own: CloseReport | None = getattr(connection.close, side.value)
    other: CloseReport | None = getattr(connection.close, side.other.value)
    if seen is None:
        return ()
    if other is not None and seen != 1006:
        return _closed(side, own, other, seen)
    if own is not None:
        return (
            *_too_big(side, own),
            _event(side, "sent-only", _values(own, None)),
            *_tcp(end.how, side),
        )
    if end.how == "timeout":
        return (_event(side, "ping-timeout"),) if end.by == side.value else ()
    if end.by == side.value:
        return ()  # it ended TCP itself: what it says of that is its program's business
    return _tcp(end.how, side)


def _closed(
    side: Side, own: CloseReport | None, other: CloseReport, seen: int
) -> tuple[Event, ...]:
    """It read a Close, and answered or had sent its own."""
    values = {**_values(own, other), "status": str(seen)}
    if own is None:
        return (_event(side, "received-only", values),)
    first = (own.packet or 0, own.frame) < (other.packet or 0, other.frame)
    if own.packet == other.packet:
        first = False
    name = "sent-then-received" if first else "received-then-sent"
    return (_event(side, name, values),)


def _too_big(side: Side, own: CloseReport) -> tuple[Event, ...]:
    # RFC 6455 7.4.1: 1009. With a reason the program, or a library that says it there, sent it.
    return (_event(side, "message-too-big"),) if own.code == 1009 and not own.reason else ()


def _tcp(how: str, side: Side) -> tuple[Event, ...]:
    return (_event(side, how),) if how in ("fin", "rst") else ()


def _values(own: CloseReport | None, other: CloseReport | None) -> dict[str, str]:
    codes = [1005 if close.code is None else close.code for close in (own, other) if close]
    fine = own is not None and other is not None and all(code in _FINE for code in codes)
    values = {"outcome": "OK" if fine else "Error"}
    for name, close in (("sent_close", own), ("received_close", other)):
        if close is not None:
            code = 1005 if close.code is None else close.code
            reason = f" {close.reason}" if close.reason else ""
            values[name] = f"{code} ({close_words(code)}){reason}"
    return values


def _event(side: Side, name: str, values: dict[str, str] | None = None) -> Event:
    return Event(role=side, name=name, values=values or {})
