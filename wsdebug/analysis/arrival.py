"""What came of a TCP connection's SYN, for the fleet."""

from __future__ import annotations

from wsdebug.diagnosis.fleet import FleetWatch
from wsdebug.transport import Flow, Half


def note_arrival(flow: Flow, fleet: FleetWatch) -> None:
    """Tell the fleet whether a connection was accepted (SYN and SYN-ACK) or refused (a SYN whose
    only answer is RST). Of others the capture does not tell.
    """
    caller = _caller(flow)
    if caller is None or caller.syn is None:
        return
    (packet, time), server = caller.syn, caller.peer
    accepted = server.syn is not None
    if time is not None and (accepted or _is_refused(caller, server)):
        fleet.arrived(server.address, server.port, time, packet or 0, accepted=accepted)


def _caller(flow: Flow) -> Half | None:
    """Who sent the SYN without an ACK, wherever the two stand in the capture."""
    return flow.client if flow.syn_seen else None


def _is_refused(caller: Half, server: Half) -> bool:
    """RST in place of a SYN-ACK (RFC 9293 3.5.2), and the caller never went on."""
    answered_at_all = server.packets > 1 or server.offset or caller.offset
    went_on = caller.packets > 1 + caller.retransmissions
    return server.rst is not None and not answered_at_all and not went_on
