"""The reports for programs: one JSON object, or JSON lines. Complete: nothing is masked."""

from __future__ import annotations

from itertools import islice
from typing import Any, TextIO

import msgspec

import wsdebug
from wsdebug.model.live import News, Opened
from wsdebug.model.report import SCHEMA, Analysis, Connection, Finding, FleetCause
from wsdebug.report.encoding import encoded
from wsdebug.report.spool import Spool

OWN_LINES = ("findings", "end", "causes")
"""Parts of a connection that stand on lines of their own in JSON lines."""

_AT_ONCE = 16
"""Connections written at once."""


class JsonWriter:
    """One object; each connection stands on a line of its own, in the order of the ids."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._spool = Spool()
        self.recurring = self._spool.add_recurring
        """The same of one whose report is like others."""

    def connection(self, connection: Connection) -> None:
        """Keep it until its place is known."""
        self._spool.add(connection)

    def finish(self, analysis: Analysis) -> None:
        """Write the object."""
        version = analysis.wsdebug or wsdebug.__version__
        self._stream.write(f'{{"schema":{_json(SCHEMA)},"wsdebug":{_json(version)},\n')
        self._stream.write(f'"captures":{_json(analysis.captures)},\n"connections":[')
        separator, connections = "\n", self._spool.sorted()
        while some := list(islice(connections, _AT_ONCE)):
            self._stream.write(separator + b",\n".join(some).decode("ascii"))
            separator = ",\n"
        self._stream.write(f'],\n"fleet":{_json(analysis.fleet)},\n')
        self._stream.write(f'"summary":{_json(analysis.summary)}}}\n')


class JsonLinesWriter:
    """One object a line, each connection's lines as soon as it is over."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def connection(self, connection: Connection) -> None:
        """Its own line, then its findings, its end and its causes."""
        self._connection(connection, 1)

    def _connection(self, connection: Connection, revision: int) -> None:
        fields = msgspec.structs.asdict(connection)
        for name in OWN_LINES:
            del fields[name]
        self._line("connection", connection.id, fields, revision)
        for finding in connection.findings:
            self._line("finding", connection.id, finding, revision)
        self._line("end", connection.id, connection.end, revision)
        for cause in connection.causes:
            self._line("cause", connection.id, cause, revision)

    def finish(self, analysis: Analysis) -> None:
        """What concerns no single connection: there `connection` is null, but for fleet causes,
        whose `connections` are a list of their own.
        """
        for capture in analysis.captures:
            self._line("capture", None, capture)
        for cause in analysis.fleet:
            self._line("fleet", None, cause)
        self._line("summary", None, analysis.summary)

    def _line(self, kind: str, connection: int | None, record: Any, revision: int = 1) -> None:
        # A file is read once, so each line is the first and last word: revision 1.
        start = f'{{"type":"{kind}","connection":{_json(connection)},"revision":{revision}'
        rest = _json(record)[1:]
        self._stream.write(f"{start}{'' if rest == '}' else ','}{rest}\n")


class LiveLines(JsonLinesWriter):
    """The same of a capture that grows: a line as soon as something happens, flushed at once.

    Lines of revision 0 come before anything is known of the end: `opened`, `finding` and `news`.
    Then come the lines of each revision, all of them: the highest one is the whole report.
    """

    def opened(self, connection: Opened) -> None:
        """It is open."""
        self._now("opened", connection.id, connection)

    def found(self, connection: int, finding: Finding) -> None:
        """It broke a rule."""
        self._now("finding", connection, finding)

    def news(self, connection: int, news: News) -> None:
        """Something goes on."""
        self._now("news", connection, news)

    def judged(self, connection: Connection, revision: int) -> None:
        """All lines of a report."""
        self._connection(connection, revision)
        self._stream.flush()

    def befell(self, cause: FleetCause, revision: int) -> None:
        """Several connections together."""
        self._line("fleet", None, cause, revision)
        self._stream.flush()

    def connection(self, connection: Connection) -> None:
        """Its final report was told already."""

    def finish(self, analysis: Analysis) -> None:
        """Captures and figures; fleet causes were told already."""
        super().finish(msgspec.structs.replace(analysis, fleet=[]))

    def _now(self, kind: str, connection: int, record: Opened | Finding | News) -> None:
        self._line(kind, connection, record, 0)
        self._stream.flush()


def _json(record: Any) -> str:
    return encoded(record).decode("ascii")
