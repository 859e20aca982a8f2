"""Actions that jump: to errors, warnings, silences, marks and hits in payloads."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from wsdebug.model.rows import Row, RowKind
from wsdebug.tui import keys
from wsdebug.tui.moving import Moving

_PIECE = 2000
"""Rows looked at before the screen is drawn again."""


class Jumping(Moving):
    """Jumps."""

    def action_jump(self, what: str, step: int) -> None:
        """To the next `error`, `warning` or `silence`, or the one before."""
        self.steer()
        if what == "silence":
            self.run_worker(self._to_silence(step), exclusive=True, group="seek")
            return
        row = self.frames.row
        start = row.at if row is not None else -1
        for id_, index in self.trace.spots(what, start, step):
            if self.show_place(id_, index):
                self._land()
                return
        self.say(f"There is no other {what}.")

    async def _to_silence(self, step: int) -> None:
        row = self.frames.row
        if row is None:
            return
        shown = self.frames.shown
        found = await _silence(shown.rows, row.at, step)
        id_ = self.trace.chosen
        if found is None or id_ is None:
            self.say("There is no other silence in this connection.")
        elif self.show_place(id_, found):
            self._land()
        else:
            self.say("A filter hides the silence: / and an empty text shows all.", bad=True)

    def _land(self) -> None:
        """Where one panel is seen at a time, the frames must be it."""
        if self.panel not in (keys.FRAMES, keys.DETAIL):
            self.go(keys.FRAMES, remember=True)

    # ---- marks -----------------------------------------------------------------------------
    def action_mark(self) -> None:
        """Mark the row, or take the mark away."""
        row, id_ = self.frames.row, self.trace.chosen
        if row is not None and id_ is not None:
            self.trace.marks ^= {(id_, row.at)}
            self.frames.refresh()

    def action_next_mark(self) -> None:
        """The next mark, across connections, round."""
        row, id_ = self.frames.row, self.trace.chosen
        marks = sorted(self.trace.marks)
        if not marks or id_ is None:
            self.say("There is no mark: m sets one.")
            return
        here = (id_, row.at if row is not None else -1)
        goal = next((mark for mark in marks if mark > here), marks[0])
        if self.show_place(*goal):
            self._land()


async def _silence(rows: Sequence[Row], index: int, step: int) -> int | None:
    """The nearest silence in a direction; other things happen meanwhile."""
    at = index + step
    while 0 <= at < len(rows):
        if rows[at].kind is RowKind.SILENCE:
            return at
        at += step
        if at % _PIECE == 0:
            await asyncio.sleep(0)
    return None
