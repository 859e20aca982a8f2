"""Actions that move: within a panel, between panels, in and out."""

from __future__ import annotations

from wsdebug.model.rows import RowKind
from wsdebug.tui import keys, times
from wsdebug.tui.detail import Pointed
from wsdebug.tui.detail_panel import TABS as DETAIL_TABS
from wsdebug.tui.line import Jump
from wsdebug.tui.parts import Parts
from wsdebug.tui.together_text import FLEET
from wsdebug.tui.trace import Trace
from wsdebug.tui.why_panel import TABS as WHY_TABS

_STEP = 8
"""Columns that `h` and `l` scroll."""


class Moving(Parts):
    """Moving and looking."""

    def action_move(self, lines: int) -> None:
        """Up or down."""
        self.steer()
        self.current_panel.move(lines)

    def action_sideways(self, steps: int) -> None:
        """Left or right."""
        self.current_panel.sideways(steps * _STEP)

    def action_page(self, pages: int) -> None:
        """A window up or down."""
        self.steer()
        self.current_panel.move(pages * self.current_panel.page)

    def action_edge(self, end: int) -> None:
        """First or last line."""
        self.steer()
        self.current_panel.move_to(self.current_panel.count * end)

    def action_panel(self, number: int) -> None:
        """By its number."""
        self.go(keys.PANELS[number])

    def action_next_panel(self, step: int) -> None:
        """The next one, round."""
        at = keys.PANELS.index(self.panel)
        self.go(keys.PANELS[(at + step) % len(keys.PANELS)])

    # ---- in and out ------------------------------------------------------------------------
    def action_into(self) -> None:
        """Open what the cursor is on."""
        self.steer()
        if self.panel == keys.CONNECTIONS:
            self.choose(self.connections.id_under_cursor)
            self.go(keys.FRAMES, remember=True)
        elif self.panel == keys.FRAMES:
            self.go(keys.DETAIL, remember=True)
        elif self.panel == keys.WHY:
            self._to_evidence()

    def _to_evidence(self) -> None:
        line = self.why.current
        if line.jump is not None and line.jump.leads:
            self.follow_jump(line.jump)
        elif line.explain and FLEET.fullmatch(line.explain) and self.why.tab != WHY_TABS[2]:
            self.why.tab = WHY_TABS[2]
            self.why.renew()
            self.renew_titles()
        elif line.explain:
            self.action_explain()
        else:
            self.say("There is no frame or packet behind this line.")

    def follow_jump(self, jump: Jump) -> None:
        """To the frame or packet of a line, or to another connection."""
        id_ = self._connection_of(jump)
        if id_ is not None and jump.connection is not None:
            self._to_connection(id_)
            return
        row = None if id_ is None else self.trace.place_of(id_, jump.side, jump.frame, jump.packet)
        if id_ is None or row is None:
            self.say(_nowhere(jump.packet))
        elif self.show_place(id_, row):
            self.pointed = Pointed(id_, row, jump.offset)
            self.show_row()
            self.go(keys.DETAIL, remember=True)
        else:
            self.say("A filter hides that line: / and an empty text shows all.", bad=True)

    def _connection_of(self, jump: Jump) -> int | None:
        """The connection a line leads to; None where the packet is in none of those it may be."""
        if not jump.among:
            return self.trace.chosen if jump.connection is None else jump.connection
        packet, store = jump.packet or 0, self.trace.store
        for id_ in jump.among:
            at = store.row_at(id_, packet)
            row = None if at is None else store.rows(id_)[at]
            if row is None or row.kind is RowKind.SILENCE:
                continue
            if row.packet <= packet <= row.last_packet:
                return id_
        return None

    def _to_connection(self, id_: int) -> None:
        if id_ not in self.trace.order:
            self.say("A filter hides that connection: / and an empty text shows all.", bad=True)
            return
        self.choose(id_)
        self.why.tab = WHY_TABS[0]
        self.why.renew()
        self.renew_titles()

    def action_out(self) -> None:
        """Stop loading, close the line to type in, or one level back."""
        if self.find_line.is_open:
            self.close_find()
        elif self.is_loading and self.options.live is None:  # a live capture is ended by leaving
            self.stop_loading()
        elif self.way:
            self.go(self.way.pop())

    def action_back(self) -> None:
        """One level back; quit at the top."""
        if self.way:
            self.go(self.way.pop())
        else:
            self.app.exit()

    def action_quit(self) -> None:
        """Leave."""
        self.app.exit()

    def action_explain(self) -> None:
        """`sharing` has it."""
        raise NotImplementedError

    def close_find(self) -> None:
        """`finding` has it."""
        raise NotImplementedError

    @property
    def is_loading(self) -> bool:
        """The main screen has it."""
        raise NotImplementedError

    def stop_loading(self) -> None:
        """The main screen has it."""
        raise NotImplementedError

    # ---- looking ---------------------------------------------------------------------------
    def action_tab(self, step: int) -> None:
        """The next tab of the panel."""
        if self.panel == keys.WHY:
            self.why.tab = _turned(WHY_TABS, self.why.tab, step)
            self.why.renew()
        else:
            self.detail.turn_to(_turned(DETAIL_TABS, self.detail.tab, step))
        self.renew_titles()

    def action_view(self) -> None:
        """The next view of the payload."""
        self.detail.payloads.turn()
        self.detail.turn_to("payload")
        self.renew_titles()

    def action_time_format(self) -> None:
        """The next way to say when."""
        trace: Trace = self.trace
        trace.form = _turned(times.FORMATS, trace.form, 1)
        self.frames.refresh()
        self.detail.renew(top=False)
        self.renew_titles()

    def action_hide_pings(self) -> None:
        """Without pings and pongs, or with them."""
        self.trace.hides_pings = not self.trace.hides_pings
        self.filter_anew()

    def filter_anew(self) -> None:
        """`finding` has it."""
        raise NotImplementedError

    def show_rows_anew(self) -> None:
        """Other rows of the same connection; the cursor stays as near as it can."""
        before = self.frames.row
        shown = self.shown_rows()
        self.frames.show(shown)
        self.frames.return_to(before.at if before is not None else 0)
        self.renew_titles()

    def action_zoom(self, alone: bool) -> None:
        """The panel with the keys alone, or all."""
        self.set_class(alone, "zoomed")
        self.renew_titles()

    def action_follow(self) -> None:
        """Keep the newest row in sight."""
        self.frames.follows = not self.frames.follows
        if self.frames.follows:
            self.frames.move_to(self.frames.count - 1)
        self.renew_titles()


def _nowhere(packet: int | None) -> str:
    if packet is None:
        return "There is no line for that here."
    return f"Packet {packet} has no line here: in Wireshark, frame.number == {packet}."


def _turned(names: tuple[str, ...], name: str, step: int) -> str:
    return names[(names.index(name) + step) % len(names)]
