"""What the screen shows now: the order of connections, the chosen one, marks, time format."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from wsdebug.model.place import Side
from wsdebug.model.report import Analysis, Connection, Finding, FleetCause
from wsdebug.model.rows import Known, RowKind, State
from wsdebug.report import words
from wsdebug.report.fates import Fates
from wsdebug.tui import times
from wsdebug.tui.connections_text import kind_of
from wsdebug.tui.order import Order
from wsdebug.tui.source import Store

_WITH_BYTES = (RowKind.FRAME, RowKind.FOREIGN)
_ORDER = {"error": 0, "warning": 1, "note": 2, "open": 3, "fine": 4, "tls": 5}
_PLACES = 3
"""Among those of one kind: culprits, others, victims (`Fates.order`)."""


class Trace:
    """One capture on one screen."""

    def __init__(self, store: Store, analysis: Analysis) -> None:
        self.store = store
        self.analysis = analysis
        self._all = Order(len(_ORDER) * _PLACES)
        self.order = self._all
        """Ids of those shown, worst first."""
        self._evicted: set[int] = set()
        """Broken ones that have left the store; they count on."""
        self.chosen: int | None = None
        self.fates = Fates(())
        self.form = times.FORMATS[0]
        self.hides_pings = False
        self.marks: set[tuple[int, int]] = set()
        """(connection, row)."""
        self._seen = 0
        """Of `Store.changes`."""
        self._fleet: Sequence[FleetCause] = self.analysis.fleet
        self._refused: Sequence[int] = ()
        self._hidden: set[int] = set()
        """Those of `_refused` that were taken out."""
        self._is_other = False
        """Another filter is in force, which the list does not show yet."""

    # ---- connections -----------------------------------------------------------------------
    def leave_out(self, refused: Sequence[int] | None) -> None:
        """What a filter refuses: ids, each once, in a list that grows. None: all are shown."""
        self._refused, self._hidden = () if refused is None else refused, set()
        self.order = self._all if refused is None else self._all.copy()
        self._is_other = True

    def renew(self) -> bool:
        """Put what has changed since the last time in its place; whether anything has. It costs
        as much as has changed, however many connections there are.
        """
        changed = self._changed()
        for id_ in changed:
            if self.known(id_).state is State.GONE:
                self._all.drop(id_)
                self.order.drop(id_)
                if kind_of(self.known(id_)) == "error":
                    self._evicted.add(id_)
                continue
            kind, place, _ = self.fates.order((_ORDER[kind_of(self.known(id_))], id_))
            group = kind * _PLACES + place
            self._all.put(id_, group)
            if self.order is not self._all and id_ not in self._hidden:
                self.order.put(id_, group)
        refused = self._refused[len(self._hidden) :]
        for id_ in refused:
            self._hidden.add(id_)
            self.order.drop(id_)
        is_new = bool(changed or refused) or self._is_other
        self._is_other = False
        return is_new

    def _changed(self) -> dict[int, None]:
        """Ids of the connections that may have another place now."""
        until = len(self.store.changes)
        changed = dict.fromkeys(self.store.changes[self._seen : until])
        self._seen = until
        fleet = self.analysis.fleet
        if fleet is not self._fleet:
            self._fleet, self.fates = fleet, Fates(fleet)
            for cause in fleet:
                changed.update(dict.fromkeys(cause.victims))
                changed.update({} if cause.culprit is None else {cause.culprit: None})
        return changed

    def known(self, id_: int) -> Known:
        """A connection by its id."""
        return self.store.connections[id_ - 1]

    @property
    def current(self) -> Known | None:
        """The chosen connection."""
        return None if self.chosen is None else self.known(self.chosen)

    @property
    def report(self) -> Connection | None:
        """What is said of the chosen connection, once it is finished."""
        return self.current.report if self.current is not None else None

    @property
    def broken(self) -> int:
        """Connections with an error."""
        return len(self._evicted) + sum(len(self._all.group(each)) for each in range(_PLACES))

    # ---- findings --------------------------------------------------------------------------
    def severities(self, id_: int) -> dict[tuple[Side, int], str]:
        """The worst severity of each frame's findings."""
        report = self.known(id_).report
        worst: dict[tuple[Side, int], str] = {}
        for finding in report.findings if report is not None else ():
            if finding.side is None or finding.frame is None:
                continue
            key = (finding.side, finding.frame)
            old = worst.get(key)
            rank = {"note": 0, "warning": 1, "error": 2}
            if old is None or rank[finding.severity.value] > rank[old]:
                worst[key] = finding.severity.value
        return worst

    def findings(self, id_: int, severity: str) -> list[Finding]:
        """Of a connection, in the order of packets; those of just that severity."""
        report = self.known(id_).report
        found = [
            each
            for each in (report.findings if report is not None else ())
            if each.severity.value == severity
        ]
        return sorted(found, key=lambda each: each.packet or 0)

    def row_of(self, id_: int, finding: Finding) -> int | None:
        """The row where a finding stands."""
        return self.place_of(
            id_,
            finding.side,
            None if finding.name == "foreign-bytes" else finding.frame,
            finding.packet,
        )

    def place_of(
        self, id_: int, side: Side | None, frame: int | None, packet: int | None
    ) -> int | None:
        """The row of a frame, or of a packet."""
        if side is not None and frame is not None:
            row = self.store.row_of(id_, side, frame)
            if row is not None:
                return row
        row = None if packet is None else self.store.row_at(id_, packet)
        rows = self.store.rows(id_)
        if row is not None and rows[row].kind is RowKind.SILENCE and row + 1 < len(rows):
            return row + 1  # the packet ends the silence; what it brought stands behind
        return row

    def telling(self, id_: int) -> int | None:
        """The row that tells most of why it ended: where the first cause's evidence, a fatal
        finding or any finding is seen in frames; else where the end is.
        """
        report = self.known(id_).report
        if report is None:
            return None
        findings = sorted(report.findings, key=lambda each: (not each.fatal, -each.severity.rank))
        evidence = report.causes[0].because if report.causes else []
        rows = [self.row_of(id_, each) for each in findings[:1]]
        rows += [self.place_of(id_, each.side, each.frame, each.packet) for each in evidence]
        rows += [self.place_of(id_, None, None, report.end.packet)]
        kept = self.store.rows(id_)
        found = [row for row in rows if row is not None and kept[row].kind is not RowKind.SILENCE]
        bytes_first = (row for row in found if kept[row].kind in _WITH_BYTES)
        return next(bytes_first, found[0] if found else len(kept) - 1 if kept else None)

    def spots(self, severity: str, start: int, step: int) -> Iterator[tuple[int, int]]:
        """(connection, row) of findings in the order of the list, from the chosen connection's
        row `start` on, forwards or backwards, each once.
        """
        order = self.order
        if self.chosen is None or self.chosen not in order:
            return
        ids, first = [*order], order.place(self.chosen)
        ring = ids[first:] + ids[:first] if step > 0 else ids[first::-1] + ids[:first:-1]
        for lap, id_ in enumerate([*ring, ring[0]]):
            known = self.known(id_)
            if not (known.errors if severity == "error" else known.warnings):
                continue
            rows = sorted({row for row in self._rows(id_, severity) if row is not None})
            if step < 0:
                rows.reverse()
            for row in rows:
                ahead = row > start if step > 0 else row < start
                if (lap == 0 and ahead) or 0 < lap < len(ring) or (lap == len(ring) and not ahead):
                    yield id_, row

    def _rows(self, id_: int, severity: str) -> Sequence[int | None]:
        return [self.row_of(id_, each) for each in self.findings(id_, severity)]

    # ---- names -----------------------------------------------------------------------------
    def file(self) -> str:
        """The file, or the first of several and how many more there are."""
        files = self.analysis.captures
        if not files:
            return ""
        more = f" and {len(files) - 1} more" if len(files) > 1 else ""
        return words.printed(files[0].file.rpartition("/")[2], 60) + more
