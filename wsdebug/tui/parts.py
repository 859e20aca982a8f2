"""What the actions of the main screen work with: the panels, the capture, and how they meet."""

from __future__ import annotations

import msgspec
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.screen import Screen
from textual.worker import get_current_worker

from wsdebug.tui import keys
from wsdebug.tui.bar import Bar, FooterBar, Notes, Sentences
from wsdebug.tui.connections_panel import ConnectionsPanel
from wsdebug.tui.detail import Detail, Pointed, read_detail
from wsdebug.tui.detail_panel import DetailPanel
from wsdebug.tui.ends import Ends
from wsdebug.tui.evicted import unless_evicted
from wsdebug.tui.filtering import Filtering
from wsdebug.tui.find_line import FindLine
from wsdebug.tui.frames_panel import FramesPanel
from wsdebug.tui.joined import Joined
from wsdebug.tui.line_list import LineList
from wsdebug.tui.options import Options
from wsdebug.tui.paint import Paint
from wsdebug.tui.pings import round_trips
from wsdebug.tui.preview_text import preview
from wsdebug.tui.previews import Previews
from wsdebug.tui.shown import Shown
from wsdebug.tui.source import Loader
from wsdebug.tui.splits import Split, Splits
from wsdebug.tui.trace import Trace
from wsdebug.tui.why_panel import WhyPanel

TOO_SMALL = ("wsdebug needs 60 columns and 16 rows.", "Text report: wsdebug read -F text")


