"""A connection whose beginning the capture lacks: is it a WebSocket, and who is the client?

*Theory:* a client masks its frames and a server does not (RFC 6455 5.1), so both directions,
searched in both roles, tell who is who, whatever the ports.

*Practice:* any protocol may come by. Both directions must agree in opposite roles; one alone needs
twice the evidence. Pings and pongs with one payload across the directions add to it.
"""

from __future__ import annotations

from typing import NamedTuple

from wsdebug.model.handshake import Agreed
from wsdebug.model.place import SIDES, Mark, Side
from wsdebug.protocol.borders import AT_FIN, AT_RUN_END, Shape
from wsdebug.protocol.run import WIDEST, Run
from wsdebug.protocol.search import AHEAD, WINDOW, Found, find_border

UNKNOWN = Agreed(known=False)
MOST = 1 << 20
"""Bytes of both directions after which there is no use in looking on."""
ALONE = 40.0
ALONE_IN_COMPANY = 60.0
"""Of one direction, where the other has much to say and no frame in it."""
_COMPANY = 2 << 10
_FIRST_LOOK = 256
_BITS_A_BEAT = 8.0
_MOST_BEAT_BITS = 32.0


class Joined(NamedTuple):
    """It is a WebSocket. `swapped`: who was called the client is the server. `found`: the
    border of each direction, by the side it was called.
    """

    swapped: bool
    found: dict[Side, Found | None]
    bits: float
    by: str
    """What told the roles: "masking" or "handshake"."""


class Joining:
    """Both directions of such a connection, until it is known what they are."""

    __slots__ = ("_is_known", "_need", "_seen", "ended", "is_hopeless", "runs")

    def __init__(self, offsets: dict[Side, int], *, is_known: bool) -> None:
        """`offsets`: where each direction begins in its TCP stream. `is_known`: who the client is
        need not be asked.
        """
        self.runs = {side: Run(0) for side in SIDES}
        for side, offset in offsets.items():
            self.runs[side].offset = offset
        self.ended: dict[Side, tuple[str, Mark]] = {}
        self.is_hopeless = False
        self._is_known = is_known
        self._need = _FIRST_LOOK
        self._seen = 0

    def put(self, side: Side, data: bytes, mark: Mark) -> Joined | None:
        """The next bytes of a direction."""
        self.runs[side].put(data, mark)
        self._seen += len(data)
        if self._seen < self._need and not self.runs[side].is_crowded:
            return None
        self._need = self._seen + max(_FIRST_LOOK, self._seen // 2)
        joined = self.look(is_over=False)
        if joined is None:
            self.is_hopeless = self._seen >= MOST
            for run in self.runs.values():
                spare = len(run.data) if run.is_crowded else len(run.data) - WINDOW
                run.forget(max(0, spare))
        return joined

    def put_gap(self, side: Side, length: int | None, mark: Mark) -> None:
        """Bytes the capture lacks."""
        run = self.runs[side]
        if length is not None and length <= WIDEST and run.data:
            run.put_hole(length, mark)
        else:
            self.runs[side] = Run(run.end + (length or 0))

    def end(self, side: Side, how: str, mark: Mark) -> None:
        """The direction is over."""
        self.ended.setdefault(side, (how, mark))

    def abandon(self) -> None:
        """Others need the memory."""
        self.is_hopeless = True

    def look(self, *, is_over: bool) -> Joined | None:
        """What the bytes so far tell."""
        ends = {side: self._end_of(side, is_over=is_over) for side in SIDES}
        tries = [
            self._try(swapped, ends) for swapped in ((False,) if self._is_known else (False, True))
        ]
        tries.sort(key=lambda joined: joined.bits, reverse=True)
        best = tries[0]
        if len(tries) > 1 and best.bits - tries[1].bits < AHEAD:
            return None
        both = all(found is not None for found in best.found.values())
        alone = next((side for side in SIDES if best.found[side] is None), Side.CLIENT)
        is_quiet = len(self.runs[alone].data) < _COMPANY
        if both or best.bits >= (ALONE if is_quiet else ALONE_IN_COMPANY):
            return best
        return None

    def _end_of(self, side: Side, *, is_over: bool) -> float | None:
        if side in self.ended:
            return AT_FIN if self.ended[side][0] == "fin" else AT_RUN_END
        return AT_RUN_END if is_over else None

    def _try(self, swapped: bool, ends: dict[Side, float | None]) -> Joined:
        found = {
            side: find_border(run, Shape(side.other if swapped else side, UNKNOWN), ends[side])
            for side, run in self.runs.items()
        }
        bits = sum(one.bits for one in found.values() if one is not None) + _shared_beats(found)
        return Joined(swapped, found, bits, "handshake" if self._is_known else "masking")


def _shared_beats(found: dict[Side, Found | None]) -> float:
    """Bits of pings whose payload came back in a pong of the other direction."""
    bits = 0.0
    for side in SIDES:
        mine, theirs = found[side], found[side.other]
        if mine is None or theirs is None:
            continue
        echoed = {payload for opcode, payload in theirs.beats if opcode == 10}
        pinged = {payload for opcode, payload in mine.beats if opcode == 9}
        bits += sum(_BITS_A_BEAT * len(payload) for payload in pinged & echoed)
    return min(bits, _MOST_BEAT_BITS)
