"""Connections that are open, or judged for the time being, as the fleet sees them."""

from __future__ import annotations

from wsdebug.analysis.lives import first_violation
from wsdebug.analysis.tracker import Tracker, half_of
from wsdebug.diagnosis.fleet import Fault, Member
from wsdebug.display.endpoints import socket_name
from wsdebug.display.escape import printable
from wsdebug.model.place import SIDES, Side


def open_member(tracker: Tracker) -> Member | None:
    """One that has not ended: it tells who outlived whom. None without time stamps."""
    flow, decoder = tracker.flow, tracker.decoder
    if flow.start is None:
        return None
    server, client = half_of(flow, Side.SERVER), half_of(flow, Side.CLIENT)
    liveness = decoder.liveness
    return Member(
        id=tracker.id,
        server=socket_name(server.address_text, server.port),
        client=client.address_text,
        target=_target(tracker),
        start=flow.start,
        is_open=decoder.result in ("accepted", "not-captured"),
        how="capture-end",
        is_clean=True,
        fault=_fault(tracker),
        is_unanswered=liveness.pings > liveness.pongs,
    )


def _target(tracker: Tracker) -> int:
    """As `Member.target` of a report."""
    handshake = tracker.decoder.handshake
    head = handshake.request if handshake is not None else None
    host = next((printable(one.value) for one in head.all("host")), None) if head else None
    path = printable(head.target) if head is not None and head.target is not None else None
    return hash((host, path))


def _fault(tracker: Tracker) -> Fault | None:
    broken = [breach for side in SIDES if (breach := first_violation(tracker, side)) is not None]
    timed = [one for one in broken if one.span.time is not None]
    if not timed:
        return None
    first = min(timed, key=lambda one: one.span.packet or 0)
    assert first.span.time is not None
    return Fault(first.span.time, first.span.packet, first.span.side, first.code, first.name)
