"""The pattern of reports of one shape: one of them, in which each value can be found again."""

from __future__ import annotations

import secrets
from itertools import count
from typing import TYPE_CHECKING

from wsdebug.analysis.usual_facts import SIZES, TIME_PLACES, facts_in
from wsdebug.analysis.usual_report import Shape, report_of
from wsdebug.model.instant import Instant
from wsdebug.model.recurring import Pattern, Values

if TYPE_CHECKING:
    from wsdebug.analysis.conclusions import Conclusion
    from wsdebug.analysis.usual import Pair

_LOWEST = 10**11
_MANY = 8 * 10**11
"""So many numbers there are to draw from, all of twelve digits."""
_NANO = 10**9


def pattern_of(pair: Pair, shape: Shape, conclusion: Conclusion) -> Pattern:
    """Its marks are drawn by chance: no capture can hold them in its heads."""
    marks = _marks(sum(map(len, pair.drawn)))
    return Pattern(report_of(pair, shape, conclusion, facts_in(marks)), marks, TIME_PLACES)


def _marks(more: int) -> Values:
    """Other values each time; `more`: so many texts behind the ones that are always there."""
    drawn = count(_LOWEST + secrets.randbelow(_MANY))
    numbers, texts = SIZES
    start = next(drawn) * 1_000_003
    words = [f"mark{next(drawn)}" for _ in range(texts + more)]
    words[4] = str(Instant(start))
    row = [next(drawn) for _ in range(numbers)]
    for place in TIME_PLACES:
        row[place] = start + row[place] * _NANO + _NANO // 2
    return Values(tuple(row), start, tuple(words))
