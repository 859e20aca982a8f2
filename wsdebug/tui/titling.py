"""What stands in borders, header and footer of the main screen, and what fits its size."""

from __future__ import annotations

import time

from textual import events
from textual.content import Content

from wsdebug.display.columns import columns, cut
from wsdebug.tui import keys
from wsdebug.tui.connections_text import summaries
from wsdebug.tui.detail_panel import TABS as DETAIL_TABS
from wsdebug.tui.header_line import fitted, header_line, note_lines
from wsdebug.tui.line_list import LineList
from wsdebug.tui.living import Living
from wsdebug.tui.source import Progress
from wsdebug.tui.sparkline import sparkline
from wsdebug.tui.titles import crumbs, tabs, title
from wsdebug.tui.why_panel import TABS as WHY_TABS

WIDE = (120, 30)
SMALLEST = (60, 16)
_CORNERS = 8
"""Columns of a lower border that its text cannot have."""


class Titling(Living):
    """Titles and size."""

    began = 0.0
    """When reading began, by `time.monotonic`."""
    took: float | None = None
    """Seconds it took, once it is over."""

    def on_resize(self, event: events.Resize) -> None:
        """Four panels, one, or the sentence that it is too small. What is hidden loses the keys:
        once it is seen again it is given them back.
        """
        self._fit(event.size.width, event.size.height)
        self.call_after_refresh(self.refocus)
        self.renew_titles()

    def _fit(self, width: int, height: int) -> None:
        self.set_class(width < WIDE[0] or height < WIDE[1], "narrow")
        self.set_class(width < SMALLEST[0] or height < SMALLEST[1], "tiny")

    def renew_titles(self) -> None:
        """Borders, header and footer."""
        paint, trace, frames = self.paint, self.trace, self.frames
        state = self.loader.poll()
        total = len(trace.store.connections)
        alone = self.has_class("narrow") or self.has_class("zoomed")
        way = crumbs(trace.file(), trace.chosen, self.panel, self.detail.heading) if alone else ""
        elapsed = self.took or time.monotonic() - self.began
        self._show_header(state, elapsed, way)
        chosen = f"#{trace.chosen}" if trace.chosen is not None else ""
        names = {
            keys.CONNECTIONS: "Connections",
            keys.FRAMES: f"Frames of {chosen}" if chosen else "Frames",
            keys.WHY: f"Why did {chosen} end?" if chosen else "What is in it",
            keys.DETAIL: self.detail.heading,
        }
        for number, (name, panel) in enumerate(self.panels.items(), 1):
            text = title(paint, number, names[name], focused=name == self.panel)
            if panel is self.why:
                text = Content.assemble(text, tabs(WHY_TABS, self.why.tab, paint))
            elif panel is self.detail:
                text = Content.assemble(text, tabs(DETAIL_TABS, self.detail.tab, paint))
            panel.border_title = text
        texts = summaries(total, len(trace.order), self.expression)
        self._show_below(self.connections, *texts)
        self._show_below(frames, self._frames_summary())
        self.footer.show_keys(self.panel, is_deep=bool(self.way))

    def _show_below(self, panel: LineList, *texts: str) -> None:
        """The first text that fits into the lower border, else the last one cut."""
        room = panel.outer_size.width - _CORNERS
        text = next((each for each in texts if columns(each) <= room), texts[-1])
        shown = cut(self.paint.text(text), max(1, room), self.paint.text("…"))
        panel.border_subtitle = Content(f" {shown} ")

    def _show_header(self, state: Progress, elapsed: float, way: str) -> None:
        """What the capture lacks stands in it, or below it where it would be cut away."""
        width = self.size.width
        live = self.live_pieces(state)
        whole = header_line(self.trace, state, elapsed, crumbs=way, live=live)
        loud = [at for at, (_, role) in enumerate(whole.pieces, 1) if role in ("warning", "error")]
        told = whole.pieces[: max(loud, default=0)]
        fits = columns("".join(text for text, _ in told)) <= width
        short = header_line(self.trace, state, elapsed, crumbs=way, notes=False, live=live)
        notes = [] if fits or self.has_class("tiny") else note_lines(self.trace, state, width)
        shown = short if notes else whole
        if not live and not state.done:  # how to stop it stands at the end
            shown = fitted(shown, width, self.paint.text("…"))
        self.header_bar.show(shown)
        self.notes.show_lines(notes)

    def _frames_summary(self) -> str:
        frames, trace = self.frames, self.trace
        parts = [f"{frames.cursor + 1 if frames.count else 0} of {frames.count}"]
        if frames.shown.is_filtered:
            parts[0] += f" ({len(frames.shown.rows)} without filter)"
        parts.append(f"time {trace.form}")
        parts += ["follow"] if frames.follows else []
        parts += ["no pings"] if trace.hides_pings else []
        parts += [f"pings {sparkline(self.trips, 20)}"] if self.trips else []
        return " · ".join(parts)
