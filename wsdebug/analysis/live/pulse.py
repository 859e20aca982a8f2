"""An open connection as `diagnosis.news` looks at it."""

from __future__ import annotations

from collections.abc import Iterator

from wsdebug.analysis.tracker import Tracker, half_of
from wsdebug.diagnosis.news import Pulse, Wait
from wsdebug.model.place import SIDES
from wsdebug.transport import unanswered
from wsdebug.transport.carried import CarriedHalf


def pulse_of(tracker: Tracker) -> Pulse:
    """What goes on with it."""
    decoder = tracker.decoder
    handshake = decoder.handshake
    request = handshake.request if handshake is not None else None
    waits = None
    if decoder.result == "no-response" and request is not None and request.time is not None:
        waits = Wait(request.side, request.time, request.packet)
    is_open = decoder.result in ("accepted", "not-captured")
    return Pulse(
        spoke=_spoke(tracker) if is_open else None,
        pings=tuple(_pings(tracker)),
        shut=tuple(_shut(tracker)),
        resent=tuple(_resent(tracker)),
        request=waits,
    )


def _spoke(tracker: Tracker) -> int | None:
    stamps = [half.last_data for half in tracker.flow.halves]
    return max((at[1] for at in stamps if at is not None and at[1] is not None), default=None)


def _pings(tracker: Tracker) -> Iterator[Wait]:
    for side in SIDES:
        waiting = tracker.decoder.liveness.waiting[side]
        if waiting and waiting[0].time is not None:
            yield Wait(side, waiting[0].time, waiting[0].span.packet, waiting[0].frame)


def _shut(tracker: Tracker) -> Iterator[Wait]:
    for half in tracker.flow.halves:
        if half.shut is not None and half.shut[1] is not None:
            yield Wait(half.known_side, half.shut[1], half.shut[0])


def _resent(tracker: Tracker) -> Iterator[Wait]:
    for side in SIDES:
        half = half_of(tracker.flow, side)
        climb = unanswered(half.outer if isinstance(half, CarriedHalf) else half)
        if climb is not None and climb.first[1] is not None:
            yield Wait(side, climb.first[1], climb.first[0], climb.sends, climb.length)
