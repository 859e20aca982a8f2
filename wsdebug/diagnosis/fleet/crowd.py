"""All connections of one server, so that one can ask who was alive when.

Every question is answered by bisection: long storms cost n log n.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from functools import cached_property
from itertools import accumulate
from operator import attrgetter, itemgetter

from wsdebug.diagnosis.fleet.arrivals import Arrival, Door, Row
from wsdebug.diagnosis.fleet.member import Member
from wsdebug.diagnosis.fleet.orderly import Orderly

MILLISECOND = 1_000_000
SECOND = 1_000 * MILLISECOND
_FOREVER = 1 << 100


class Crowd:
    """The members of one address and port."""

    def __init__(
        self,
        server: str,
        members: list[Member],
        door: Door | None,
        orderly: Orderly | None = None,
    ) -> None:
        """`members` but for the `orderly`, if those are kept apart."""
        self.server = server
        self.members = sorted(members, key=attrgetter("start"))
        self._orderly = orderly if orderly is not None else Orderly()
        self.arrivals = door.arrivals if door is not None else Row()

    @cached_property
    def cut(self) -> list[Member]:
        """Those that were cut off (`Member.is_cut`)."""
        return [one for one in self.members if one.is_cut]

    @cached_property
    def _lives(self) -> list[tuple[int, int]]:
        """From when to when each was open, in the order of the first."""
        lives = [
            (one.start, _FOREVER if one.ended is None else one.ended)
            for one in self.members
            if one.is_open
        ]
        lives += zip(self._orderly.starts, self._orderly.ends, strict=True)
        return sorted(lives)

    @cached_property
    def _starts(self) -> list[int]:
        return [start for start, _ in self._lives]

    @cached_property
    def _ends(self) -> list[int]:
        return sorted(end for _, end in self._lives)

    @cached_property
    def _longest(self) -> list[int]:
        """For each by its start: until when it, or an older one, lived."""
        return list(accumulate((end for _, end in self._lives), max))

    @cached_property
    def _times(self) -> Sequence[int]:
        return self.arrivals.times

    def came(self, begin: int, end: int) -> list[int]:
        """The ids of all that began from `begin` to `end`, back legs apart."""
        found = [one.id for one in self.members if begin <= one.start <= end and one.leg != "back"]
        pairs = zip(self._orderly.ids, self._orderly.starts, strict=True)
        return sorted([*found, *(id_ for id_, start in pairs if begin <= start <= end)])

    def alive_at(self, time: int) -> int:
        """How many were open at `time`, those that ended in that moment among them."""
        return bisect_right(self._starts, time) - bisect_left(self._ends, time)

    def outlived(self, until: int, born_by: int) -> bool:
        """Whether one that began at `born_by` or before lived longer than `until`."""
        older = bisect_right(self._starts, born_by)
        return older > 0 and self._longest[older - 1] > until

    def next_arrival(self, time: int) -> Arrival | None:
        """What tells whether somebody listened after `time`: the first refusal within two seconds,
        else what came of the first attempt. A dying process closes its listening socket among the
        others, and until then its kernel accepts in its name.
        """
        index = bisect_right(self.refused, time)
        if index < len(self.refused) and self.refused[index] <= time + 2 * SECOND:
            return Arrival(self.refused[index], self.packet_at(self.refused[index]) or 0, False)
        index = bisect_right(self._times, time)
        return self.arrivals[index] if index < len(self.arrivals) else None

    @cached_property
    def refused(self) -> list[int]:
        """When attempts to connect were refused."""
        pairs = zip(self.arrivals.times, self.arrivals.packets, strict=True)
        return [time for time, packet in pairs if not packet & 1]

    def arrived(self, begin: int, end: int) -> Sequence[Arrival]:
        """The attempts to connect from `begin` to `end`."""
        times = self._times
        return self.arrivals[bisect_left(times, begin) : bisect_right(times, end)]

    def packet_at(self, time: int) -> int | None:
        """The SYN of the attempt to connect at `time`."""
        return next((one.packet for one in self.arrived(time, time)), None)

    def last_fault(self, time: int) -> Member | None:
        """The client that was the last to break the protocol by then."""
        index = bisect_right(self.faulty, time, key=itemgetter(0))
        return self.faulty[index - 1][1] if index else None

    @cached_property
    def faulty(self) -> list[tuple[int, Member]]:
        """Clients that broke the protocol, in the order in which they did."""
        found = [
            (one.fault.time, one)
            for one in self.members
            if one.fault is not None and one.fault.side.value == "client"
        ]
        return sorted(found, key=lambda pair: pair[0])
