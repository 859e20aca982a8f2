"""What the command line chose (`-c`, `--select`), between the analysis and those it tells."""

from __future__ import annotations

from collections.abc import Sequence

from wsdebug.cli.choose import Choice
from wsdebug.model.live import Listener, News, Opened
from wsdebug.model.report import Connection, Finding, FleetCause


class Telling:
    """A listener that tells others."""

    def __init__(self, choice: Choice, listeners: Sequence[Listener]) -> None:
        self._choice = choice
        self._listeners = listeners

    def opened(self, connection: Opened) -> None:
        """It is open."""
        if self._choice.wants_id(connection.id):
            for each in self._listeners:
                each.opened(connection)

    def found(self, connection: int, finding: Finding) -> None:
        """It broke a rule."""
        if self._choice.wants_id(connection) and self._choice.wants_finding(finding):
            for each in self._listeners:
                each.found(connection, finding)

    def news(self, connection: int, news: News) -> None:
        """Something goes on."""
        if self._choice.wants_id(connection):
            for each in self._listeners:
                each.news(connection, news)

    def judged(self, connection: Connection, revision: int) -> None:
        """It has ended, or more is known."""
        if self._choice.wants(connection):
            chosen = self._choice.applied(connection)
            for each in self._listeners:
                each.judged(chosen, revision)

    def befell(self, cause: FleetCause, revision: int) -> None:
        """Several connections together."""
        for each in self._listeners:
            each.befell(cause, revision)
