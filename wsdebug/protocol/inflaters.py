"""The compression contexts of all connections of a capture: no more than a limit live at once."""

from __future__ import annotations

from collections import OrderedDict
from typing import Protocol
from weakref import WeakSet

from wsdebug.protocol.inflate import Inflater

_BOTH = 2
"""Contexts of a connection: one a side."""


class Waiting(Protocol):
    """A connection whose packets wait (`transport.parked`), and which may compress."""

    @property
    def is_over(self) -> bool:
        """Nothing can come any more that would need a context."""

    def leave(self) -> None:
        """Be read like any other."""


class Inflaters:
    """Live inflaters, the least recently used first; that one gives its context up when another
    is wanted (`Limits.inflaters`).

    Connections that wait have no inflater. They count as if they had, and before one is given up
    all of them are read: then each context is where it would be if nobody had waited.
    """

    __slots__ = (
        "_is_mixed", "_live", "_most", "_newest", "_over", "_waiting", "given_up",
    )  # fmt: skip

    def __init__(self, most: int) -> None:
        self._live: OrderedDict[Inflater, None] = OrderedDict()
        self._most = max(1, most)
        self._newest = 0
        self._is_mixed = False
        """They do not stand in the order of the packets they were used at: some had waited."""
        # Weak: nobody need say here that one was reported, or is read.
        self._waiting: WeakSet[Waiting] = WeakSet()
        self._over: WeakSet[Waiting] = WeakSet()
        """Those that do not count any more."""
        self.given_up = 0
        """How often a context was given up."""

    def use(self, inflater: Inflater, packet: int | None) -> None:
        """A message of this one comes in that packet."""
        try:
            self._live.move_to_end(inflater)
        except KeyError:
            self._make_room()
            self._live[inflater] = None
        if packet is not None:
            if packet < self._newest:
                self._is_mixed = True
            else:
                self._newest = packet
            inflater.used = packet

    def release(self, inflater: Inflater) -> None:
        """Its stream is over."""
        self._live.pop(inflater, None)

    def _make_room(self) -> None:
        if (self._waiting or self._over) and not self._fits(1):
            self._call_in()
        if len(self._live) < self._most:
            return
        if self._is_mixed:
            self._live = OrderedDict.fromkeys(sorted(self._live, key=lambda one: one.used))
            self._is_mixed = False
        oldest, _ = self._live.popitem(last=False)
        oldest.give_up()
        self.given_up += 1

    # ---- connections whose packets wait ------------------------------------------------------
    def wait(self, one: Waiting) -> bool:
        """It was agreed that it compresses; False where there is no room for its contexts."""
        if not self._fits(_BOTH):
            return False
        self._waiting.add(one)
        return True

    def _fits(self, more: int) -> bool:
        """Whether so many contexts may be added. Room is left for those of one that is over: if it
        is read after all, it has them for the time that this takes.
        """
        room = self._most - _BOTH - len(self._live) - more
        if _BOTH * len(self._waiting) > room:
            over = [one for one in self._waiting if one.is_over]
            self._over.update(over)
            self._waiting.difference_update(over)
        return _BOTH * len(self._waiting) <= room

    def _call_in(self) -> None:
        """Nobody waits any more."""
        called = [*self._waiting, *self._over]
        self._waiting.clear()
        self._over.clear()
        for one in called:
            one.leave()
