"""The first line: which capture, how much is broken, how far the reading is, what is missing."""

from __future__ import annotations

from collections.abc import Sequence

from wsdebug.display.columns import columns, cut
from wsdebug.display.escape import printable
from wsdebug.display.quantities import counted, grouped
from wsdebug.model.report import Connection
from wsdebug.tui.line import Line, Piece, line, paragraph
from wsdebug.tui.source import Progress
from wsdebug.tui.trace import Trace

_PATIENCE = 1.0
"""Seconds before the time left is guessed."""
_NAME = 8
"""Columns of the file's name that are kept at least."""
_MOST = 4
"""Lines of notes under the header."""


def header_line(
    trace: Trace,
    state: Progress,
    elapsed: float,
    *,
    crumbs: str = "",
    notes: bool = True,
    live: Sequence[Piece] = (),
) -> Line:
    """`elapsed`: seconds of reading so far; without `notes` they stand in lines of their own;
    `live`: what is said of a capture that goes on, in place of its file; the last piece comes last.
    """
    total = len(trace.store.connections)
    lack = lacking(trace.report) if notes else ""
    named: list[Piece] = [(f" {crumbs or trace.file()} ", "strong")]
    if live:
        named = [*live[:-1], *(named if crumbs else [])]
    pieces: list[Piece] = [(" wsdebug ", "title"), *named]
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
    pieces += [] if live else _reading(state, elapsed)
    if not notes:
        return Line((*pieces, *live[-1:]))
    if state.error is not None:
        pieces.append((f"  ✗ {printable(str(state.error), 200)}", "error"))
    told = capture_notes(trace)
    if told:
        more = f" (and {len(told) - 1} more)" if len(told) > 1 else ""
        pieces.append((f"  ! {told[0]}{more}", "warning"))
    return Line((*pieces, *live[-1:]))


def fitted(header: Line, width: int, ellipsis: str = "…") -> Line:
    """The header with what matters least left out, so that the rest is seen to its end: the number
    of connections, which their panel has too, then the end of the file's name.
    """
    pieces = list(header.pieces)
    over = columns(header.text) - width
    for at, (text, role) in enumerate(pieces):
        if over > 0 and role == "faint" and " connection" in text:
            over -= columns(text)
            pieces[at] = ("", role)
    for at, (text, role) in enumerate(pieces):
        if over > 0 and role == "strong":
            pieces[at] = (cut(text, max(_NAME, columns(text) - over), ellipsis), role)
            over = 0
    return Line(tuple(pieces))


def note_lines(trace: Trace, state: Progress, width: int) -> list[Line]:
    """What would not fit into the header: what the capture lacks, no sentence cut away."""
    lines = []
    if state.error is not None:
        text = printable(str(state.error), 200)
        lines += paragraph(text, width, label=[("✗ ", "error")], role="error")
    lack = lacking(trace.report)
    told = [f"#{trace.chosen}: {lack}", *capture_notes(trace)] if lack else capture_notes(trace)
    for text in told:
        lines += paragraph(text, width, label=[("! ", "warning")], role="warning")
    if len(lines) <= _MOST:
        return lines
    rest = line(("… and more, at the end of panel 3", "warning"))
    return [*lines[: _MOST - 1], rest]


def capture_notes(trace: Trace) -> list[str]:
    """What is to be known of the capture itself."""
    captures = trace.analysis.captures
    return [printable(note.message, 200) for each in captures for note in each.warnings]


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
