"""A filter at work: each row of each connection is looked at once, beside the screen."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from wsdebug.model.place import Side
from wsdebug.model.report import Connection, Finding
from wsdebug.model.rows import Row, RowKind, State
from wsdebug.query import Filter
from wsdebug.tui.messages import Messages, Payloads
from wsdebug.tui.shown import Keep, Shown, without_pings
from wsdebug.tui.source import Store

_BREATH = 0.001
"""Seconds in which whoever draws the screen surely gets a turn."""
_PIECE = 400
"""Rows between two looks at whether somebody has something better to do."""


class RowRecord:
    """A frame as the filter language asks about it."""

    __slots__ = ("_before", "_payload", "_row", "_start", "findings", "key", "kind", "side")

    def __init__(
        self,
        row: Row,
        message: tuple[int, bytes | None],
        times: tuple[int | None, int | None],
        findings: Sequence[Finding],
    ) -> None:
        """`message`: its opcode, and the payload as `FrameLike` promises it. `times`, in
        nanoseconds: of the connection's first packet, and of the frame before.
        """
        self._row, self.findings = row, findings
        self.kind, self._payload = message
        self._start, self._before = times
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
        return self._since(self._start)

    @property
    def gap(self) -> float | None:
        """Seconds since the frame before."""
        return self._since(self._before)

    def _since(self, before: int | None) -> float | None:
        time = self._row.time
        return None if time is None or before is None else (time - before) / 1e9

    def payload(self) -> bytes | None:
        """Read from the capture again."""
        return self._payload


class _Asking:
    """The rows of one connection in their order, each asked about once: a `Keep`."""

    def __init__(
        self, wanted: Filter, report: Connection, start: int | None, payloads: Payloads | None
    ) -> None:
        """`payloads`: None where the filter asks for none."""
        self._wanted, self._report, self._payloads = wanted, report, payloads
        self._findings = _by_frame(report)
        self._messages = Messages()
        self._start = start
        self._before: int | None = None

    def __call__(self, rows: Sequence[Row], index: int) -> bool:
        row = rows[index]
        if row.kind is not RowKind.FRAME:
            return False
        found = None if self._payloads is None else self._payloads.at(index)
        record = RowRecord(
            row,
            self._messages.take(row, found),
            (self._start, self._before),
            self._findings.get((row.side or Side.CLIENT, row.number), ()),
        )
        self._before = row.time
        return self._wanted.frame(record, self._report)


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
        self.share = 0.0
        """Of the rows, those that were looked at: 0 to 1."""

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
        total, behind = sum(len(self._store.rows(id_)) for id_ in ids), 0
        for id_ in ids:
            shown = self.shown(id_)
            while not shown.is_whole:
                if is_cancelled():
                    return
                shown.scan(_PIECE)
                self.share = (behind + shown.scanned) / max(1, total)
                time.sleep(_BREATH)
            behind += len(shown.rows)
        self.is_done = True

    def _keep(self, id_: int) -> Keep | None:
        by_filter = self._by_filter(id_)
        if not self._hides_pings:
            return by_filter
        if by_filter is None:
            return without_pings
        # The filter first: it must see every row, to know what was before one.
        return lambda rows, index: by_filter(rows, index) and without_pings(rows, index)

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
        payloads = Payloads(self._store, id_) if wanted.needs_payload else None
        return _Asking(wanted, report, start, payloads)


def _nothing(rows: Sequence[Row], index: int) -> bool:  # noqa: ARG001 - the shape of a Keep
    return False


def _by_frame(report: Connection) -> dict[tuple[Side, int], list[Finding]]:
    found: dict[tuple[Side, int], list[Finding]] = {}
    for finding in report.findings:
        if finding.side is not None and finding.frame is not None:
            found.setdefault((finding.side, finding.frame), []).append(finding)
    return found