class Parts(Screen[None]):
    """The panels and the way from a connection to its rows to their bytes."""

    def __init__(self, loader: Loader, options: Options, paint: Paint) -> None:
        super().__init__()
        self.loader = loader
        self.options = options
        self.paint = paint
        self.trace = Trace(loader.store, loader.analysis)
        self.joined = Joined(loader.store)
        self.previews = Previews(lambda id_, row: preview(loader.store, id_, row, self.joined))
        self.connections = ConnectionsPanel(paint, self.trace)
        self.frames = FramesPanel(paint, self.trace, self.previews)
        self.why = WhyPanel(paint, self.trace)
        self.detail = DetailPanel(paint, self.trace)
        self.find_line = FindLine(paint)
        self.header_bar = Bar(paint, id="header")
        self.notes = Notes(paint, id="notes")
        self.footer = FooterBar(paint)
        self.panels: dict[str, LineList] = {
            keys.CONNECTIONS: self.connections,
            keys.FRAMES: self.frames,
            keys.WHY: self.why,
            keys.DETAIL: self.detail,
        }
        self.upper, self.lower = Horizontal(id="upper"), Horizontal(id="lower")
        self.splits = Splits(
            Split(self.connections, self.frames, "x"),
            Split(self.why, self.detail, "x"),
            Split(self.upper, self.lower, "y"),
        )
        self.panel = keys.WHY
        """The panel that has the keys."""
        self.way: list[str] = []
        """The panels that `esc` leads back through."""
        self.filtering: Filtering | None = None
        self.trips: list[float] = []
        """Ping to pong of the chosen connection, in ms."""
        self.sought = ""
        """What was looked for in payloads."""
        self.asked: tuple[int | None, int] | None = None
        """(connection, row) that panel 4 shows or is being given."""
        self.pointed: Pointed | None = None
        """What somebody comes to see in that row."""
        self._is_steered = False

    def compose(self) -> ComposeResult:
        """Header, two rows of panels, the line to type in, footer."""
        yield self.header_bar
        yield self.notes
        with self.upper:
            yield self.connections
            yield self.frames
        with self.lower:
            yield self.why
            yield self.detail
        yield Sentences(self.paint, TOO_SMALL, id="small")
        yield self.find_line
        yield self.footer

    @property
    def is_steered(self) -> bool:
        """Somebody has moved: the worst connection, and the row that tells why, are no longer
        chosen by themselves.
        """
        return self._is_steered or any(panel.is_touched for panel in self.panels.values())

    def steer(self) -> None:
        """Somebody moves."""
        self._is_steered = True

    # ---- panels ----------------------------------------------------------------------------
    @property
    def current_panel(self) -> LineList:
        """The panel that has the keys."""
        return self.panels[self.panel]

    def go(self, panel: str, *, remember: bool = False) -> None:
        """Give a panel the keys."""
        if remember and panel != self.panel:
            self.way.append(self.panel)
        self.panel = panel
        for name, each in self.panels.items():
            each.set_class(name == panel, "current")
        for row, names in (("#upper", keys.PANELS[:2]), ("#lower", keys.PANELS[2:])):
            self.query_one(row).set_class(panel in names, "current")
        self.refocus()
        self.renew_titles()

    def refocus(self) -> None:
        """Keys go to the line that is typed in, else to the current panel."""
        if self.find_line.is_open:
            self.find_line.refocus()
        else:
            self.current_panel.focus(scroll_visible=False)

    def renew_titles(self) -> None:
        """What stands in the borders, the header and the footer."""
        raise NotImplementedError

    # ---- choosing --------------------------------------------------------------------------
    def choose(self, id_: int | None) -> None:
        """Another connection."""
        trace = self.trace
        if id_ == trace.chosen:
            return
        trace.chosen = id_
        if id_ is not None and id_ in trace.order:
            self.connections.move_to(trace.order.place(id_))
        self.show_connection()

    def show_connection(self) -> None:
        """The rows and the end of the chosen connection."""
        id_ = self.trace.chosen
        self.frames.severities = {} if id_ is None else self.trace.severities(id_)
        self.frames.ends = Ends(self.trace.report)
        self.frames.show(self.shown_rows())
        telling = None if id_ is None else self.trace.telling(id_)
        if telling is not None:
            self.frames.move_to(self.frames.shown.place(telling))
        self.why.renew()
        self.measure_pings()
        self.show_row()
        self.renew_titles()

    def shown_rows(self) -> Shown:
        """The rows of the chosen connection that are to be shown."""
        id_ = self.trace.chosen
        if id_ is None:
            return Shown(())
        if self.filtering is not None:
            return self.filtering.shown(id_)
        return Shown(self.loader.store.rows(id_))

    def measure_pings(self) -> None:
        """The round trips of the chosen connection, beside the screen."""
        report, id_ = self.trace.report, self.trace.chosen
        self.trips = []
        if report is None or id_ is None or not report.liveness.pongs:
            return
        rows = self.loader.store.rows(id_)

        def run() -> None:
            worker = get_current_worker()
            found = round_trips(rows, lambda: worker.is_cancelled)
            self.app.call_from_thread(self._show_trips, id_, found)

        self.run_worker(run, thread=True, exclusive=True, group="pings")

    def _show_trips(self, id_: int, trips: list[float]) -> None:
        if id_ == self.trace.chosen:
            self.trips = trips
            self.renew_titles()

    def show_row(self) -> None:
        """The bytes of the row under the cursor, read beside the screen."""
        row, id_ = self.frames.row, self.trace.chosen
        if row is None or id_ is None:
            self.asked = None
            self.detail.show(None)
            return
        index, pointed = row.at, self.pointed
        self.asked = (id_, index)
        if pointed is not None and (pointed.connection, pointed.row) != self.asked:
            pointed = self.pointed = None

        def read() -> None:
            worker = get_current_worker()
            if worker.is_cancelled:
                return
            store = self.loader.store
            with unless_evicted(store, id_):
                found = read_detail(store, id_, index, pointed, lambda: worker.is_cancelled)
                ends = tuple(self.joined.packets(id_, index)) if row.opcode in (0, 2) else ()
                found = msgspec.structs.replace(found, ends=ends)
                self.app.call_from_thread(self._show_detail, found)

        self.run_worker(read, thread=True, exclusive=True, group="detail")

    def _show_detail(self, detail: Detail) -> None:
        row = self.frames.row
        if row is not None and (detail.connection, detail.row.at) == (
            self.trace.chosen,
            row.at,
        ):
            self.detail.show(detail)
            self.renew_titles()

    def show_place(self, id_: int, index: int) -> bool:
        """Put the cursor of panel 2 on a row; False where a filter hides it."""
        if id_ != self.trace.chosen:
            self.choose(id_)
        if not self.frames.shown.holds(index):
            return False
        self.frames.move_to(self.frames.shown.place(index))
        return True

    def say(self, text: str, *, bad: bool = False) -> None:
        """A short notice. Never markup: it may quote the wire."""
        self.notify(
            self.paint.text(text), markup=False, severity="warning" if bad else "information"
        )
