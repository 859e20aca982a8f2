"""Connections that go as one before them, read where their packets wait (`transport.parked`).

The first of each kind is read like any connection. Others whose heads are of the same kinds
(`http.kinds`), whose frames are plain and which end by the same course (`analysis.course`) need no
decoder and no judgement of their own: nothing in them can break a rule that the first one kept.
Whatever is not exactly so is left, and read like any connection.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import TYPE_CHECKING, NamedTuple

from wsdebug.analysis.handshakes import handshake_report
from wsdebug.analysis.limits_reached import limits_of
from wsdebug.analysis.paths import Shake
from wsdebug.analysis.timeline import request_text, response_text
from wsdebug.http.kinds import Alike
from wsdebug.model.handshake import Agreed, Head, Kind
from wsdebug.model.limits import Limits
from wsdebug.model.place import NO_MARK, Mark, Side
from wsdebug.model.report import HandshakeReport
from wsdebug.protocol.keys import accept_value
from wsdebug.protocol.plain_side import Make, PlainSide, packing_of, plain_sides
from wsdebug.rules import watch_table
from wsdebug.transport.flow_key import ends_of
from wsdebug.transport.parked import refuse

if TYPE_CHECKING:
    from wsdebug.analysis.opening import Opening
    from wsdebug.analysis.shared import Shared
    from wsdebug.analysis.tracker import Tracker
    from wsdebug.transport.parked import Parked

_MOST = 256
"""Kinds of handshakes remembered."""
_KEY, _ACCEPT = "sec-websocket-key", "sec-websocket-accept"


class Pair(NamedTuple):
    """Two kinds of heads that made a handshake without fault."""

    number: int
    """No other pair has it."""
    response: Alike
    length: int
    """Bytes of the response."""
    accept: int
    """Which of the values drawn in the response is the accept value."""
    sides: tuple[Make, Make]
    """What reads the frames of client and server."""
    packs: bool
    """Compression was agreed on."""
    report: HandshakeReport
    """Of the first one: the drawn values and the packets are its own."""
    asked: str
    answered: str
    drawn: tuple[tuple[int, ...], tuple[int, ...]]
    """Indexes of the header lines that are drawn anew, in both heads."""


class Asked(NamedTuple):
    """A kind of request, and the kinds of answers it got."""

    request: Alike
    key: int
    """Which of the values drawn is the key."""
    pairs: list[Pair]


class Usual:
    """One connection whose packets wait: its handshake and frames as far as they came."""

    __slots__ = (
        "__weakref__", "_asked", "_leave", "_room", "client", "ends", "id", "key", "pair",
        "parked", "request", "request_values", "response", "response_values", "server",
    )  # fmt: skip

    _asked: Asked
    request_values: tuple[str, ...]
    response_values: tuple[str, ...]
    client: PlainSide
    server: PlainSide

    def __init__(self, room: Handshakes, parked: Parked, leave: Callable[[bytes], None]) -> None:
        self._room = room
        self._leave = leave
        self.ends = ends_of(parked.key)
        self.parked = parked
        self.id = 0
        self.key = ""
        self.pair: Pair | None = None
        """Once it was answered; then its frames are read."""
        self.request: Mark = NO_MARK
        """Where it came; `response` alike."""
        self.response: Mark = NO_MARK
        parked.client.feed = self._ask

    def _ask(self, data: bytes, mark: Mark) -> bool:
        for asked in self._room.known.get(len(data), ()):
            values = asked.request.values(data)
            if values is not None:
                self._asked, self.request, self.request_values = asked, mark, values
                self.key = values[asked.key]
                self.parked.client.feed = refuse
                self.parked.server.feed = self._answer
                return self._room.recognise(self)
        return False

    def _answer(self, data: bytes, mark: Mark) -> bool:
        for pair in self._asked.pairs:
            values = pair.response.values(data) if len(data) == pair.length else None
            # RFC 6455 4.2.2, item 5
            if values is not None and values[pair.accept] == accept_value(self.key):
                self.pair, self.response, self.response_values = pair, mark, values
                self.client, self.server = pair.sides[0](), pair.sides[1]()
                self.parked.client.feed, self.parked.server.feed = self.client, self.server
                return self._room.is_apart(self, pair)
        return False

    def leave(self) -> None:
        """Be read like any other, if it waits."""
        if self.parked.usual is self:
            self._leave(self.parked.key)

    @property
    def is_over(self) -> bool:
        """Both sides have sent their Close and their FIN, or it does not wait any more."""
        if self.parked.usual is not self:
            return True
        sides = (self.client, self.parked.client), (self.server, self.parked.server)
        return all(one.close is not None and half.fin is not None for one, half in sides)

    @property
    def shake(self) -> Shake:
        """Its handshake, to be compared with those of other legs."""
        client, server = self.ends
        packets = self.request[0], self.response[0]
        return Shake(self, self.parked.index, client[0], server, packets)


class Handshakes:
    """What the handshakes of one capture have in common, and who shares a key with whom."""

    def __init__(self, shared: Shared, opening: Opening) -> None:
        self._shared = shared
        self._opening = opening
        self._numbers = count()
        self._pairs: dict[tuple[Kind, Kind], Pair] = {}
        self._asked: dict[Kind, Asked] = {}
        self.known: dict[int, list[Asked]] = {}
        """Kinds of requests by their length in bytes."""

    def learn(self, tracker: Tracker) -> None:
        """A connection went its usual course, and broke no rule. Where its heads were read to a
        limit only, each one like it is counted.
        """
        handshake = tracker.decoder.handshake
        request = handshake.request if handshake is not None else None
        response = handshake.response if handshake is not None else None
        if handshake is None or request is None or response is None:
            return
        agreed, limits = handshake.agreed, self._shared.limits
        if agreed.unknown or limits_of(tracker):
            return
        kinds = request.kind, response.kind
        if kinds in self._pairs or not (_draws(request, _KEY) and _draws(response, _ACCEPT)):
            return
        if len(self._pairs) >= _MOST:
            for remembered in (self._pairs, self._asked, self.known):
                remembered.clear()
        asked = self._asked.get(request.kind)
        if asked is None:
            asked = Asked(Alike(request.kind, request.fields), _place(request, _KEY), [])
            self._asked[request.kind] = asked
            self.known.setdefault(asked.request.length, []).append(asked)
        pair = self._pairs[kinds] = Pair(
            next(self._numbers),
            Alike(response.kind, response.fields),
            response.length,
            _place(response, _ACCEPT),
            (_sides(Side.CLIENT, agreed, limits), _sides(Side.SERVER, agreed, limits)),
            agreed.deflate is not None,
            handshake_report(handshake, "accepted", ()),
            request_text(request),
            response_text(response),
            (request.kind.drawn, response.kind.drawn),
        )
        asked.pairs.append(pair)

    # ---- what connections have to do with each other ------------------------------------------
    def recognise(self, usual: Usual) -> bool:
        """An upgrade was asked for, by a key that nobody else used."""
        shared = self._shared
        if not shared.legs.wait(usual):
            return False
        shared.keys.note(usual.key)
        usual.id = shared.number(usual.parked.index)
        self._opening.http_connections += 1
        return True

    def is_apart(self, usual: Usual, pair: Pair) -> bool:
        """It was answered: False where it may be the front leg of a proxy's path, or where there is
        no room for what its compressed messages refer to.
        """
        shared = self._shared
        if pair.packs and not shared.inflaters.wait(usual):
            return False
        return shared.legs.is_apart(usual.shake)

    def left(self, usual: Usual) -> None:
        """It is read like any other: under the number it has, and counted there."""
        if usual.id:
            self._shared.legs.left(usual)
            self._shared.reserved[usual.parked.index] = usual.id
            self._opening.http_connections -= 1


def _sides(side: Side, agreed: Agreed, limits: Limits) -> Make:
    return plain_sides(side, watch_table(side, agreed), packing_of(agreed, side, limits))


def _place(head: Head, name: str) -> int:
    """Which of the lines drawn anew has that name."""
    return [head.fields[index].key for index in head.kind.drawn].index(name)


def _draws(head: Head, name: str) -> bool:
    """Whether the one line of that name is among those drawn anew each time."""
    return any(head.fields[index].key == name for index in head.kind.drawn)
