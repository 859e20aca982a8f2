"""What is told of a capture while it still grows, before its report can be whole."""

from __future__ import annotations

from typing import Protocol

import msgspec

from wsdebug.model.causes import FleetCause
from wsdebug.model.instant import Instant
from wsdebug.model.place import Side
from wsdebug.model.report import Connection, Endpoint, Finding, Recognised


class Opened(msgspec.Struct, frozen=True):
    """A connection that is open: its upgrade was accepted, or it was met in the middle."""

    id: int
    client: Endpoint
    server: Endpoint
    start: Instant | None
    """Its first packet in the capture."""
    host: str | None = None
    path: str | None = None
    recognised: Recognised | None = None
    """Set where the handshake is not in the capture."""
    secure: bool = False
    """Inside TLS."""


class News(msgspec.Struct, frozen=True):
    """Something that is going on and may mean trouble: no finding, and nobody's fault yet.

    `kind`: ping-unanswered, idle, zero-window, retransmission, request-unanswered.
    """

    kind: str
    text: str
    at: Instant
    """When it was noticed, by the clock of the capture."""
    side: Side | None = None
    """Who sent what waits, or takes nothing more."""
    frame: int | None = None
    packet: int | None = None
    seconds: float = 0.0
    """How long it lasts already."""
    over: bool = False
    """It has gone by."""


class Listener(Protocol):
    """Who is told. Each call is about one connection; `revision` counts from 1."""

    def opened(self, connection: Opened) -> None:
        """It is open."""

    def found(self, connection: int, finding: Finding) -> None:
        """It broke a rule."""

    def news(self, connection: int, news: News) -> None:
        """Something goes on."""

    def judged(self, connection: Connection, revision: int) -> None:
        """It has ended, and this is why as far as one can tell; the same again with a higher
        `revision` when later packets say more. Where `end.how` is capture-end it has not ended: at
        the end of the capture, or though it was told that it had.
        """

    def befell(self, cause: FleetCause, revision: int) -> None:
        """Several connections together; with a higher `revision` when more is known."""
