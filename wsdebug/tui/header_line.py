"""The first line: which capture, how much is broken, how far the reading is, what is missing."""

from __future__ import annotations

from wsdebug.display.escape import printable
from wsdebug.display.quantities import counted, grouped
from wsdebug.tui.line import Line, Piece
from wsdebug.tui.source import Progress
from wsdebug.tui.trace import Trace

_PATIENCE = 1.0
"""Seconds before the time left is guessed."""


def header_line(trace: Trace, state: Progress, elapsed: float, *, crumbs: str = "") -> Line:
    """`elapsed`: seconds of reading so far."""
    total = len(trace.store.connections)
    pieces: list[Piece] = [(" wsdebug ", "title"), (f" {crumbs or trace.file()} ", "strong")]
    if crumbs:
        pieces.append((f" {counted(total, 'connection')}", "faint"))
    else:
        pieces.append((f" {counted(total, 'connection')} ", ""))
    broken = trace.broken
    if broken:
        pieces.append((f" ✗ {broken} broken ", "error"))
    pieces += _reading(state, elapsed)
    if state.error is not None:
        pieces.append((f"  ✗ {printable(str(state.error), 200)}", "error"))
    notes = [note.message for capture in trace.analysis.captures for note in capture.warnings]
    if notes:
        more = f" (and {len(notes) - 1} more)" if len(notes) > 1 else ""
        pieces.append((f"  ! {printable(notes[0], 200)}{more}", "warning"))
    return Line(tuple(pieces))


def _reading(state: Progress, elapsed: float) -> list[Piece]:
    packets = counted(state.packets, "packet")
    if state.done:
        return [(f" {packets}", "faint"), ("  stopped", "warning") if state.stopped else ("", "")]
    if state.progress is None:
        return [(f" ▸ {packets}  esc stops", "note")]
    left = ""
    if elapsed > _PATIENCE and state.progress > 0.01:
        left = f"  {grouped(round(elapsed * (1 / state.progress - 1)))} s left"
    return [(f" ▸ {state.progress:.0%}".replace("%", " %") + f"{left}  esc stops", "note")]
