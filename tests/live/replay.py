"""A stored capture that grows in pieces while a made-up clock goes on."""

from __future__ import annotations

import random
from pathlib import Path

from wsdebug.analysis import Session
from wsdebug.model.report import Analysis

STEP = 100_000_000
"""Nanoseconds between two ticks."""
_LONGEST = 40
"""Ticks in a pause; the rest of it is skipped."""


class Growing:
    """A `Growth` that a test writes."""

    def __init__(self, path):
        self.files = [str(path)]
        self.ended = False


class Told:
    """A listener that notes what it is told, and when."""

    def __init__(self):
        self.now = 0
        self.events = []

    def _note(self, kind, *what):
        self.events.append((self.now, kind, *what))

    def opened(self, connection):
        self._note("opened", connection)

    def found(self, connection, finding):
        self._note("found", connection, finding)

    def news(self, connection, news):
        self._note("news", connection, news)

    def judged(self, connection, revision):
        self._note("judged", connection, revision)

    def befell(self, cause, revision):
        self._note("befell", cause, revision)

    def of(self, kind):
        return [event for event in self.events if event[1] == kind]


def replayed(capture, folder, *, seed=0, pieces=40, **options):
    """Reads `capture` as it is written in `pieces` of random length to a file of `folder`.

    Between the packets of one piece and the next the clock goes on by `STEP`s. Returns the report,
    and what the listener was told.
    """
    data = Path(capture).read_bytes()
    path = Path(folder) / "growing"
    path.write_bytes(b"")
    growth, told = Growing(path), Told()
    session = Session([], growth=growth, **options)
    session.listen(told)
    connections = []
    steps = session.run(connections.append)
    chance = random.Random(seed)
    cuts = sorted({0, *chance.choices(range(len(data)), k=pieces), len(data)})
    with path.open("ab", buffering=0) as file:
        for begin, end in zip(cuts, cuts[1:], strict=False):
            before = told.now
            file.write(data[begin:end])
            next(steps)
            while not session.is_waiting:
                _pass(session, told, before)
                before = told.now
                next(steps)
        for _ in range(_LONGEST):
            told.now += STEP
            session.tick(told.now)
        growth.ended = True
        for _ in steps:
            pass
    connections.sort(key=lambda connection: connection.id)
    session.analysis.connections = connections
    return session.analysis, told


def _pass(session, told, before):
    """Time goes on until the last packet's, in steps that are seen in a pause, and beyond."""
    end = session.end or 0
    told.now = max(before, end)
    session.tick(told.now)


def plain(analysis: Analysis):
    """What must be alike: everything but the names of files."""
    for capture in analysis.captures:
        capture.file, capture.bytes = "", 0
        capture.compression = None
    return analysis
