"""The finished analysis: the shape of the JSON report (REPORT), shared by every view.

Relative times are seconds since the connection's first packet; absolute ones are `Instant`s.
`None` means that the capture does not tell, never a guess.
"""

from __future__ import annotations

import enum
from typing import Any

import msgspec

from wsdebug.model.causes import Cause as Cause  # noqa: PLC0414 - told here
from wsdebug.model.causes import Certainty as Certainty  # noqa: PLC0414 - told here
from wsdebug.model.causes import Evidence as Evidence  # noqa: PLC0414 - told here
from wsdebug.model.causes import FleetCause as FleetCause  # noqa: PLC0414 - told here
from wsdebug.model.causes import Logged as Logged  # noqa: PLC0414 - told here
from wsdebug.model.figures import Liveness as Liveness  # noqa: PLC0414 - told here
from wsdebug.model.figures import RoundTrips as RoundTrips  # noqa: PLC0414 - told here
from wsdebug.model.figures import TcpReport as TcpReport  # noqa: PLC0414 - told here
from wsdebug.model.figures import TcpSide as TcpSide  # noqa: PLC0414 - told here
from wsdebug.model.instant import Instant
from wsdebug.model.place import Part, Side
from wsdebug.model.tls import TlsReport as TlsReport  # noqa: PLC0414 - told here

SCHEMA = "wsdebug-report/1"


class Severity(enum.StrEnum):
    """error: the bytes alone prove that a MUST is broken; warning: it shows only by absence,
    time or statistics, or a SHOULD; note: legal but worth knowing.
    """

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"

    @property
    def rank(self) -> int:
        """0 note, 1 warning, 2 error."""
        return _RANKS[self]


_RANKS = {Severity.NOTE: 0, Severity.WARNING: 1, Severity.ERROR: 2}


class CaptureNote(msgspec.Struct, frozen=True):
    """Something about the capture itself that the reader should know."""

    kind: str
    message: str
    packet: int | None = None


class Capture(msgspec.Struct):
    """One capture file. `bytes` is its size as stored."""

    file: str
    format: str
    compression: str | None = None
    packets: int = 0
    bytes: int = 0
    filtered_out: int = 0
    """Of `packets`, those that the capture filter left out; they keep their numbers."""
    first_packet: int = 1
    first: Instant | None = None
    last: Instant | None = None
    link_types: list[str] = []
    tcp_connections: int = 0
    tls_connections: int = 0
    tls_decrypted: int = 0
    """Of `tls_connections`, those whose inside was read with keys."""
    http_connections: int = 0
    """TCP connections that begin like HTTP, WebSocket or not."""
    skipped: dict[str, int] = {}
    """Packets that are no TCP or could not be read, by what they are."""
    warnings: list[CaptureNote] = []
    limits: list[CaptureNote] = []


class Endpoint(msgspec.Struct, frozen=True):
    """An address and a TCP port."""

    address: str
    port: int


class HandshakePackets(msgspec.Struct, frozen=True):
    """The packets that brought the first byte of each head."""

    request: int | None
    response: int | None


class Offered(msgspec.Struct, frozen=True):
    """What the client asked for, as written."""

    extensions: list[str]
    subprotocols: list[str]


class Recognised(msgspec.Struct, frozen=True):
    """How a WebSocket was recognised whose handshake the capture lacks. `by`: what told who the
    client is: masking, handshake (SYN or part of the HTTP heads), decode-as. `confidence`: likely,
    very likely, certain, declared. `compression` in words.
    """

    by: str
    confidence: str
    compression: str


class HandshakeReport(msgspec.Struct):
    """The opening handshake. `result`: accepted, rejected, no-response, not-captured, encrypted."""

    result: str
    status: int | None = None
    host: str | None = None
    path: str | None = None
    subprotocol: str | None = None
    offered: Offered | None = None
    extensions: list[str] = []
    request_headers: list[tuple[str, str]] = []
    response_headers: list[tuple[str, str]] = []
    packets: HandshakePackets = HandshakePackets(None, None)
    attempts: list[HandshakeReport] = []
    recognised: Recognised | None = None


