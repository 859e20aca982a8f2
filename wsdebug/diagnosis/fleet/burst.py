"""Connections of one server that were cut within milliseconds of one another."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from operator import itemgetter

import msgspec

from wsdebug.diagnosis.fleet.crowd import MILLISECOND, SECOND, Crowd
from wsdebug.diagnosis.fleet.member import Member, paths
from wsdebug.diagnosis.timeouts import SAME
from wsdebug.knowledge.timeouts import fitting

FEWEST = 3
"""Fewer ends at one time may be chance."""
CRASH = 50 * MILLISECOND
"""From a violation to the end of the others (CAUSES, DX501)."""
_APART = 10 * MILLISECOND
"""A dying process has its sockets closed one by one, but no slower than this."""


class Burst(msgspec.Struct, frozen=True, dict=True):
    """The members that were cut, in the order of their ends."""

    crowd: Crowd
    members: Sequence[Member]

    @property
    def begin(self) -> int:
        """When the first was cut, in ns."""
        return self.members[0].ended or 0

    @property
    def end(self) -> int:
        """When the last was cut."""
        return self.members[-1].ended or 0

    @property
    def ids(self) -> list[int]:
        """Of its members and the other legs of their paths, in the order of recognition."""
        return paths(self.members)

    @cached_property
    def culprit(self) -> Member | None:
        """The client whose violation came just before: two others at least must have died of it,
        and its own connection as well, for a process that lives on has tolerated it.
        """
        faulty = self.crowd.faulty
        first = bisect_left(faulty, self.begin - CRASH, key=itemgetter(0))
        behind = bisect_right(faulty, self.begin, key=itemgetter(0))
        for _, one in reversed(faulty[first:behind]):
            is_over = one.ended is not None and one.ended <= self.end + CRASH
            if is_over and len(self.innocent) >= FEWEST - 1:
                return one
        return None

    @cached_property
    def innocent(self) -> list[Member]:
        """Those that broke nothing themselves."""
        return [one for one in self.members if one.fault is None]

    @property
    def is_big(self) -> bool:
        """Enough for more than chance, none of which had earned it."""
        return FEWEST <= len(self.members) == len(self.innocent)

    @property
    def is_all(self) -> bool:
        """Nobody else was connected to this server."""
        return self.crowd.alive_at(self.begin) == len(self.members)

    @property
    def has_survivors(self) -> bool:
        """Somebody who was connected then lived on."""
        return self.crowd.outlived(self.end + CRASH, self.begin)

    @property
    def is_of_the_old(self) -> bool:
        """All that were as old as the youngest of them died; only those that came later live on."""
        youngest = max(one.start for one in self.members)
        return not self.crowd.outlived(self.end + CRASH, youngest)

    @property
    def is_of_the_silent(self) -> bool:
        """All had been silent for as long as some idle timeout lasts: that may have been it."""
        waits = [one.silence for one in self.members]
        known = [wait for wait in waits if wait is not None and wait >= 1]
        if len(known) < len(waits) or max(known) - min(known) > SAME * max(known):
            return False
        return bool(fitting(min(known), kind="idle"))

    @property
    def is_of_the_unanswered(self) -> bool:
        """To each of them a ping was out: a keepalive may have given them up."""
        return all(one.is_unanswered for one in self.members)


def bursts(crowd: Crowd) -> Iterator[Burst]:
    """Every burst of two or more."""
    cut = sorted(crowd.cut, key=lambda one: one.ended or 0)
    for group in chained(cut, _APART):
        if len(group) >= FEWEST - 1:
            yield Burst(crowd, group)


def chained(members: Iterable[Member], apart: int) -> Iterator[list[Member]]:
    """Members in the order of their ends, in groups in which none follows later than `apart`."""
    group: list[Member] = []
    for one in members:
        if group and (one.ended or 0) - (group[-1].ended or 0) > apart:
            yield group
            group = []
        group.append(one)
    if group:
        yield group


def spread(begin: int, end: int) -> float:
    """Nanoseconds between the two as seconds."""
    return (end - begin) / SECOND
