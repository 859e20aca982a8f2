"""A session without an analysis, and the command line run in this process."""

from __future__ import annotations

import io
import sys
from collections import Counter

import msgspec

import wsdebug.cli.read
from tests.report.samples import every_kind, make_analysis
from wsdebug.cli import main
from wsdebug.model.report import Analysis


class FakeSession:
    """Delivers hand-made connections; `stops_with` is raised after that many of them."""

    connections = staticmethod(every_kind)
    stops_with: tuple[int, BaseException] | None = None
    left_out = 0
    started: list[dict[str, object]] = []  # noqa: RUF012 - a fake, set anew by each test

    def __init__(self, paths, **options):
        self.started.append({"paths": paths, **options})
        self.progress = 0.5
        self.recurring = Counter()
        self.left = self.connections()
        self.analysis = Analysis()

    def run(self, on_connection, on_recurring=None):  # noqa: ARG002 - it has none
        self.analysis = make_analysis(self.connections())
        self.on_connection = on_connection
        for number in range(len(self.left)):
            if self.stops_with and number == self.stops_with[0]:
                raise self.stops_with[1]
            on_connection(self.left.pop(0))
            yield

    def stop(self):
        for connection in self.left:
            self.on_connection(connection)


class Stream(io.TextIOWrapper):
    """A standard stream of a given encoding, a terminal or not."""

    def __init__(self, encoding="utf-8", *, terminal=False):
        super().__init__(io.BytesIO(), encoding=encoding, newline="\n")
        self.terminal = terminal

    def isatty(self):
        return self.terminal

    def text(self):
        self.flush()
        return self.buffer.getvalue().decode(self.encoding)


class Run(msgspec.Struct):
    """What a run left behind."""

    status: int
    out: str
    err: str


def run(monkeypatch, *arguments, encoding="utf-8", terminal=False, session=FakeSession):
    """`wsdebug ARGUMENTS`."""
    out, err = Stream(encoding, terminal=terminal), Stream(encoding)
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", out)
        patch.setattr(sys, "stderr", err)
        patch.setattr(wsdebug.cli.read, "Session", session)
        status = main(list(arguments))
    return Run(status, out.text(), err.text())
