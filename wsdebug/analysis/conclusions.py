"""The quick way for connections that took the usual course: most of a healthy capture.

The first connection of each kind of course goes the long way through life, ending, causes and
fleet. If it ended well, what was concluded is remembered, and for the others of its kind only
places and times are filled in. So no rule stands here, and what comes out is the same.
"""

from __future__ import annotations

import msgspec
from msgspec.structs import replace

from wsdebug.analysis.connections import report_of
from wsdebug.analysis.course import Course, Kind, course_of
from wsdebug.analysis.findings import seconds
from wsdebug.analysis.timeline import close_moment, end_moment, in_order, opening_moments
from wsdebug.analysis.tracker import Tracker
from wsdebug.diagnosis.fleet import Member, same_end
from wsdebug.diagnosis.scene import Scene
from wsdebug.diagnosis.timeouts import plain_wait
from wsdebug.model.report import Cause, Connection, Ending, Evidence

_MOST = 256
"""Kinds remembered: the reasons of Closes may be drawn anew each time."""


class Conclusion(msgspec.Struct, frozen=True):
    """What holds for every connection of a kind; places and times are those of the first one."""

    end: Ending
    cause: Cause
    evidence: Evidence
    member: Member


class Conclusions:
    """Those of one capture."""

    def __init__(self) -> None:
        self._known: dict[Kind, Conclusion] = {}

    def known(self, tracker: Tracker) -> tuple[Course, Conclusion] | None:
        """The course of a connection and what is known of its kind, None where there is either
        none or nothing.
        """
        course = course_of(tracker) if self._known else None
        conclusion = self._known.get(course.kind) if course is not None else None
        return (course, conclusion) if course is not None and conclusion is not None else None

    def of_kind(self, kind: Kind) -> Conclusion | None:
        """What is known of an end, None if nothing."""
        return self._known.get(kind)

    def learn(self, tracker: Tracker, scene: Scene, member: Member | None) -> bool:
        """A connection has gone the long way: was its course the usual one?"""
        course, end, causes = course_of(tracker), scene.connection.end, scene.connection.causes
        if course is None or member is None or end.how != "clean" or len(causes) != 1:
            return False
        cause = causes[0]
        because = cause.because[0] if len(cause.because) == 1 else None
        if (
            because is None
            or because.packet != course.closer.close.span.packet
            or _says_more(cause)
        ):
            return False
        if len(self._known) >= _MOST:
            self._known.clear()
        self._known[course.kind] = Conclusion(end, cause, because, member)
        return True


def _says_more(cause: Cause) -> bool:
    """What may depend on more than the course."""
    return bool(cause.against or cause.considered or cause.advice or cause.logged)


def concluded(
    tracker: Tracker, course: Course, conclusion: Conclusion
) -> tuple[Connection, Member | None]:
    """The report of a connection of a known kind, and what the fleet remembers of it."""
    flow, first = tracker.flow, course.closer.close
    place = first.span.packet
    end = replace(conclusion.end, time=seconds(flow, course.ended), packet=place)
    moments = opening_moments(tracker)
    for one in (course.closer, course.other):
        side, span = one.stream.side, one.close.span
        moments.append(close_moment(flow, side, one.close, (span.packet or 0, span.time)))
        moments.append(end_moment(flow, side, "fin", one.fin))
    moments.sort(key=in_order)
    connection = report_of(tracker, end, moments, [])
    evidence = replace(conclusion.evidence, frame=first.frame, packet=place)
    connection.causes = [replace(conclusion.cause, because=[evidence])]
    wait = plain_wait(course.silence, course.age)
    return connection, same_end(conclusion.member, connection, course.ended, wait)
