"""Silence is news: what goes on with an open connection that may mean trouble.

No finding and no cause: nobody has done anything wrong yet, and it may all go by. Each is told when
it begins to be worth a line and when it is over.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from wsdebug.display.quantities import counted
from wsdebug.display.times import span_of_time
from wsdebug.knowledge.timeouts import ALL
from wsdebug.model.place import Side

SECOND = 1_000_000_000
PING = 5 * SECOND
"""A ping waits for its pong."""
SHUT = 2 * SECOND
"""A side takes nothing more."""
SENDS, RESENT = 3, SECOND
"""So often the same bytes were sent, in so much time, and not acknowledged."""
REQUEST = 5 * SECOND
"""An upgrade request waits for its answer."""
_NEAR = 0.9
"""Told when so much of an idle timeout has gone by."""
_NAMED = 3


class Wait(NamedTuple):
    """Something that lasts since `since` (ns): `what` counts it (a frame, how often, bytes)."""

    side: Side
    since: int
    packet: int | None
    what: int = 0
    length: int = 0


class Pulse(NamedTuple):
    """An open connection, looked at."""

    spoke: int | None
    """When either side last sent payload, in ns."""
    pings: tuple[Wait, ...] = ()
    """The oldest ping of each side that has no pong; `what` is its frame."""
    shut: tuple[Wait, ...] = ()
    """Sides that announce a window of zero."""
    resent: tuple[Wait, ...] = ()
    """The same `length` bytes, sent `what` times."""
    request: Wait | None = None
    """An upgrade request without an answer."""


class Sign(NamedTuple):
    """One piece of news, still without its place in time. `key` tells it from others."""

    key: tuple[str, object]
    kind: str
    text: str
    wait: Wait | None
    since: int
    frame: int | None = None


def signs(pulse: Pulse, now: int) -> Iterator[Sign]:
    """What is worth a line at `now`, in ns."""
    for wait in pulse.pings:
        if now - wait.since >= PING:
            text = f"the {wait.side}'s ping {wait.side.value[0].upper()}{wait.what} has no pong yet"
            kind = "ping-unanswered"
            yield Sign((kind, (wait.side, wait.what)), kind, text, wait, wait.since, wait.what)
    for wait in pulse.shut:
        if now - wait.since >= SHUT:
            text = f"the {wait.side} takes no more data (its TCP window is zero)"
            yield Sign(("zero-window", wait.side), "zero-window", text, wait, wait.since)
    for wait in pulse.resent:
        if wait.what >= SENDS and now - wait.since >= RESENT:
            what = counted(wait.length, "byte") if wait.length else "FIN"
            text = f"the {wait.side} sent the same {what} {wait.what} times, not acknowledged yet"
            kind = "retransmission"
            yield Sign((kind, (wait.side, wait.packet)), kind, text, wait, wait.since)
    if pulse.request is not None and now - pulse.request.since >= REQUEST:
        text = "the upgrade request has no answer yet"
        kind, since = "request-unanswered", pulse.request.since
        yield Sign((kind, pulse.request.packet), kind, text, pulse.request, since)
    if pulse.spoke is not None:
        yield from _idle(now - pulse.spoke, pulse.spoke)


OVER = {
    "ping-unanswered": "the pong came, or one of a later ping",
    "zero-window": "it takes data again",
    "retransmission": "it was acknowledged, or something new was sent",
    "request-unanswered": "an answer came",
}
"""What is said when it has gone by; an idle connection that speaks again is no news."""


def _idle(silence: int, since: int) -> Iterator[Sign]:
    near = [one for one in _steps() if silence >= one[0] * _NEAR * SECOND]
    if near:
        first, last, names = near[-1]
        if silence <= (last + 2) * SECOND:
            limit = f"{first:g} s" if first == last else f"{first:g} to {last:g} s"
            text = f"no payload; some cut idle connections after {limit}: {names}"
            yield Sign(("idle", first), "idle", text, None, since)


@cache
def _steps() -> tuple[tuple[float, float, str], ...]:
    """Known idle timeouts, those that are told together as one: first, last, who has them."""
    order = ("executed", "documented", "unverified")
    idle = [one for one in ALL if one.kind == "idle" and one.resets == "either"]
    idle.sort(key=lambda one: order.index(one.verified))
    known = sorted(
        ((one.seconds, one.product) for one in idle if one.seconds), key=lambda one: one[0]
    )
    groups: list[list[tuple[float, str]]] = []
    for seconds, product in known:
        if groups and seconds * _NEAR <= groups[-1][0][0]:
            groups[-1].append((seconds, product))
        else:
            groups.append([(seconds, product)])
    return tuple(
        (group[0][0], group[-1][0], _names([name for _, name in group])) for group in groups
    )


def _names(products: list[str]) -> str:
    more = f" and {len(products) - _NAMED} more" if len(products) > _NAMED else ""
    return ", ".join(products[:_NAMED]) + more


def lasting(nanoseconds: int) -> str:
    """`for 5.0 s`."""
    return f"for {span_of_time(max(0, nanoseconds) / 1e9)}"
