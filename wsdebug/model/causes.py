"""Why a connection ended, or many at once, as the report has it (REPORT: `causes`, `fleet`)."""

from __future__ import annotations

import enum

import msgspec

from wsdebug.model.place import Side


class Certainty(enum.StrEnum):
    """certain: the bytes prove it; very likely: all evidence and no rival; likely: the core of it;
    possible: it fits, and so does a rival.
    """

    CERTAIN = "certain"
    VERY_LIKELY = "very likely"
    LIKELY = "likely"
    POSSIBLE = "possible"

    @property
    def rank(self) -> int:
        """0 possible to 3 certain."""
        return {"possible": 0, "likely": 1, "very likely": 2, "certain": 3}[self.value]


class Evidence(msgspec.Struct, frozen=True):
    """One thing that speaks for or against a cause, and where it is seen."""

    text: str
    side: Side | None = None
    frame: int | None = None
    packet: int | None = None


class Logged(msgspec.Struct, frozen=True, kw_only=True):
    """What one side's library will have said of the end (`causes[].logged`). Several of one side
    and library are one of them: the capture cannot tell which.
    """

    side: Side
    library: str
    text: str | None = None
    """None: it says nothing."""
    code: str | None = None
    """Its error code, or the class of its exception."""
    cause: str | None = None
    """What a traceback shows under it."""
    surfaced: int | str | None = None
    """The close code its application sees, or the word for it; None where not known."""
    derived: bool = False
    """Worked out from the order of its checks, not seen from the running library."""
    assumed: bool = False
    """The handshake does not betray the library: this is what it would say if it were that one."""


class Cause(msgspec.Struct, frozen=True):
    """Why a connection ended, or what is to be known of it. `considered` says what was dropped
    and why; a line of `advice` may be followed by lines of code or settings.
    """

    name: str
    code: str
    certainty: Certainty
    title: str
    because: list[Evidence] = []
    against: list[Evidence] = []
    considered: list[str] = []
    advice: list[str] = []
    logged: list[Logged] = []


class FleetCause(msgspec.Struct, frozen=True, kw_only=True):
    """What befell several connections of one server at once. Connections are named by their ids:
    `connections` are those it speaks of, `culprit` the one that began it (it need not be among
    them), `victims` those that would have lived on. `attempts` counts TCP connections that were
    tried, where that is what it is about. Evidence names no side: it stands for many.
    """

    name: str
    code: str
    server: str
    """Address and port, an IPv6 address in brackets."""
    certainty: Certainty
    title: str
    connections: list[int] = []
    culprit: int | None = None
    victims: list[int] = []
    attempts: int | None = None
    because: list[Evidence] = []
    against: list[Evidence] = []
    considered: list[str] = []
    advice: list[str] = []
