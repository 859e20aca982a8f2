"""The first line: which capture, how much is broken, how far the reading is, what is missing."""

from __future__ import annotations

from wsdebug.display.escape import printable
from wsdebug.display.quantities import counted, grouped
from wsdebug.model.report import Connection
from wsdebug.tui.line import Line, Piece
from wsdebug.tui.source import Progress
from wsdebug.tui.trace import Trace

_PATIENCE = 1.0
"""Seconds before the time left is guessed."""


def header_line(trace: Trace, state: Progress, elapsed: float, *, crumbs: str = "") -> Line:
    """`elapsed`: seconds of reading so far."""
    total = len(trace.store.connections)
    lack = lacking(trace.report)
    pieces: list[Piece] = [(" wsdebug ", "title"), (f" {crumbs or trace.file()} ", "strong")]
    if crumbs and lack:  # where it is narrow, what is missing is worth more than our name
        pieces[:1] = []
        pieces.append((f" ! {lack} ", "warning"))
    if crumbs:
        pieces.append((f" {counted(total, 'connection')}", "faint"))
    else:
        pieces.append((f" {counted(total, 'connection')} ", ""))
    broken = trace.broken
    if broken:
        pieces.append((f" ✗ {broken} broken ", "error"))
    if lack and not crumbs:
        pieces.append((f" ! #{trace.chosen}: {lack} ", "warning"))
    pieces += _reading(state, elapsed)
    if state.error is not None:
        pieces.append((f"  ✗ {printable(str(state.error), 200)}", "error"))
    notes = [note.message for capture in trace.analysis.captures for note in capture.warnings]
    if notes:
        more = f" (and {len(notes) - 1} more)" if len(notes) > 1 else ""
        pieces.append((f"  ! {printable(notes[0], 200)}{more}", "warning"))
    return Line(tuple(pieces))


def lacking(report: Connection | None) -> str:
    """What the capture has not of a connection: `handshake not captured, 681 bytes missing`."""
    if report is None:
        return ""
    parts = ["handshake not captured"] if report.handshake.result == "not-captured" else []
    missing = sum(gap.length or 0 for gap in report.gaps)
    if any(gap.length is None for gap in report.gaps):
        parts.append("bytes missing, nobody knows how many")
    elif missing:
        parts.append(f"{counted(missing, 'byte')} missing")
    return ", ".join(parts)


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
