"""The main screen: what happens by itself - reading goes on, rows grow, the worst comes first."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import ClassVar

from textual import events
from textual.binding import BindingType

from wsdebug.display.quantities import numbered
from wsdebug.model.errors import UserError
from wsdebug.model.report import Analysis
from wsdebug.report import nothing
from wsdebug.tui import keys
from wsdebug.tui.bindings import bindings
from wsdebug.tui.detail_panel import TABS as DETAIL_TABS
from wsdebug.tui.ends import Ends
from wsdebug.tui.line_list import LineList
from wsdebug.tui.source import Progress
from wsdebug.tui.titling import Titling
from wsdebug.tui.why_panel import TABS as WHY_TABS

_TICK = 0.1
"""Seconds between two looks at what has come."""


class MainScreen(Titling):
    """All of it."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings()]
    AUTO_FOCUS = ""

    def on_mount(self) -> None:
        """Begin to read."""
        self.began = time.monotonic()
        self.took = None
        self._fit(self.size.width, self.size.height)
        self.go(keys.WHY if self.has_class("narrow") else keys.CONNECTIONS)
        self.loader.start()
        self.set_interval(_TICK, self.tick)
        self.tick()
        if self.options.filter:
            self.use_filter(self.options.filter)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """A key does only what the table says of the panel; in the line that is typed in, it is
        what is typed. The mouse and the palette may do all.
        """
        pressed = getattr(self.app, "pressed", None)
        if not isinstance(pressed, events.Key):
            return True
        if self.find_line.is_open:
            return not (pressed.is_printable or pressed.key in keys.EDITING)
        key = keys.key_named(pressed.key)
        return key is None or keys.works_in(key, self.panel)

    def on_paste(self, event: events.Paste) -> None:
        """A filter with the key that opens its line in front of it."""
        if not self.find_line.is_open and event.text.startswith("/"):
            self.action_find()
            self.find_line.type(event.text[1:])

    # ---- by itself -------------------------------------------------------------------------
    @property
    def is_loading(self) -> bool:
        """Whether there is more to read."""
        return not self.loader.poll().done

    @property
    def is_settled(self) -> bool:
        """Whether everything that was read is shown."""
        is_narrowed = self.filtering is None or self._is_narrowed
        is_read = self.took is not None and not self.previews.is_wanting
        return is_read and is_narrowed and self.is_row_shown

    @property
    def is_row_shown(self) -> bool:
        """Whether panel 4 shows, or is being given, the row under the cursor."""
        row = self.frames.row
        here = None if row is None else (self.trace.chosen, row.at)
        return here == self.asked

    def filter_anew(self) -> None:
        """Begin to filter anew, and show what comes of it."""
        self._is_narrowed = False
        super().filter_anew()

    def narrow(self) -> None:
        """What the filter lets through; where that is nothing, nothing is chosen."""
        super().narrow()
        filtering, trace = self.filtering, self.trace
        if filtering is None or not filtering.is_done or trace.order or trace.chosen is None:
            return
        self.why.nothing = self._nothing()
        self.choose(None)

    def stop_loading(self) -> None:
        """Read no further; the thread is waited for beside the screen."""
        self.run_worker(self.loader.stop, thread=True, group="stop")

    def tick(self) -> None:
        """Show what has come since the last time."""
        state = self.loader.poll()
        if self.live_tick(state):
            self.renew_titles()
        if self.is_held:
            return
        for panel in self.panels.values():
            panel.place_bar()
        trace = self.trace
        is_new = trace.renew()
        if is_new:
            self._connections_changed()
        is_changed = is_new or not self._is_narrowed
        filtering = self.filtering
        is_behind = filtering is not None and filtering.is_behind(trace.chosen)
        if filtering is not None and (is_new or is_behind or not self._is_narrowed):
            self._is_narrowed = filtering.is_done and not (is_new or is_behind)
            if (is_new or is_behind) and filtering.is_done:
                self.filter_on()
            self.narrow()
            self.say_matches()
        is_changed |= self.frames.grown()
        if not self.is_row_shown:
            self.show_row()
        if self.previews.is_wanting:
            self.run_worker(self._fetch, thread=True, exclusive=True, group="previews")
        if state.done and self.took is None:
            self.took = time.monotonic() - self.began
            is_changed = True
            trace.renew()
            self._shown_revision = -1  # rows that came late stand in their place now
            self._connections_changed()
            if not state.stopped and state.error is None:
                self._look_for_chosen()
        if is_changed or state != self._state:
            self._state = state
            self.renew_titles()

    def _look_for_chosen(self) -> None:
        """Connections that were asked for by number and are not there: without any of them there
        is nothing to show.
        """
        numbers, total = self.options.numbers, len(self.trace.store.connections)
        missed = [first for first, _ in numbers if first > total]
        if not missed or not total:
            return
        named = ", ".join(map(str, missed))
        sentence = f"There is no connection {named} in this capture."
        hint = numbered(total)
        if len(missed) == len(numbers) and self.refuse is not None:
            self.refuse(UserError(sentence, hint))
        else:
            self.say(f"{sentence} {hint}", bad=True)

    refuse: Callable[[UserError], None] | None = None
    """Leaves the screen with a sentence."""

    def _fetch(self) -> None:
        self.previews.fetch()
        self.app.call_from_thread(self.frames.refresh)

    def _connections_changed(self) -> None:
        """The list is another; the chosen one stays chosen, or the worst is."""
        trace, panel = self.trace, self.connections
        panel.resized()
        panel.refresh()
        if not trace.order:
            self.why.nothing = self._nothing()
            self.why.renew()
            return
        revision = trace.current.revision if trace.current is not None else -1
        if trace.chosen is None or (not self.is_steered and trace.chosen != trace.order[0]):
            self._shown_revision = trace.known(trace.order[0]).revision
            self.choose(trace.order[0])
        elif trace.current is not None and not self.is_steered and self._is_finished(revision):
            self._shown_revision = revision
            self.show_connection()  # its end is known now: begin where it is seen
        elif revision != self._shown_revision:
            self._shown_revision = revision
            self.frames.severities = trace.severities(trace.chosen)
            self.frames.ends = Ends(trace.report)
            self.frames.refresh()
            self.why.renew(top=False)
        if trace.chosen is not None and trace.chosen in trace.order:
            with self.prevent(LineList.Moved):
                panel.move_to(trace.order.place(trace.chosen))

    _shown_revision = -1
    _state: Progress | None = None
    _is_narrowed = True
    """The filter has looked at everything, and the lists show it."""

    def _is_finished(self, revision: int) -> bool:
        return revision != self._shown_revision and self.trace.report is not None

    def _nothing(self) -> list[str]:
        """What was seen in place of a WebSocket, and the likely reasons."""
        if self.is_loading:
            return ["Reading …"]
        if self.trace.store.connections:
            return ["no connection matches"]
        analysis: Analysis = self.loader.analysis
        seen = nothing.figures(analysis, analysis.summary.encrypted)
        return [nothing.sentence(seen), *nothing.reasons(seen)]

    # ---- what panels tell --------------------------------------------------------------------
    def on_line_list_moved(self, event: LineList.Moved) -> None:
        """The cursor of a panel stands elsewhere."""
        if event.panel is self.connections:
            if self.connections.id_under_cursor != self.trace.chosen:
                self.steer()
                self.choose(self.connections.id_under_cursor)
        elif event.panel is self.frames:
            self.show_row()
            self.renew_titles()

    def on_line_list_chosen(self) -> None:
        """A double click."""
        self.action_into()

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """A click gives a panel the keys."""
        for name, panel in self.panels.items():
            if event.widget is panel and name != self.panel:
                self.go(name)

    def action_show_tab(self, name: str) -> None:
        """A click on a tab."""
        if name in WHY_TABS:
            self.why.tab = name
            self.why.renew()
        elif name in DETAIL_TABS:
            self.detail.turn_to(name)
        self.renew_titles()

    # ---- borders are dragged -----------------------------------------------------------------
    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Take hold of a border between panels."""
        if self.splits.take(event.screen_x, event.screen_y):
            self.capture_mouse()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """It follows the mouse."""
        self.splits.drag(event.screen_x, event.screen_y)

    def on_mouse_up(self) -> None:
        """Let go."""
        if self.splits.let_go():
            self.release_mouse()
