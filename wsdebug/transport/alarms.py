"""Things to look at again at a later packet or time of the capture."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from heapq import heappop, heappush
from itertools import count
from typing import TypeAlias

from wsdebug.transport.flow import Flow
from wsdebug.transport.half import Half
from wsdebug.transport.parked import Parked

Sleeper: TypeAlias = Half | Flow | Parked

NEVER = 1 << 80


class Alarms:
    """Two heaps of sleepers, and a queue. `due_number` and `due_time` are what the packet loop
    compares with: no later than the first packet number or time (nanoseconds) at which somebody
    must be woken. `are_set`: there is one at all, which costs less to ask.

    Each sleeper stands at most once in each heap: who is woken too early asks again. Two alarms
    that each set two would double with every hole of a stream.
    """

    __slots__ = (
        "_by_number", "_by_time", "_in_turn", "_numbered", "_ticket", "_timed", "are_set",
        "due_number", "due_time",
    )  # fmt: skip

    def __init__(self) -> None:
        self.are_set = False
        self.due_number = NEVER
        self.due_time = NEVER
        self._by_number: list[tuple[int, int, Sleeper]] = []
        self._by_time: list[tuple[int, int, Sleeper]] = []
        self._in_turn: deque[tuple[int, int, Sleeper]] = deque()
        self._numbered: set[Sleeper] = set()
        self._timed: set[Sleeper] = set()
        self._ticket = count()

    def at_number(self, number: int, sleeper: Sleeper) -> None:
        """Wake at that packet, or at the one asked for before."""
        if sleeper in self._numbered:
            return
        self._numbered.add(sleeper)
        heappush(self._by_number, (number, next(self._ticket), sleeper))
        self.due_number = self._by_number[0][0]
        self.are_set = True

    def at_time(self, time: int, sleeper: Sleeper) -> None:
        """Wake at the first packet with that time or a later one, or as asked for before."""
        if sleeper in self._timed:
            return
        self._timed.add(sleeper)
        heappush(self._by_time, (time, next(self._ticket), sleeper))
        self.due_time = min(self.due_time, time)
        self.are_set = True

    def in_turn(self, time: int, sleeper: Sleeper) -> None:
        """As `at_time`, to be asked for once, for those who all wait as long from now on: they
        stand in a queue, not in a heap, as long as the capture's clock does not run back.
        """
        queue = self._in_turn
        if queue and time < queue[-1][0]:
            self.at_time(time, sleeper)
            return
        queue.append((time, next(self._ticket), sleeper))
        if time < self.due_time:
            self.due_time = time
            self.are_set = True

    def due(self, number: int, now: int) -> Iterator[Sleeper]:
        """Take out everybody whose packet or time has come."""
        while self._by_number and self._by_number[0][0] <= number:
            sleeper = heappop(self._by_number)[2]
            self._numbered.discard(sleeper)
            yield sleeper
        timed, queue = self._by_time, self._in_turn
        while (timed and timed[0][0] <= now) or (queue and queue[0][0] <= now):
            if queue and not (timed and timed[0] < queue[0]):  # no two tickets are equal
                yield queue.popleft()[2]
            else:
                sleeper = heappop(timed)[2]
                self._timed.discard(sleeper)
                yield sleeper
        self.due_number = self._by_number[0][0] if self._by_number else NEVER
        self.due_time = min(timed[0][0] if timed else NEVER, queue[0][0] if queue else NEVER)
        self.are_set = bool(self._by_number or self._by_time or self._in_turn)
