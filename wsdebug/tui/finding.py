"""Actions that look for something: the filter line, and finding text in payloads."""

from __future__ import annotations

import time
from collections.abc import Iterator

from textual.worker import get_current_worker

from wsdebug.display.quantities import counted
from wsdebug.model.rows import RowKind
from wsdebug.query import Filter, QueryError, parse
from wsdebug.tui import keys
from wsdebug.tui.detail import Pointed
from wsdebug.tui.evicted import unless_evicted
from wsdebug.tui.filtering import Filtering
from wsdebug.tui.find_line import FILTER, FIND, FindLine
from wsdebug.tui.jumping import Jumping

_PIECE = 256
"""Rows whose payloads are read in the first pass."""
_LOOKED_AT = 256 * 1024
"""Bytes of a payload in which a text is looked for."""


class Finding(Jumping):
    """Filter and find."""

    expression = ""
    """The filter in force."""
    _before = ""
    _is_wrong = False
    """What is being typed cannot be understood."""

    def action_find(self) -> None:
        """Open the line: a filter, or in the frame's panel a text to find."""
        mode = FIND if self.panel == keys.DETAIL else FILTER
        self._before = self.expression
        self.find_line.open(mode, self.sought if mode == FIND else self.expression)
        self._judge(mode, self.sought if mode == FIND else self.expression)

    def close_find(self) -> None:
        """Without enter: the filter that was there before."""
        if self.find_line.mode == FILTER and self.expression != self._before:
            self.use_filter(self._before)
        self._put_away()

    def _put_away(self) -> None:
        self.find_line.close()
        self.go(self.panel)

    def on_find_line_typed(self, event: FindLine.Typed) -> None:
        """Say whether it can be understood; a filter that can be is in force at once."""
        self._judge(event.mode, event.text)

    def on_find_line_done(self, event: FindLine.Done) -> None:
        """Enter: keep it. A filter that cannot be understood stays where it can be mended."""
        if event.mode == FIND:
            self.sought = event.text
            self._put_away()
            self.action_next_hit(1)
        elif self._judge(FILTER, event.text):
            self._put_away()

    # ---- filter ----------------------------------------------------------------------------
    def _judge(self, mode: str, text: str) -> bool:
        if mode == FIND:
            self.find_line.verdict("enter finds it, n the next", good=True)
            return True
        try:
            if text.strip():
                parse(text)
        except QueryError as error:
            self._is_wrong = True
            self.find_line.verdict(f"error at {error.at + 1}: {error}", good=False)
            return False
        self._is_wrong = False
        self.use_filter(text.strip())
        self.say_matches()
        return True

    def use_filter(self, text: str) -> None:
        """Put a filter in force; an empty one takes it away."""
        if text != self.expression:
            self.expression = text
            self.filter_anew()

    def filter_anew(self) -> None:
        """Begin to look at every row."""
        wanted: Filter | None = parse(self.expression) if self.expression else None
        hides = self.trace.hides_pings
        self.workers.cancel_group(self, "filter")
        self.filtering = None
        if wanted is not None or hides:
            self.filtering = Filtering(self.loader.store, wanted, hides_pings=hides)
            self.filter_on()
        self.trace.leave_out(
            None if wanted is None or self.filtering is None else self.filtering.refused
        )
        self.narrow()
        self.show_rows_anew()

    def filter_on(self) -> None:
        """Look at the rows that were not looked at yet."""
        if self.filtering is None:
            return
        self.filtering.is_done = False
        work, first = self.filtering.work, self.trace.chosen

        def run() -> None:
            worker = get_current_worker()
            work(first, lambda: worker.is_cancelled)

        self.run_worker(run, thread=True, group="filter")

    def narrow(self) -> None:
        """The connections that the filter lets through."""
        trace = self.trace
        if trace.renew():
            self.connections.resized()
            self.connections.refresh()
        if trace.order and trace.chosen not in trace.order:
            self.choose(trace.order[0])

    def say_matches(self) -> None:
        """How many rows the filter has found."""
        if not self.find_line.is_open or self.find_line.mode != FILTER or self._is_wrong:
            return
        filtering = self.filtering
        if filtering is None or filtering.filter is None:
            self.find_line.verdict("no filter: all is shown", good=True)
            return
        shown = counted(len(self.trace.order), "connection")
        far = "ok" if filtering.is_done else f"so far, {int(filtering.share * 100)} %"
        found = counted(filtering.matches, "line")
        self.find_line.verdict(f"{far}, {found}, {shown}", good=True)

    # ---- find ------------------------------------------------------------------------------
    def action_next_hit(self, step: int) -> None:
        """The next row whose payload has the text."""
        row, id_ = self.frames.row, self.trace.chosen
        if not self.sought:
            self.say("Nothing was looked for yet: / in the frame's panel.")
        elif row is not None and id_ is not None:
            place = self.frames.cursor
            self.run_worker(
                lambda: self._look_at(id_, place, step), thread=True, exclusive=True, group="seek"
            )

    def _look_at(self, id_: int, place: int, step: int) -> None:
        with unless_evicted(self.loader.store, id_):
            self._look(id_, place, step)

    def _look(self, id_: int, place: int, step: int) -> None:
        """Reads payloads beside the screen, in pieces, once round."""
        worker = get_current_worker()
        shown, wanted = self.frames.shown, self.sought.encode().lower()
        for places in _pieces(place, step, len(shown)):
            indices = {shown.index(each) for each in places}
            found = None
            for index, is_hit in self._hits(id_, indices, wanted):
                if worker.is_cancelled:
                    return
                found = index if is_hit else found
                if is_hit and step > 0:
                    break
            if found is not None:
                self.app.call_from_thread(self._hit, id_, found)
                return
            time.sleep(0)
        self.app.call_from_thread(self.say, f"No payload here contains {self.sought!r}.")

    def _hits(self, id_: int, indices: set[int], wanted: bytes) -> Iterator[tuple[int, bool]]:
        """Whether the payloads of the rows have the text, in their order, read in one pass."""
        rows = self.loader.store.rows(id_)
        walk = self.loader.store.walk(id_, min(indices), max(indices) + 1, _LOOKED_AT)
        for index, found in walk:
            if index not in indices or rows[index].kind is not RowKind.FRAME:
                continue
            content = found.raw if found.inflated is None else found.inflated
            yield index, wanted in content.lower()

    def _hit(self, id_: int, index: int) -> None:
        if self.show_place(id_, index):
            self.detail.tab = "payload"
            self.pointed = Pointed(id_, index, text=self.sought.encode())
            self.show_row()


def _pieces(place: int, step: int, total: int) -> Iterator[range]:
    """All places in the order in which they are looked at, from the one beside `place` on and
    once round. Each piece is twice the last: what must be read before one is read again for few.
    """
    size = _PIECE
    if step > 0:
        ways = (range(place + 1, total), range(min(place + 1, total)))
    else:
        ways = (range(min(place, total)), range(place, total))
    for way in ways:
        while way:
            yield way[:size] if step > 0 else way[-size:]
            way = way[size:] if step > 0 else way[:-size]  # noqa: PLW2901 - what is left of it
            size *= 2
