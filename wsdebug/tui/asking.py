"""The frames of one connection asked about, each once, in their order."""

from __future__ import annotations

from collections.abc import Sequence

from wsdebug.model.place import Side
from wsdebug.model.report import Connection, Finding
from wsdebug.model.rows import Payload, Row
from wsdebug.query import Filter
from wsdebug.tui.messages import Messages
from wsdebug.tui.source import Glance


class RowRecord:
    """A frame as the filter language asks about it; nothing is worked out before it is asked for:
    of a million frames most filters ask one thing each.
    """

    __slots__ = ("_before", "_findings", "_message", "_row", "_start")

    def __init__(
        self,
        row: Glance,
        times: tuple[int | None, int | None],
        findings: dict[tuple[Side, int], list[Finding]],
        message: tuple[int, bytes | None] | None,
    ) -> None:
        """`times`, in nanoseconds: of the connection's first packet, and of the frame before.
        `message`: its opcode, and the payload as `FrameLike` promises it; None where the filter
        asks for no payload.
        """
        self._row, self._findings, self._message = row, findings, message
        self._start, self._before = times

    @property
    def side(self) -> Side:
        """Who sent it."""
        return self._row.side or Side.CLIENT

    @property
    def number(self) -> int:
        """0-based per side."""
        return self._row.number

    @property
    def header(self) -> int:
        """The first two bytes."""
        return self._row.header

    @property
    def length(self) -> int:
        """Of the payload."""
        return self._row.length

    @property
    def key(self) -> int | None:
        """The masking key."""
        return self._row.key

    @property
    def packet(self) -> int | None:
        """The first."""
        return self._row.packet

    @property
    def last_packet(self) -> int | None:
        """The last."""
        return self._row.last_packet

    @property
    def time(self) -> float | None:
        """Seconds since the connection's first packet."""
        return self._since(self._start)

    @property
    def gap(self) -> float | None:
        """Seconds since the frame before."""
        return self._since(self._before)

    def _since(self, before: int | None) -> float | None:
        time = self._row.time
        return None if time is None or before is None else (time - before) / 1e9

    @property
    def findings(self) -> Sequence[Finding]:
        """Those of this frame."""
        return self._findings.get((self.side, self.number), ()) if self._findings else ()

    @property
    def kind(self) -> int:
        """The opcode of its message; only fields that read payloads ask for it."""
        assert self._message is not None
        return self._message[0]

    def payload(self) -> bytes | None:
        """Read from the capture again."""
        return None if self._message is None else self._message[1]


class Asking:
    """A filter that the connection by itself does not decide."""

    def __init__(self, wanted: Filter, report: Connection, start: int | None) -> None:
        """`start`: when the connection began."""
        self._wanted, self._report, self._start = wanted, report, start
        self._findings = _by_frame(report)
        self._messages = Messages()
        self._before: int | None = None

    def header(self, row: Glance) -> bool:
        """Whether a frame is wanted, by a filter that asks for no payload."""
        return self._wants(row, None)

    def payload(self, row: Row, payload: Payload) -> bool:
        """Whether a frame is wanted."""
        return self._wants(row, self._messages.take(row, payload))

    def _wants(self, row: Glance, message: tuple[int, bytes | None] | None) -> bool:
        record = RowRecord(row, (self._start, self._before), self._findings, message)
        self._before = row.time
        return self._wanted.frame(record, self._report)


def _by_frame(report: Connection) -> dict[tuple[Side, int], list[Finding]]:
    found: dict[tuple[Side, int], list[Finding]] = {}
    for finding in report.findings:
        if finding.side is not None and finding.frame is not None:
            found.setdefault((finding.side, finding.frame), []).append(finding)
    return found
