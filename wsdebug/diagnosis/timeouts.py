"""Whether a timeout can have ended a connection: how long it was silent and how old it was.

A number alone proves nothing: 60 s are the default of nginx, of AWS and of others. What tells them
apart is the shape of the end on both legs of a proxy, and whether payload still flowed.
"""

from __future__ import annotations

import msgspec

from wsdebug.diagnosis.life import Life, Stamp, elapsed
from wsdebug.knowledge.timeouts import Timeout, by_shape, fitting
from wsdebug.model.place import Side

SAME = 0.02
"""Two waits are the same when they differ by no more than this share (CAUSES)."""
PASSED_ON = frozenset({"fin-both", "fin-client-rst-backend"})
"""Shapes of proxies that pass bytes on, the key among them."""
_LATE = 0.05
"""Seconds by which a proxy's timer strikes late on a machine that has little to do."""
_SLACK, _MOST_SLACK = 0.001, 0.1
"""Linux lets a process that waits for its sockets sleep longer by this share, to this many seconds
at most (nginx 1.22: 60.06 s for 60).
"""
FLOWING = 0.25
"""Payload in this last share of a life means that silence did not end it."""


class Wait(msgspec.Struct, frozen=True):
    """How long a connection had waited when it ended, in seconds; None where unknown."""

    silence: float | None
    """Since the last payload byte of either side, pings and pongs among them."""
    client: float | None
    """Since the client's last one; since the 101 if there was none."""
    server: float | None
    age: float | None
    """Since the 101."""
    shape: str
    """What was seen of the end: fin or rst, and of a proxy with both legs in the capture fin-both,
    fin-client-rst-backend or rst-both (`knowledge.timeouts.SHAPES`).
    """
    both_legs: bool
    own_key: bool = False
    """The proxy speaks WebSocket itself, with a key of its own: nginx and HAProxy do not."""

    @property
    def is_flowing(self) -> bool:
        """Payload came in the last quarter of its life: an age may have ended it, no silence."""
        return bool(self.silence is not None and self.age and self.silence < FLOWING * self.age)

    @property
    def longest(self) -> float | None:
        """The silence of the direction that was silent for longer."""
        waits = [one for one in (self.client, self.server) if one is not None]
        return max(waits, default=self.silence)


def wait_before(life: Life, end: Stamp) -> Wait:
    """What the connection had waited for when `end`, its first Close, FIN or RST, came."""
    return Wait(
        silence=_seconds(life.silence_before(end)),
        client=_since_last(life, Side.CLIENT, end),
        server=_since_last(life, Side.SERVER, end),
        age=_between(life.responded, end),
        shape=_shape(life, end),
        both_legs=life.other_leg is not None,
        own_key=life.own_key,
    )


def plain_wait(silence: int, age: int) -> Wait:
    """The same before a Close that needs no timeout to explain it; both in ns."""
    return Wait(_seconds(silence), None, None, _seconds(age), "fin", both_legs=False)


def idle_timeouts(wait: Wait) -> tuple[Timeout, ...]:
    """Every default that can have run out in this silence, with the shape that was seen."""
    found = [
        one
        for resets, seconds in _clocks(wait).items()
        if seconds is not None
        for one in fitting(seconds, kind="idle", shape=wait.shape)
        if one.resets == resets and not (wait.own_key and one.shape in PASSED_ON)
    ]
    return tuple(found)


def strikes_on_the_dot(wait: Wait, timeout: Timeout, early: float) -> bool:
    """Whether the silence is the number of an idle timeout, as exactly as a proxy's timer keeps it;
    `early`: seconds by which that one may strike sooner.
    """
    seconds = _clocks(wait).get(timeout.resets)
    if seconds is None or timeout.seconds is None:
        return False
    return -early <= seconds - timeout.seconds <= lateness(seconds)


def lateness(seconds: float) -> float:
    """By how many seconds a proxy's timer of `seconds` may strike late."""
    return _LATE + min(_MOST_SLACK, _SLACK * seconds)


def _clocks(wait: Wait) -> dict[str, float | None]:
    """The silence as each kind of `Timeout.resets` counts it."""
    return {
        "either": wait.silence,
        "client": wait.client,
        "server": wait.server,
        "each": wait.longest,
    }


def age_timeouts(wait: Wait) -> tuple[Timeout, ...]:
    """Every longest life that fits; none of a connection that was silent long before its end."""
    if wait.age is None or not wait.is_flowing:
        return ()
    return fitting(wait.age, kind="age", shape=wait.shape)


def shaped_alike(wait: Wait) -> tuple[Timeout, ...]:
    """Every idle timeout that leaves the shape seen on both legs, whatever its number: somebody
    may have configured it. Of one leg alone nothing can be said, and those that are known by their
    shape pass keys on.
    """
    return by_shape(wait.shape) if wait.both_legs and not wait.own_key else ()


def is_same(one: float, other: float) -> bool:
    """Whether two waits are the same number of seconds, as far as repeated timers are."""
    return abs(one - other) <= SAME * max(one, other)


def _shape(life: Life, end: Stamp) -> str:
    resets = {one.rst for one in (life.client, life.server)}
    mine = "rst" if end in resets else "fin"
    if life.other_leg is None:
        return mine
    front, back = (
        (mine, life.other_leg) if life.proxy_side is Side.SERVER else (life.other_leg, mine)
    )
    if front == back:
        return f"{front}-both"
    return "fin-client-rst-backend" if back == "rst" else mine


def _since_last(life: Life, side: Side, end: Stamp) -> float | None:
    """Since the last payload of one side before `end`."""
    if life.is_forgotten(side, end):
        return None
    return _between(life.spoke_before(side, end) or life.responded, end)


def _between(start: Stamp | None, end: Stamp) -> float | None:
    return None if start is None else _seconds(elapsed(start, end))


def _seconds(nanoseconds: int | None) -> float | None:
    return None if nanoseconds is None else nanoseconds / 1e9
