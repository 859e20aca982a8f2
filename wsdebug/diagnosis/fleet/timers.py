"""The same number of seconds on several connections: a timer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import msgspec

from wsdebug.diagnosis.fleet.burst import FEWEST, spread
from wsdebug.diagnosis.fleet.member import Member, paths
from wsdebug.diagnosis.timeouts import SAME
from wsdebug.display.times import span_of_time


class Limited(msgspec.Struct, frozen=True):
    """Members that ended after the same number of seconds, with these numbers, least first."""

    members: Sequence[Member]
    waits: Sequence[float]

    @property
    def seconds(self) -> float:
        """The middle one."""
        from statistics import median  # noqa: PLC0415 - as slow as a small capture

        return median(self.waits)

    @property
    def range(self) -> str:
        """`60.0 s`, or `59.8 s to 60.4 s`."""
        least, most = span_of_time(self.waits[0]), span_of_time(self.waits[-1])
        return least if least == most else f"{least} to {most}"

    @property
    def ids(self) -> list[int]:
        """Of its members and the other legs of their paths, in the order of recognition."""
        return paths(self.members)

    @property
    def begin(self) -> int:
        """When the first ended."""
        return min(one.ended or 0 for one in self.members)

    @property
    def end(self) -> int:
        """When the last ended."""
        return max(one.ended or 0 for one in self.members)

    @property
    def shape(self) -> str:
        """What was seen of the ends; that of one leg where they differ."""
        shapes = {one.shape for one in self.members}
        if len(shapes) == 1:
            return shapes.pop()
        return "fin" if "fin" in {one.how for one in self.members} else "rst"

    @property
    def is_staggered(self) -> bool:
        """At least three ends lie further apart than the waits differ: what ended them counted
        for each of them alone.
        """
        apart = max(4 * (self.waits[-1] - self.waits[0]), SAME * self.waits[-1])
        moments = 0
        last: int | None = None
        for ended in sorted(one.ended or 0 for one in self.members):
            if last is None or spread(last, ended) > apart:
                moments += 1
                last = ended
        return moments >= FEWEST


def limited(members: Sequence[Member], wait: Callable[[Member], float]) -> Iterator[Limited]:
    """Groups of three or more whose waits differ by 2 % at most and that are at least half of all:
    with many waits some are alike by chance.
    """
    ordered = sorted(members, key=wait)
    waits = [wait(one) for one in ordered]
    start = 0
    while len(ordered) - start >= FEWEST:
        begin, behind = _densest(waits, start)
        if behind - begin < FEWEST or 2 * (behind - begin) < len(ordered):
            return
        yield Limited(ordered[begin:behind], waits[begin:behind])
        start = behind


def _densest(waits: Sequence[float], start: int) -> tuple[int, int]:
    """The run of waits within 2 % with the most of them, from `start` on."""
    best, begin = (start, start), start
    for behind in range(start, len(waits)):
        while waits[behind] - waits[begin] > SAME * waits[behind]:
            begin += 1
        if behind + 1 - begin > best[1] - best[0]:
            best = (begin, behind + 1)
    return best