class SideGap(msgspec.Struct, frozen=True):
    """Bytes of a side that the capture lacks; `length` None where unknown."""

    side: Side
    offset: int
    length: int | None


class Finding(msgspec.Struct, frozen=True):
    """One broken rule: who, where, what was seen and what the standard wants."""

    name: str
    code: str
    severity: Severity
    side: Side | None
    frame: int | None
    part: Part
    offset: int
    length: int
    packet: int | None
    time: float | None
    saw: str
    wanted: str
    section: str
    fatal: bool = False
    detail: dict[str, Any] = {}


class CloseReport(msgspec.Struct, frozen=True):
    """The first Close frame of a side."""

    frame: int
    code: int | None
    reason: str
    body: str
    packet: int | None
    time: float | None


class SideCloses(msgspec.Struct, frozen=True):
    """The first Close of each side."""

    client: CloseReport | None = None
    server: CloseReport | None = None


class SideCodes(msgspec.Struct, frozen=True):
    """A close code for each side."""

    client: int | None = None
    server: int | None = None


class Ending(msgspec.Struct, frozen=True):
    """How the connection ended. `how`: clean, close-handshake-abnormal, close-one-side, fin,
    rst, timeout, handshake-rejected, handshake-timeout, capture-end. `by`: client, server,
    middlebox, unknown. `why` says it in a sentence.
    """

    how: str
    by: str
    time: float | None
    packet: int | None
    severity: Severity
    close_codes: SideCodes = SideCodes()
    seen_by_application: SideCodes = SideCodes()
    why: str = ""


class Moment(msgspec.Struct, frozen=True):
    """One line of "What happened". `kind`: request, response, frame, close, finding, silence,
    fin, rst, ladder, gap, capture-end. `time` in seconds; for a silence its length stands in
    `seconds`.
    """

    kind: str
    text: str
    time: float | None
    side: Side | None = None
    packet: int | None = None
    frame: int | None = None
    seconds: float | None = None


class Connection(msgspec.Struct, kw_only=True):
    """One WebSocket connection, or what was recognised as one."""

    id: int
    tcp_stream: int
    carrier: str
    h2_stream: int | None = None
    tls: TlsReport | None = None
    client: Endpoint
    server: Endpoint
    start: Instant | None = None
    duration: float | None = None
    handshake: HandshakeReport
    frames: dict[str, dict[str, int]] = {}
    messages: dict[str, int] = {}
    gaps: list[SideGap] = []
    unsynchronised: list[SideGap] = []
    not_readable: dict[str, int] = {}
    """Compressed messages of each side that refer to bytes the capture lacks."""
    liveness: Liveness = Liveness()
    tcp: TcpReport = TcpReport()
    findings: list[Finding] = []
    findings_left_out: int = 0
    """Findings beyond the limit, counted only."""
    close: SideCloses = SideCloses()
    end: Ending
    causes: list[Cause] = []
    """Likeliest first."""
    timeline: list[Moment] = []

    @property
    def severity(self) -> Severity:
        """The worst of its ending and its findings."""
        worst = self.end.severity
        if not self.findings:
            return worst
        for finding in self.findings:
            if finding.severity.rank > worst.rank:
                worst = finding.severity
        return worst

    @property
    def is_broken(self) -> bool:
        """A finding or an ending of severity error."""
        return self.severity is Severity.ERROR


class FindingCounts(msgspec.Struct):
    """Findings of the whole capture by severity."""

    error: int = 0
    warning: int = 0
    note: int = 0


class Summary(msgspec.Struct):
    """The whole capture in figures."""

    connections: int = 0
    broken: int = 0
    encrypted: int = 0
    findings: FindingCounts = msgspec.field(default_factory=FindingCounts)


class Analysis(msgspec.Struct):
    """Everything `wsdebug.read` returns; encoded it is the JSON report."""

    captures: list[Capture] = []
    connections: list[Connection] = []
    fleet: list[FleetCause] = []
    """By code, then by server."""
    summary: Summary = msgspec.field(default_factory=Summary)
    schema: str = SCHEMA
    wsdebug: str = ""
