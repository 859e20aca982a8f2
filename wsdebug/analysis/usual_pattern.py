"""The pattern of reports of one shape: one of them, in which each value can be found again."""

from __future__ import annotations

import secrets
from itertools import count
from typing import TYPE_CHECKING

from wsdebug.analysis.usual_facts import WHOLE_TIMES, Facts, Whole, values_of
from wsdebug.analysis.usual_report import Shape, report_of
from wsdebug.model.recurring import Pattern
from wsdebug.protocol.plain_way import TIMES, Way

if TYPE_CHECKING:
    from wsdebug.analysis.conclusions import Conclusion
    from wsdebug.analysis.usual import Pair

_LOWEST = 10**11
_MANY = 8 * 10**11
"""So many numbers there are to draw from, all of twelve digits."""
_NANO = 10**9


def pattern_of(pair: Pair, shape: Shape, conclusion: Conclusion) -> Pattern:
    """Its marks are drawn by chance: no capture can hold them in its heads."""
    facts = _marks(*map(len, pair.drawn))
    return Pattern(report_of(pair, shape, conclusion, facts), values_of(facts))


def _marks(asked: int, answered: int) -> Facts:
    """Other facts each time; `asked` and `answered`: so many header lines."""
    drawn = count(_LOWEST + secrets.randbelow(_MANY))

    def texts(number: int) -> tuple[str, ...]:
        return tuple(f"mark{next(drawn)}" for _ in range(number))

    def later(times: slice, number: int) -> list[int]:
        """Numbers, of which those in `times` are halves of seconds behind the start."""
        row = [next(drawn) for _ in range(number)]
        row[times] = [start + one * _NANO + _NANO // 2 for one in row[times]]
        return row

    start = next(drawn) * 1_000_003
    client, server, *last = texts(4)
    return Facts(
        start,
        Whole(*later(WHOLE_TIMES, len(Whole._fields))),
        Way(*later(TIMES, len(Way._fields))),
        Way(*later(TIMES, len(Way._fields))),
        (client, server),
        (last[0], last[1]),
        texts(asked),
        texts(answered),
    )
