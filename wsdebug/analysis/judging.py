"""What is said of connections that are over: the legs of one path together, or one alone."""

from __future__ import annotations

from collections.abc import Sequence

from wsdebug.analysis.connections import finish
from wsdebug.analysis.legs import joined, oriented
from wsdebug.analysis.lives import life_of
from wsdebug.analysis.outcomes import closing_facts, ping_facts
from wsdebug.analysis.scenes import find_causes
from wsdebug.analysis.tracker import Tracker
from wsdebug.diagnosis.scene import Scene


def take_last_facts(tracker: Tracker, now: int | None) -> None:
    """What shows only when a connection is over. `now`: how far the capture went, in ns."""
    tracker.take([*closing_facts(tracker, now), *ping_facts(tracker, now)])


def judged(trackers: Sequence[Tracker], now: int | None) -> list[Scene]:
    """Their reports, with causes, in the order of `trackers`: all are legs of one path."""
    legs, lives = oriented(trackers, [life_of(tracker, now) for tracker in trackers])
    lives = joined(legs, lives)
    scenes = [
        finish(tracker, life, [other.id for other in legs if other is not tracker])
        for tracker, life in zip(legs, lives, strict=True)
    ]
    find_causes(legs, scenes)
    return scenes if legs is trackers else scenes[::-1]
