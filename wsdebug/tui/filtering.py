"""A filter at work: each row of each connection is looked at once, beside the screen."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from wsdebug.model.rows import State
from wsdebug.query import Filter
from wsdebug.query.records import LOOKED_AT
from wsdebug.tui.asking import Asking
from wsdebug.tui.evicted import unless_evicted
from wsdebug.tui.shown import Shown
from wsdebug.tui.source import Glance, Store

_TURN = 0.004
"""Seconds of work between two breaths."""
_BREATH = 0.001
"""Seconds in which whoever draws the screen surely gets a turn."""
_PIECE = 400
"""Rows between two looks at whether somebody has something better to do."""
_PINGS = (9, 10)
Cancelled = Callable[[], bool]


class GivenUpError(Exception):
    """Nobody waits for it any more."""


class Filtering:
    """One filter over all connections, or just the hiding of pings and pongs.

    `work` runs in a thread of its own; what it finds grows in lists that the screen reads on from
    where it was, so that drawing costs what is new and not what there is.
    """

    def __init__(self, store: Store, wanted: Filter | None, *, hides_pings: bool = False) -> None:
        self.filter = wanted
        self._store = store
        self._hides_pings = hides_pings
        self._shown: dict[int, Shown] = {}
        """Of connections of which some rows are shown, or not all were looked at."""
        self._verdicts: dict[int, bool | None] = {}
        """None: the frames decide."""
        self.refused: list[int] = []
        """Connections that are not shown, in the order in which that was found."""
        self.matches = 0
        """Rows found so far."""
        self.is_done = False
        """Every row that there was has been looked at."""
        self._seen = 0
        """Of `Store.changes`."""
        self._taken: set[int] = set()
        self._rows = self._looked = 0
        """Rows to look at, and how many were."""
        self._rested = 0.0

    @property
    def share(self) -> float:
        """Of the rows, those that were looked at: 0 to 1."""
        return min(1.0, self._looked / self._rows) if self._rows else float(self.is_done)

    # ---- what the screen asks ----------------------------------------------------------------
    def shown(self, id_: int) -> Shown:
        """The rows of a connection that it lets through, as far as it has got."""
        shown = self._shown.get(id_)
        if shown is not None:
            return shown
        rows = self._store.rows(id_)
        if not self._is_finished(id_):  # a filter does not know yet all it asks about
            return Shown(rows, narrowed=True)
        verdict = True if self.filter is None else self._verdict(id_)
        if verdict and not self._hides_pings:
            return Shown(rows)
        shown = Shown(rows, narrowed=True)
        if verdict is False:
            shown.scanned = len(rows)
            return shown
        return self._shown.setdefault(id_, shown)

    def is_behind(self, id_: int | None) -> bool:
        """Whether a connection has rows that are to be looked at."""
        shown = None if id_ is None else self._shown.get(id_)
        return shown is not None and not shown.is_whole

    def wants(self, id_: int) -> bool:
        """Whether the connection is shown: by itself, or by a row found, or not yet looked at."""
        return self._verdicts.get(id_) is not False

    def _is_finished(self, id_: int) -> bool:
        return self.filter is None or self._store.connections[id_ - 1].state is State.FINISHED

    def _verdict(self, id_: int) -> bool | None:
        """What the connection says by itself, asked once."""
        if id_ not in self._verdicts:
            report, wanted = self._store.connections[id_ - 1].report, self.filter
            found = None if wanted is None or report is None else wanted.connection(report)
            return self._verdicts.setdefault(id_, found)
        return self._verdicts[id_]

    # ---- the work ----------------------------------------------------------------------------
    def work(self, first: int | None, is_cancelled: Cancelled) -> None:
        """Look at every row that was not yet, those of the connection `first` before others. Once
        it was given up it is not taken up again.
        """
        try:
            if self.filter is None:
                self._hide_pings(first, is_cancelled)
            else:
                self._filter(self.filter, first, is_cancelled)
        except GivenUpError:
            return
        self.is_done = True

    def _hide_pings(self, id_: int | None, is_cancelled: Cancelled) -> None:
        if id_ is not None:
            shown = self.shown(id_)
            self._rows, self._looked = len(shown.rows), shown.scanned
            self._scan(id_, _any, is_cancelled)

    def _fresh(self, first: int | None) -> list[int]:
        """Connections that were finished since the last time. Which are shown depends on all."""
        changes = self._store.changes
        until = len(changes)
        ids = dict.fromkeys([*([] if first is None else [first]), *changes[self._seen : until]])
        self._seen = until
        fresh = [id_ for id_ in ids if id_ not in self._taken and self._is_finished(id_)]
        self._taken.update(fresh)
        self._rows += sum(len(self._store.rows(id_)) for id_ in fresh)
        return fresh

    def _filter(self, wanted: Filter, first: int | None, is_cancelled: Cancelled) -> None:
        undecided: list[int] = []
        for id_ in self._fresh(first):
            self._rest(is_cancelled)
            verdict = self._verdict(id_)
            if verdict is None and wanted.needs_payload and id_ != first:
                undecided.append(id_)
                continue
            with unless_evicted(self._store, id_):
                self._filter_one(id_, wanted, verdict, is_cancelled)
        if undecided:
            self._sweep(undecided, is_cancelled)

    def _filter_one(
        self, id_: int, wanted: Filter, verdict: bool | None, is_cancelled: Cancelled
    ) -> None:
        if verdict is False:
            self._done_with(id_, 0)
        elif verdict and not self._hides_pings:
            self._done_with(id_, len(self._store.rows(id_)))
        elif verdict:
            self._scan(id_, _any, is_cancelled)
        elif not wanted.needs_payload:
            self._scan(id_, self._asking(id_).header, is_cancelled)
        else:
            self._sweep([id_], is_cancelled)  # what is looked at now does not wait for others

    def _scan(self, id_: int, keeps: Callable[[Glance], bool], is_cancelled: Cancelled) -> None:
        """Look at the rows of a connection by their headers."""
        shown = self.shown(id_)
        wants_all = keeps is _any
        while not shown.is_whole:
            self._rest(is_cancelled)
            before, count, start = shown.scanned, len(shown), shown.scanned
            for row in self._store.glances(id_, start, start + _PIECE):
                opcode, before = row.opcode, row.at + 1
                is_frame = opcode >= 0 or wants_all
                if is_frame and keeps(row) and not (self._hides_pings and opcode in _PINGS):
                    shown.keep(row.at)
            shown.scanned = before
            self._looked += before - start
            self.matches += len(shown) - count
        self._settle(id_, shown)

    def _sweep(self, ids: Sequence[int], is_cancelled: Cancelled) -> None:
        """Look at the payloads of many connections, in one pass over the capture."""
        askings: dict[int, Asking] = {}
        for at, (id_, row, payload) in enumerate(self._store.sweep(ids, LOOKED_AT)):
            if at % _PIECE == 0:
                self._rest(is_cancelled)
            if self._store.connections[id_ - 1].state is State.GONE:
                continue
            shown = self.shown(id_)
            behind = len(shown.rows) if row is None else row.at + 1
            self._looked += behind - shown.scanned
            shown.scanned = behind
            if row is None or payload is None:
                askings.pop(id_, None)
                self._settle(id_, shown)
                continue
            asking = askings.get(id_)
            if asking is None:
                asking = askings[id_] = self._asking(id_)
            if asking.payload(row, payload) and not (self._hides_pings and row.opcode in _PINGS):
                shown.keep(row.at)
                self.matches += 1

    def _asking(self, id_: int) -> Asking:
        known, wanted = self._store.connections[id_ - 1], self.filter
        report = known.report
        assert wanted is not None
        assert report is not None
        return Asking(wanted, report, known.start.ns if known.start is not None else None)

    def _settle(self, id_: int, shown: Shown) -> None:
        """All rows were looked at: a connection without any is not shown."""
        if self.filter is not None and self._verdicts.get(id_) is None and not len(shown):
            self._verdicts[id_] = False
            self._shown.pop(id_, None)
            self.refused.append(id_)

    def _done_with(self, id_: int, matches: int) -> None:
        """The connection decides for all of its rows."""
        self._looked += len(self._store.rows(id_))
        self.matches += matches
        if self._verdicts[id_] is False:
            self.refused.append(id_)

    def _rest(self, is_cancelled: Cancelled) -> None:
        """Give way from time to time."""
        if is_cancelled():
            raise GivenUpError
        if time.monotonic() - self._rested > _TURN:
            time.sleep(_BREATH)
            self._rested = time.monotonic()


def _any(row: Glance) -> bool:  # noqa: ARG001 - asks nothing
    return True
