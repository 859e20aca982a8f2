"""What would be said of a connection if the capture ended now.

The connection itself must go on: a late segment, the other leg of its path or a second answer may
still come. So a copy of it is made, and the copy is closed as at the end of a capture, with the
same code. What it says is what `read` would say of the file so far.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from typing import Any

from wsdebug.analysis.http2.stream import StreamFlow
from wsdebug.analysis.judging import judged, take_last_facts
from wsdebug.analysis.legs import paths_of
from wsdebug.analysis.shared import Shared
from wsdebug.analysis.tracker import Tracker
from wsdebug.diagnosis.scene import Scene
from wsdebug.model.limits import Limits
from wsdebug.transport import Flow, conclude
from wsdebug.transport.carried import CarriedFlow, CarriedHalf


class _Nobody:
    """Is told everything and does nothing."""

    def __call__(self, *told: Any, **more: Any) -> None:
        """Nothing."""

    def __getattr__(self, name: str) -> Any:
        return self


_NOBODY = _Nobody()
_TABLE = 1_000
"""A tuple of so many is a table that all connections share."""


def rehearsed(
    trackers: Sequence[Tracker], shared: Shared, now: int | None, packet: int
) -> list[list[Scene]]:
    """The scenes of each path among connections that wait for each other, in the order of their
    requests. `now` (ns) and `packet`: how far the capture went.
    """
    legs = _copies(trackers, shared)
    for leg in legs:
        if leg.flow.ignored:  # it is over, and waits for the others
            continue
        leg.resume()
        _conclude(leg.flow, shared.limits, packet, now or 0)
        leg.close(leg.flow)
        take_last_facts(leg, now)
    return [judged(path, now) for path in paths_of(legs)]


def _conclude(flow: Flow, limits: Limits, packet: int, now: int) -> None:
    """What waits in TCP is settled. What carries it, TLS or HTTP/2, is cut off: bytes that still
    wait below are not decrypted for a copy.
    """
    if isinstance(flow, StreamFlow):
        flow.inherit()
    else:
        conclude(flow.outer if isinstance(flow, CarriedFlow) else flow, limits, packet, now)


def _copies(trackers: Sequence[Tracker], shared: Shared) -> list[Tracker]:
    """Copies that lead nowhere: what all connections share is replaced by something of their own,
    so that nothing is counted twice.
    """
    own = Shared(shared.limits, None, lambda _: None, shown=shared.shown)
    memo: dict[int, Any] = {id(shared): own, id(shared.limits): shared.limits}
    for name in ("keys", "inflaters", "searches", "budget"):
        memo[id(getattr(shared, name))] = getattr(own, name)
    memo[id(shared.keys)] = shared.keys
    for tracker in trackers:
        memo.update((id(tie), _NOBODY) for tie in tracker.ties() if tie is not None)
        memo.update((id(one), one) for one in _read_only(tracker))
    return copy.deepcopy(list(trackers), memo)


def _read_only(tracker: Tracker) -> Iterator[object]:
    """What a copy may share, as it is only looked at: tables by header, and what carries it."""
    for stream in tracker.decoder.streams.values():
        held = (getattr(stream, name, None) for kind in type(stream).__mro__
                for name in getattr(kind, "__slots__", ()))  # fmt: skip
        yield from (one for one in held if isinstance(one, tuple) and len(one) >= _TABLE)
    flow = tracker.flow
    carried = flow.outer if isinstance(flow, StreamFlow) else flow
    if isinstance(carried, CarriedFlow):
        yield carried.facts
        yield from (half.reach for half in carried.halves if isinstance(half, CarriedHalf))
