"""A filter at work: each row of each connection is looked at once, beside the screen."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from wsdebug.model.place import Side
from wsdebug.model.report import Connection, Finding
from wsdebug.model.rows import Row, RowKind, State
from wsdebug.query import Filter
from wsdebug.query.records import LOOKED_AT
from wsdebug.tui.shown import Keep, Shown, without_pings
from wsdebug.tui.source import Store

_BREATH = 0.001
"""Seconds in which whoever draws the screen surely gets a turn."""
_PIECE = 400
"""Rows between two looks at whether somebody has something better to do."""


class RowRecord:
    """A frame as the filter language asks about it."""

    __slots__ = ("_connection", "_findings", "_row", "_rows", "_start", "_store", "key", "side")

    def __init__(
        self,
        store: Store,
        connection: int,
        rows: Sequence[Row],
        row: Row,
        start: int | None,
        findings: Sequence[Finding],
    ) -> None:
        self._store, self._connection, self._rows, self._row = store, connection, rows, row
        self._start, self._findings = start, findings
        self.side = row.side or Side.CLIENT
        self.key = row.key

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
        row = self._row
        return None if row.time is None or self._start is None else (row.time - self._start) / 1e9

    @property
    def gap(self) -> float | None:
        """Seconds since the frame before."""
        at = self._row.at - 1
        while at >= 0:
            before = self._rows[at]
            if before.kind is RowKind.FRAME:
                break
            at -= 1
        if at < 0 or before.time is None or self._row.time is None:
            return None
        return (self._row.time - before.time) / 1e9

    @property
    def kind(self) -> int:
        """The opcode of the message it belongs to, as far back as it began."""
        row, at = self._row, self._row.at
        while row.opcode == 0 and at > 0:
            at -= 1
            before = self._rows[at]
            if before.side is self._row.side and before.opcode in (1, 2):
                return before.opcode
        return row.opcode

    @property
    def findings(self) -> Sequence[Finding]:
        """Of this frame."""
        return self._findings

    def payload(self) -> bytes | None:
        """Read from the capture again."""
        found = self._store.payload(self._connection, self._row.at, LOOKED_AT)
        return found.raw if found.inflated is None else found.inflated


class Filtering:
    """One filter over all connections, or just the hiding of pings and pongs."""

    def __init__(self, store: Store, wanted: Filter | None, *, hides_pings: bool = False) -> None:
        self.filter = wanted
        self._store = store
        self._hides_pings = hides_pings
        self._shown: dict[int, Shown] = {}
        self._verdicts: dict[int, bool | None] = {}
        self.is_done = False
        """Every row that there was has been looked at."""

    def shown(self, id_: int) -> Shown:
        """The rows of a connection that it lets through, as far as it has got."""
        shown = self._shown.get(id_)
        if shown is None:
            shown = Shown(self._store.rows(id_), self._keep(id_))
            if self._is_finished(id_):  # before that a filter does not know all it asks about
                self._shown[id_] = shown
        return shown

    def _is_finished(self, id_: int) -> bool:
        return self.filter is None or self._store.connections[id_ - 1].state is State.FINISHED

    def wants(self, id_: int) -> bool:
        """Whether the connection is shown: by itself, or by a row found, or not yet looked at."""
        if self.filter is None or not self._is_finished(id_):
            return True
        by_itself = self._verdict(id_)
        if by_itself is not None:
            return by_itself
        shown = self.shown(id_)
        return bool(len(shown)) or not shown.is_whole

    def _verdict(self, id_: int) -> bool | None:
        """What the connection says by itself, asked once."""
        if id_ not in self._verdicts:
            report = self._store.connections[id_ - 1].report
            wanted = self.filter
            found = None if wanted is None or report is None else wanted.connection(report)
            self._verdicts[id_] = found
        return self._verdicts[id_]

    @property
    def matches(self) -> int:
        """Rows found so far."""
        return sum(len(shown) for shown in self._shown.values())

    def work(self, first: int | None, is_cancelled: Callable[[], bool]) -> None:
        """Look at every row there is, those of the connection `first` before others."""
        ids = [first] if first is not None else []
        if self.filter is not None:  # which connections are shown depends on all of them
            known = self._store.connections
            ids += [each.id for each in known if each.id != first and self._is_finished(each.id)]
        for id_ in ids:
            shown = self.shown(id_)
            while not shown.is_whole:
                if is_cancelled():
                    return
                shown.scan(_PIECE)
                time.sleep(_BREATH)
        self.is_done = True

    def _keep(self, id_: int) -> Keep | None:
        by_filter = self._by_filter(id_)
        if not self._hides_pings:
            return by_filter
        if by_filter is None:
            return without_pings
        return lambda rows, index: without_pings(rows, index) and by_filter(rows, index)

    def _by_filter(self, id_: int) -> Keep | None:
        known, wanted = self._store.connections[id_ - 1], self.filter
        report = known.report
        if wanted is None:
            return None
        by_itself = self._verdict(id_) if report is not None else None
        if by_itself is True:
            return None
        if by_itself is False or report is None:
            return _nothing
        start = known.start.ns if known.start is not None else None
        findings = _by_frame(report)

        def keep(rows: Sequence[Row], index: int) -> bool:
            row = rows[index]
            if row.kind is not RowKind.FRAME:
                return False
            found = findings.get((row.side or Side.CLIENT, row.number), ())
            record = RowRecord(self._store, id_, rows, row, start, found)
            return wanted.frame(record, report)

        return keep


def _nothing(rows: Sequence[Row], index: int) -> bool:  # noqa: ARG001 - the shape of a Keep
    return False


def _by_frame(report: Connection) -> dict[tuple[Side, int], list[Finding]]:
    found: dict[tuple[Side, int], list[Finding]] = {}
    for finding in report.findings:
        if finding.side is not None and finding.frame is not None:
            found.setdefault((finding.side, finding.frame), []).append(finding)
    return found
