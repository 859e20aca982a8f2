"""A stored capture that grows in pieces while a made-up clock goes on."""

from __future__ import annotations

import itertools
import random
from pathlib import Path

from wsdebug.analysis import Session
from wsdebug.capture import open_captures
from wsdebug.capture.reading import PLACE_BITS

SECOND = 1_000_000_000
STEP = SECOND // 10
"""Nanoseconds between two ticks."""


class Growing:
    """A `Growth` that a test writes."""

    def __init__(self, path):
        self.files = [str(path)]
        self.ended = False


class Told:
    """A listener that notes what it is told, and when (`now`, set by who replays)."""

    def __init__(self):
        self.now = 0
        self.events = []

    def opened(self, connection):
        self.events.append((self.now, "opened", connection))

    def found(self, connection, finding):
        self.events.append((self.now, "found", connection, finding))

    def news(self, connection, news):
        self.events.append((self.now, "news", connection, news))

    def judged(self, connection, revision):
        self.events.append((self.now, "judged", connection, revision))

    def befell(self, cause, revision):
        self.events.append((self.now, "befell", cause, revision))

    def of(self, kind):
        return [event for event in self.events if event[1] == kind]


def replayed(capture, folder, *, seed=0, pieces=40, **options):
    """Reads `capture` as it is written in `pieces` of random length to a file of `folder`; the
    clock jumps from one to the next. Returns the report and what the listener was told.
    """
    data = Path(capture).read_bytes()
    chance = random.Random(seed)
    cuts = sorted({0, *chance.choices(range(len(data)), k=pieces), len(data)})
    written = [(None, data[begin:end]) for begin, end in itertools.pairwise(cuts)]
    return _replayed(written, folder, **options)


def paced(capture, folder, *, longest=120 * SECOND, **options):
    """The same, a packet at a time at its time: between packets the clock goes on in steps, in a
    pause for at most `longest` nanoseconds.
    """
    data = Path(capture).read_bytes()
    packets = [each for batch in open_captures([str(capture)]).batches() for each in batch]
    starts = [each[5] & (1 << PLACE_BITS) - 1 for each in packets]
    written = [(None, data[: starts[0]])] if packets else []
    for packet, start, end in zip(packets, starts, [*starts[1:], len(data)], strict=True):
        written.append((packet[1], data[start:end]))
    return _replayed(written, folder, longest=longest, **options)


def _replayed(written, folder, *, longest=5 * SECOND, after=5 * SECOND, **options):
    path = Path(folder) / "growing"
    path.write_bytes(b"")
    growth, told = Growing(path), Told()
    session = Session([], growth=growth, **options)
    session.listen(told)
    connections = []
    steps = session.run(connections.append)
    with path.open("ab", buffering=0) as file:
        for time, data in written:
            if time is not None and told.now:
                _wait(session, told, min(time, told.now + longest))
            file.write(data)
            next(steps)
            while not session.is_waiting:
                next(steps)
            told.now = max(told.now, session.end or 0)
            session.tick(told.now)
        _wait(session, told, told.now + after)
        growth.ended = True
        for _ in steps:
            pass
    connections.sort(key=lambda connection: connection.id)
    session.analysis.connections = connections
    return session.analysis, told


def _wait(session, told, until):
    while told.now + STEP < until:
        told.now += STEP
        session.tick(told.now)


def plain(analysis):
    """The report without what a file that grows cannot have: its name and its size at the start."""
    for capture in analysis.captures:
        capture.file, capture.bytes = "", 0
    return analysis
