"""Two connections with one Sec-WebSocket-Key are the two legs of a proxy.

The key is 16 random bytes (RFC 6455 4.1), so equal keys mean one path. A leg that ends waits here
for the others, so that the ending of each can tell whether the proxy ended both. Legs with
different keys are known by time and payload (`paths.py`).
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import structs

from wsdebug.analysis.paths import Nested, Shake, carry_the_same, leads_elsewhere, shake_of
from wsdebug.analysis.tracker import Tracker, half_of
from wsdebug.analysis.usual import Usual
from wsdebug.diagnosis.life import Life, SideLife, Stamp
from wsdebug.model.handshake import Handshake
from wsdebug.model.place import Side

MOST_LEGS = 8
"""More connections than this with one key are no path but a client that does not draw keys."""
MOST_KEYS = 100_000
MIXED_UP = 2_000_000
"""Nanoseconds by which packets of two legs may stand in the wrong order."""
LONGEST_KEY = 64
"""Characters; 24 are right."""


class Legs:
    """Open connections by their key."""

    def __init__(self) -> None:
        self._by_key: dict[str, list[Tracker]] = {}
        self._waiting: dict[str, Usual] = {}
        """Those whose packets wait: as soon as another has the same key, they are read."""
        self._apart: set[int] = set()
        """The tcp.stream of those that had nobody behind them when they were answered. Who is read
        only later must not be compared with those that are open then.
        """
        self._over: set[int] = set()
        self._nested = Nested()

    def opened(self, tracker: Tracker, handshake: Handshake) -> None:
        """An upgrade request was seen: the connection may be a leg. One that asks again, with
        another key, is no leg of the first any more.
        """
        key = key_of(handshake)
        if key == tracker.leg_key:
            return
        self._leave(tracker)
        if key is None or len(self._by_key) + len(self._waiting) >= MOST_KEYS:
            return
        if key in self._waiting:
            self._waiting[key].leave()
        legs = self._by_key.setdefault(key, [])
        if len(legs) < MOST_LEGS:
            legs.append(tracker)
            tracker.leg_key = key

    def answered(self, tracker: Tracker, handshake: Handshake) -> None:
        """An upgrade was accepted: the connection may be the front leg of a path whose back leg has
        another key. The two wait for each other, to be compared when both are over.
        """
        if not handshake.is_accepted:
            return
        shake = shake_of(tracker, handshake)
        if shake.stream in self._apart:
            self._apart.remove(shake.stream)
            self._nested.replace(shake)
            return
        for one in self._nested.within(shake):
            if isinstance(one.leg, Usual):
                one.leg.leave()
        back = self._nested.behind(shake)
        if back is None or not (self._is_alone(tracker) and self._is_alone(back)):
            return
        key = f"{tracker.id} {back.id}"  # no key of `key_of` has a blank in it
        self._by_key[key] = [tracker, back]
        for leg in (tracker, back):
            self._leave(leg)
            leg.leg_key = key

    def _is_alone(self, tracker: Tracker) -> bool:
        key = tracker.leg_key
        return key is not None and " " not in key and len(self._by_key.get(key, ())) == 1

    def _leave(self, tracker: Tracker) -> None:
        key, tracker.leg_key = tracker.leg_key, None
        if key is not None and tracker in self._by_key.get(key, ()):
            self._by_key[key].remove(tracker)
            if not self._by_key[key]:
                del self._by_key[key]

    def closed(self, tracker: Tracker) -> list[list[Tracker]]:
        """The connections that can be finished now that this one is over: legs of one path stand
        together, in the order of their requests.
        """
        self._nested.forget(half_of(tracker.flow, Side.CLIENT).address, tracker.flow.index)
        key = tracker.leg_key
        legs = self._by_key.get(key, []) if key else []
        if tracker not in legs:
            return [[tracker]]
        self._over.add(tracker.id)
        if any(leg.id not in self._over for leg in legs):
            return []
        assert key is not None
        del self._by_key[key]
        self._over.difference_update(leg.id for leg in legs)
        # The backend's 101 comes before the proxy's own: the request tells which leg is in front.
        return paths_of(sorted(legs, key=_requested))

    # ---- connections whose packets wait ------------------------------------------------------
    def wait(self, usual: Usual) -> bool:
        """An upgrade request was seen; False where its key is another's, too."""
        key = usual.key
        if key in self._by_key or key in self._waiting:
            return False
        if len(self._by_key) + len(self._waiting) >= MOST_KEYS:
            return False
        self._waiting[key] = usual
        return True

    def is_apart(self, shake: Shake) -> bool:
        """An upgrade was accepted; False where it may be the front leg of a path."""
        if self._nested.within(shake):
            return False  # and then it is `answered` at once
        self._nested.remember(shake)
        self._apart.add(shake.stream)
        return True

    def left(self, usual: Usual) -> None:
        """It is read like any other from now on."""
        self._waiting.pop(usual.key, None)

    def over(self, key: str, client: bytes, stream: int) -> None:
        """One with that key, client address and tcp.stream is over."""
        del self._waiting[key]
        self._apart.remove(stream)
        self._nested.forget(client, stream)

    def path_of(self, tracker: Tracker) -> list[Tracker]:
        """The connection and those it waits for, in the order of their requests."""
        legs = self._by_key.get(tracker.leg_key or "", [])
        return sorted(legs, key=_requested) if tracker in legs else [tracker]

    def rest(self) -> list[Tracker]:
        """Those that still wait when the capture is over."""
        waiting = [leg for legs in self._by_key.values() for leg in legs if leg.id in self._over]
        self._by_key.clear()
        self._over.clear()
        return waiting


