"""What every view has in common."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

import msgspec

from wsdebug.model.recurring import Recurring
from wsdebug.model.report import Analysis, Connection


class Writer(Protocol):
    """Writes one report to a text stream."""

    def connection(self, connection: Connection) -> None:
        """Take a connection that is over; they come in any order."""

    def finish(self, analysis: Analysis) -> None:
        """Take captures, fleet and summary (its list of connections is not read) and write
        what is not yet written.
        """


@runtime_checkable
class RecurringWriter(Writer, Protocol):
    """One that has a short way for reports that are like others."""

    def recurring(self, one: Recurring) -> None:
        """Take a connection that is over."""


class View(msgspec.Struct, frozen=True):
    """How a report for people is to look."""

    width: int = 80
    """Terminal columns."""
    color: bool = False
    ascii: bool = False
    """Only ASCII, symbols included."""
    every: bool = False
    """Each connection in full, not just the broken ones at the top."""
    totals_only: bool = False
    show_payload: bool = False
    """The reader asked for payload: Markdown leaves it in."""
    reveal: tuple[str, ...] = ()
    """What a shared report does not mask (`display.masking.REVEALED`)."""
    command: str = "wsdebug read"
    """What made the report, for the last line of a shared one and for hints."""
    keep: int | None = None
    """Of a live capture: so many connections, the worst ones, are in the report at the end."""
