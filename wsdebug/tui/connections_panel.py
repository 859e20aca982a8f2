"""Panel 1: the connections, worst first."""

from __future__ import annotations

from wsdebug.tui.connections_text import connection_line
from wsdebug.tui.line import Line
from wsdebug.tui.line_list import LineList
from wsdebug.tui.paint import Paint
from wsdebug.tui.trace import Trace


class ConnectionsPanel(LineList):
    """A line a connection."""

    def __init__(self, paint: Paint, trace: Trace) -> None:
        super().__init__(paint, id="connections")
        self._trace = trace

    @property
    def count(self) -> int:
        """Connections shown."""
        return len(self._trace.order)

    def line_at(self, index: int, width: int) -> Line:
        """One connection."""
        trace = self._trace
        return connection_line(trace.known(trace.order[index]), width, trace.fates)

    @property
    def id_under_cursor(self) -> int | None:
        """The connection's id."""
        order = self._trace.order
        return order[self.cursor] if self.cursor < len(order) else None
