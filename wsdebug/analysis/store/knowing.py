"""What a list shows of a connection, brought up to date."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from wsdebug.analysis.tracker import half_of
from wsdebug.model.instant import Instant
from wsdebug.model.place import Side
from wsdebug.model.report import Connection, Endpoint
from wsdebug.model.rows import Known

if TYPE_CHECKING:
    from wsdebug.analysis.encrypted import Encrypted
    from wsdebug.analysis.tracker import Tracker


def known_from(
    tracker: Tracker | Encrypted,
    load: Callable[[int], Connection | None],
    *,
    is_encrypted: bool,
) -> Known:
    """A connection that was just recognised; `load` gives its report once there is one."""
    flow = tracker.flow
    client, server = (half_of(flow, side) for side in (Side.CLIENT, Side.SERVER))
    return Known(
        id=tracker.id,
        tcp_stream=flow.index,
        client=Endpoint(client.address_text, client.port),
        server=Endpoint(server.address_text, server.port),
        start=Instant(flow.start) if flow.start is not None else None,
        encrypted=is_encrypted,
        load=load,
    )


def describe(known: Known, tracker: Tracker) -> None:
    """Its handshake is known, or part of it."""
    handshake = tracker.decoder.handshake
    if handshake is None:
        return
    if handshake.request is not None:
        known.path = handshake.request.target
        known.host = next((one.value for one in handshake.request.all("host")), None)
    if handshake.response is not None:
        known.status = handshake.response.status


def judge(known: Known, connection: Connection) -> None:
    """Its report is there."""
    known.how = connection.end.how
    known.severity = connection.severity
    known.seen_by_application = connection.end.seen_by_application
    known.causes = tuple(cause.code for cause in connection.causes)
