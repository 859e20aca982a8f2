"""Times that the clock of a capture told twice, because it was set back meanwhile.

Theory: packets stand in a capture in the order in which they came. Practice: NTP sets a clock back,
or a file was put together of two. What happened before the step and what came after it then seem
to be one moment, and a fleet is about moments. Clocks of two cards differ by less than `_LEAST`.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate
from operator import itemgetter

import msgspec

from wsdebug.diagnosis.fleet.crowd import SECOND

_LEAST = SECOND // 10
_AROUND = 30 * SECOND
"""So far behind a death the fleet looks for clients that come back."""


class SetBack(msgspec.Struct, frozen=True):
    """The clock was set back: the times from `begin` to `end`, in ns, came twice. `packet` came
    after that.
    """

    begin: int
    end: int
    packet: int

    def touches(self, begin: int, end: int) -> bool:
        """Whether what happened then may as well have happened before the step, or after it."""
        return begin - _AROUND <= self.end and self.begin <= end + _AROUND


def set_backs(moments: Iterable[tuple[int, int]]) -> list[SetBack]:
    """Where later packets have earlier times. `moments`: time in ns and packet, in any order."""
    ordered = sorted(moments)
    latest = list(accumulate(map(itemgetter(1), ordered), max))
    found: list[SetBack] = []
    for (time, packet), newest in zip(ordered, latest, strict=True):
        if packet == newest:
            continue
        begin, later = ordered[bisect_right(latest, packet)]
        if time - begin > _LEAST:
            found.append(SetBack(begin, time, later))
    return _joined(found)


def _joined(found: Sequence[SetBack]) -> list[SetBack]:
    """Each step once, from the earliest time that came again to the latest."""
    steps: dict[int, SetBack] = {}
    for one in found:
        known = steps.get(one.begin)
        if known is None or known.end < one.end:
            steps[one.begin] = one
    return list(steps.values())
