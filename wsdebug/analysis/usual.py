"""Connections that go as one before them, read where their packets wait (`transport.parked`).

The first of each kind is read like any connection. Others whose heads are of the same kinds
(`http.kinds`), whose frames are plain and which end by the same course (`analysis.course`) need no
decoder and no judgement of their own: nothing in them can break a rule that the first one kept.
Whatever is not exactly so is left, and read like any connection.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from wsdebug.analysis.handshakes import handshake_report
from wsdebug.analysis.paths import Shake
from wsdebug.analysis.timeline import request_text, response_text
from wsdebug.http.kinds import head_like
from wsdebug.model.handshake import Agreed, Head, Kind
from wsdebug.model.place import Mark, Side
from wsdebug.model.report import HandshakeReport
from wsdebug.protocol.keys import accept_value
from wsdebug.protocol.plain_side import PlainSide
from wsdebug.rules import watch_table
from wsdebug.transport.flow_key import ends_of

if TYPE_CHECKING:
    from wsdebug.analysis.opening import Opening
    from wsdebug.analysis.shared import Shared
    from wsdebug.analysis.tracker import Tracker
    from wsdebug.transport.parked import Parked, ParkedHalf

_MOST = 256
"""Kinds of handshakes remembered."""
_KEY, _ACCEPT = "sec-websocket-key", "sec-websocket-accept"


class Pair(NamedTuple):
    """Two kinds of heads that made a handshake without fault."""

    agreed: Agreed
    report: HandshakeReport
    """Of the first one: key, accept value, date and packets are its own."""
    asked: str
    answered: str


class Usual:
    """One connection whose packets wait: its handshake and frames as far as they came."""

    __slots__ = (
        "_leave", "_room", "client", "id", "key", "pair", "parked", "request", "response", "server",
    )  # fmt: skip

    pair: Pair
    request: Head
    response: Head
    client: PlainSide
    server: PlainSide

    def __init__(self, room: Handshakes, parked: Parked, leave: Callable[[bytes], None]) -> None:
        self._room = room
        self._leave = leave
        self.parked = parked
        self.id = 0
        self.key = ""
        parked.client.feed = self._ask

    def _ask(self, data: bytes, mark: Mark) -> bool:
        head = self._room.request(data, mark)
        if head is None:
            return False
        self.request, self.key = head, head.all(_KEY)[0].value
        self.parked.client.feed = refuse
        self.parked.server.feed = self._answer
        return self._room.recognise(self)

    def _answer(self, data: bytes, mark: Mark) -> bool:
        answered = self._room.response(self, data, mark)
        if answered is None:
            return False
        self.response, self.pair = answered
        agreed = self.pair.agreed
        self.client = PlainSide(Side.CLIENT, watch_table(Side.CLIENT, agreed))
        self.server = PlainSide(Side.SERVER, watch_table(Side.SERVER, agreed))
        self.parked.client.feed = self._begin
        self.parked.server.feed = self._read_server
        return self._room.is_apart(self)

    def _begin(self, data: bytes, mark: Mark) -> bool:
        """The client's first frames, which must not be older than the 101 (RFC 6455 4.1)."""
        if (mark[2] or 0) < self.response.length:
            return False
        self.parked.client.feed = self._read_client
        return self._read_client(data, mark)

    def _read_client(self, data: bytes, mark: Mark) -> bool:
        if self.server.close is None:
            return self.client.feed(data, mark)
        return self._ends(self.client, self.parked.server, data, mark)

    def _read_server(self, data: bytes, mark: Mark) -> bool:
        if self.client.close is None:
            return self.server.feed(data, mark)
        return self._ends(self.server, self.parked.client, data, mark)

    def _ends(self, side: PlainSide, closer: ParkedHalf, data: bytes, mark: Mark) -> bool:
        """Behind the other side's Close nothing but an answer that had seen it (RFC 6455 5.5.1)."""
        before = side.last
        if not side.feed(data, mark) or side.close is None or side.last is not before:
            return False
        self.parked.may_end = (mark[2] or 0) >= closer.sent
        return self.parked.may_end

    def leave(self) -> None:
        """Be read like any other."""
        self._leave(self.parked.key)

    @property
    def shake(self) -> Shake:
        """Its handshake, to be compared with those of other legs."""
        client, server = ends_of(self.parked.key)
        packets = self.request.packet, self.response.packet
        return Shake(self, self.parked.index, client[0], server, packets)


class Handshakes:
    """What the handshakes of one capture have in common, and who shares a key with whom."""

    def __init__(self, shared: Shared, opening: Opening) -> None:
        self._shared = shared
        self._opening = opening
        self._pairs: dict[tuple[Kind, Kind], Pair] = {}
        self._requests: set[Kind] = set()

    def learn(self, tracker: Tracker) -> None:
        """A connection went its usual course, and broke no rule."""
        handshake = tracker.decoder.handshake
        request = handshake.request if handshake is not None else None
        response = handshake.response if handshake is not None else None
        if handshake is None or request is None or response is None or handshake.agreed.unknown:
            return
        kinds = request.kind, response.kind
        if kinds in self._pairs or not (_draws(request, _KEY) and _draws(response, _ACCEPT)):
            return
        if len(self._pairs) >= _MOST:
            self._pairs.clear()
            self._requests.clear()
        report = handshake_report(handshake, "accepted", ())
        texts = request_text(request), response_text(response)
        self._pairs[kinds] = Pair(handshake.agreed, report, *texts)
        self._requests.add(request.kind)

    def request(self, data: bytes, mark: Mark) -> Head | None:
        """The head, if it is the only thing in the segment and of a known kind."""
        head = self._head(data, Side.CLIENT, mark) if self._requests else None
        return head if head is not None and head.kind in self._requests else None

    def response(self, usual: Usual, data: bytes, mark: Mark) -> tuple[Head, Pair] | None:
        """The same of the answer, if it fits the key (RFC 6455 4.2.2)."""
        head = self._head(data, Side.SERVER, mark)
        pair = self._pairs.get((usual.request.kind, head.kind)) if head is not None else None
        if head is None or pair is None:
            return None
        return (head, pair) if head.all(_ACCEPT)[0].value == accept_value(usual.key) else None

    def _head(self, data: bytes, side: Side, mark: Mark) -> Head | None:
        if data[-4:] != b"\r\n\r\n":
            return None
        return head_like(data, side, 0, mark, self._shared.limits)

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

    def is_apart(self, usual: Usual) -> bool:
        """It was answered: may it be the front leg of a proxy's path?"""
        return self._shared.legs.is_apart(usual.shake)

    def left(self, usual: Usual) -> None:
        """It is read like any other: under the number it has, and counted there."""
        if usual.id:
            self._shared.legs.over(usual)
            self._shared.reserved[usual.parked.index] = usual.id
            self._opening.http_connections -= 1


def _draws(head: Head, name: str) -> bool:
    """Whether the one line of that name is among those drawn anew each time."""
    return any(head.fields[index].key == name for index in head.kind.drawn)


def refuse(data: bytes, mark: Mark) -> bool:  # noqa: ARG001 - the transport's contract
    """Bytes that do not come in the usual course."""
    return False