def paths_of(legs: list[Tracker]) -> list[list[Tracker]]:
    """Connections that waited for each other and are over, as the paths they are: two with
    different keys are one only if they carried the same.
    """
    if len(legs) == 2 and " " in (legs[0].leg_key or "") and not carry_the_same(*legs):
        return [[leg] for leg in legs]
    return [legs]


def _requested(leg: Tracker) -> int:
    handshake = leg.decoder.handshake
    request = handshake.request if handshake else None
    return (request.packet if request else None) or 0


def key_of(handshake: Handshake) -> str | None:
    """The Sec-WebSocket-Key of a request that has just one; what has a blank in it is none."""
    if handshake.request is None:
        return None
    keys = handshake.request.all("sec-websocket-key")
    key = keys[0].value if len(keys) == 1 else ""
    return key if 0 < len(key) <= LONGEST_KEY and " " not in key else None


def oriented(
    legs: Sequence[Tracker], lives: Sequence[Life]
) -> tuple[Sequence[Tracker], Sequence[Life]]:
    """Two legs of one path and their lives, the one in front first: it was opened first, and its
    handshake lies round the other. Where a capture mixed up the packets of both, the ends may tell:
    if the server's side of one and the client's of the other ended first, that was the proxy
    between them.
    """
    if len(lives) != 2 or not leads_elsewhere(*legs):
        return legs, lives
    ways = (legs, lives), (legs[::-1], lives[::-1])
    signs = (_opens_and_nests, _ends_face, nests)
    return next((way for sign in signs for way in ways if sign(*way[1])), ways[0])


def _opens_and_nests(front: Life, back: Life) -> bool:
    is_first = front.start is None or back.start is None or front.start <= back.start
    return is_first and nests(front, back)


def nests(front: Life, back: Life, late: int = 0) -> bool:
    """Whether the proxy asked its server after it was asked itself, and answered after that had
    answered; by the times, which are right more often than the order. `late`: nanoseconds by which
    packets may be mixed up. True where the capture lacks a head.
    """
    pairs = (front.requested, back.requested), (back.responded, front.responded)
    return all(one is None or other is None or _is_before(one, other, late) for one, other in pairs)


def _is_before(one: Stamp, other: Stamp, late: int) -> bool:
    if one.time is None or other.time is None:
        return one < other
    return one.time <= other.time + late


def joined(legs: Sequence[Tracker], lives: Sequence[Life]) -> list[Life]:
    """The lives of one path's legs, in the order of their requests. Of two that lead to different
    servers, each is told on which side the proxy sits, when the first terminal event of both is a
    FIN or RST from there (REPORT: middlebox), and how it ended the other one.
    """
    # A client that always sends the same key makes no path of two connections to one server.
    if len(lives) != 2 or not leads_elsewhere(*legs):
        return list(lives)
    own_key = _draws_keys(*legs)
    front, back = (structs.replace(one, own_key=own_key) for one in lives)
    front = structs.replace(front, leg="front", is_passed_on=_passed_on(front, back, Side.SERVER))
    back = structs.replace(back, leg="back", is_passed_on=_passed_on(back, front, Side.CLIENT))
    if not _ends_face(front, back):
        return [front, back]
    return [
        structs.replace(front, proxy_side=Side.SERVER, other_leg=_kind_of_end(back.client)),
        structs.replace(back, proxy_side=Side.CLIENT, other_leg=_kind_of_end(front.server)),
    ]


def _ends_face(front: Life, back: Life) -> bool:
    """Both were ended by what stands between them."""
    return _ended_by(front, Side.SERVER) and _ended_by(back, Side.CLIENT)


def _draws_keys(front: Tracker, back: Tracker) -> bool:
    shakes = (front.decoder.handshake, back.decoder.handshake)
    return len({key_of(one) for one in shakes if one is not None}) > 1


def _passed_on(mine: Life, other: Life, side: Side) -> bool:
    """Whether what `side` did first on this leg only followed what `side` of the other leg did:
    a server that hangs up makes its proxy hang up on the client.
    """
    cause, effect = other.side(side).terminal, mine.side(side).terminal
    if cause is None or effect is None or effect < cause or not other.knows_first(side):
        return False
    answers = (mine.side(side.other).terminal, other.side(side.other).terminal)
    return all(answer is None or cause < answer for answer in answers)


def _kind_of_end(side: SideLife) -> str:
    return "rst" if side.rst is not None and side.rst == side.tcp_end else "fin"


def _ended_by(life: Life, side: Side) -> bool:
    mine, theirs = life.side(side), life.side(side.other)
    first = mine.tcp_end
    if first is None or first != mine.terminal:
        return False
    return theirs.terminal is None or first < theirs.terminal
