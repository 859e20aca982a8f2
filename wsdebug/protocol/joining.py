"""A connection whose beginning the capture lacks: is it a WebSocket, and who is the client?

*Theory:* a client masks its frames and a server does not (RFC 6455 5.1), so both directions,
searched in both roles, tell who is who, whatever the ports.

*Practice:* any protocol may come by. Both directions must agree in opposite roles; one alone needs
twice the evidence. Pings and pongs with one payload across the directions add to it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from wsdebug.http import Piece
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
    """What told the roles: "masking", "handshake" (SYN or HTTP), or "decode-as"."""

    @property
    def confidence(self) -> str:
        """In words (20 bits are likely, 30 very likely, 60 certain)."""
        if self.by == "decode-as":
            return "declared"
        return "certain" if self.bits >= 60 else "very likely" if self.bits >= 30 else "likely"


class Joining:
    """Both directions of such a connection, until it is known what they are."""

    __slots__ = ("_is_known", "_need", "_seen", "_was_most", "ended", "is_hopeless", "runs")

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
        self._was_most = False

    def put(self, side: Side, data: bytes, mark: Mark) -> Joined | None:
        """The next bytes of a direction."""
        if self.is_hopeless:
            return None
        self.runs[side].put(data, mark)
        self._seen += len(data)
        if self._seen < self._need and not self.runs[side].is_crowded:
            return None
        step = max(_FIRST_LOOK, self._seen // 2)
        self._need = min(self._seen + step, MOST) if self._seen < MOST else self._seen + step
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

    def put_all(self, side: Side, pieces: Sequence[Piece], ended: tuple[str, Mark] | None) -> None:
        """What waited while the HTTP heads were looked for."""
        for piece, mark in pieces:
            if isinstance(piece, bytes):
                self.put(side, piece, mark)
            else:
                self.put_gap(side, piece, mark)
        if ended is not None:
            self.end(side, *ended)

    def end(self, side: Side, how: str, mark: Mark) -> None:
        """The direction is over."""
        self.ended.setdefault(side, (how, mark))

    def abandon(self) -> None:
        """Others need the memory."""
        self.is_hopeless = True
        self.runs = {side: Run(run.end) for side, run in self.runs.items()}

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
        silent = [side for side in SIDES if best.found[side] is None]
        if silent and not self._is_enough(best, silent[0].other, is_over=is_over):
            return None
        return best

    def _is_enough(self, joined: Joined, side: Side, *, is_over: bool) -> bool:
        """Whether the frames of `side` alone are enough: a file that holds frames may go by in
        any protocol, so they must make up most of what is there, and go on.
        """
        found, run = joined.found[side], self.runs[side]
        role = side.other if joined.swapped else side
        other = self.runs[side.other]
        if found is None or find_border(other, Shape(role, UNKNOWN), None) is not None:
            return False  # both sides masked, or neither
        is_quiet = len(other.data) < _COMPANY
        if joined.bits < (ALONE if is_quiet else ALONE_IN_COMPANY):
            return False
        looked = min(len(run.data), WINDOW)
        is_most = 2 * (len(run.data) - found.at) >= looked
        was, self._was_most = self._was_most, is_most
        return is_most and (was or is_over or side in self.ended)

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
