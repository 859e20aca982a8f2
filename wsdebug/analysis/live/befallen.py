"""What befell several connections at once, asked again while the capture grows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from wsdebug.analysis.live.crowding import open_member
from wsdebug.analysis.live.watched import Watched
from wsdebug.diagnosis.fleet import FleetWatch, Member
from wsdebug.model.live import Listener
from wsdebug.model.report import FleetCause

_PAUSE = 500_000_000
"""Nanoseconds between two questions, at least;"""
_PACE = 500_000
"""and so many more for each connection that has to be looked at."""

_KNOWN = 100_000
"""Causes of which is remembered what was told."""


class Befallen:
    """Asks the fleet when something has ended, and tells what is new."""

    def __init__(self, fleet: FleetWatch, listener: Listener) -> None:
        self._fleet = fleet
        self._listener = listener
        self._told: dict[tuple[str, str, int], tuple[int, int]] = {}
        """Revision of each cause and what was told, as a number."""
        self._due = 0
        self.is_dirty = False
        """Something has ended since it was asked."""

    def tick(self, now: int, watched: Mapping[int, Watched]) -> None:
        """Ask, if there is reason to and it is time."""
        if not self.is_dirty or now < self._due:
            return
        self.is_dirty = False
        self._due = now + _PAUSE + _PACE * (self._fleet.size + len(watched))
        self.tell(self._fleet.causes(list(_members(watched.values()))))

    def tell(self, causes: list[FleetCause]) -> None:
        """Tell those that are new or have changed."""
        for cause in causes:
            key = cause.code, cause.server, cause.culprit or min(cause.connections, default=0)
            number = hash(msgspec.msgpack.encode(cause))
            revision, before = self._told.get(key, (0, None))
            if number != before:
                if len(self._told) >= _KNOWN:
                    self._told.clear()
                self._told[key] = revision + 1, number
                self._listener.befell(cause, revision + 1)


def _members(watched: Iterable[Watched]) -> Iterable[Member]:
    for one in watched:
        member = one.member or open_member(one.tracker)
        if member is not None:
            yield member
