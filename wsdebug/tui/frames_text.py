"""Panel 2: a line for each row of the store, columns dropped from the right where it is narrow."""

from __future__ import annotations

import msgspec

from wsdebug.display.columns import columns, cut
from wsdebug.display.header import opcode_name
from wsdebug.display.quantities import grouped
from wsdebug.model.place import Side
from wsdebug.model.rows import Row, RowKind
from wsdebug.model.tcp import EventKind
from wsdebug.tui.line import WIRE, Line, Piece, line
from wsdebug.tui.times import shown_gap, shown_time

_ARROW = {Side.CLIENT: "▸", Side.SERVER: "◂"}
_EVENTS = {
    EventKind.RETRANSMISSION: ("again", "sent again: retransmission"),
    EventKind.LADDER: ("again..", "sent again and again"),
    EventKind.OUT_OF_ORDER: ("late", "out of order"),
    EventKind.KEEP_ALIVE: ("alive?", "keep-alive"),
    EventKind.WINDOW_PROBE: ("probe", "asks whether the window is still closed"),
    EventKind.ZERO_WINDOW: ("full", "takes no more bytes: zero window"),
    EventKind.WINDOW_OPEN: ("open", "takes bytes again"),
    EventKind.HALF_CLOSE: ("half", "the other side goes on after this FIN"),
    EventKind.GAP: ("gap", "bytes missing in the capture"),
    EventKind.NOT_ACKNOWLEDGED: ("no ack", "never acknowledged"),
    EventKind.SNAP_LENGTH: ("cut", "cut by the snap length"),
    EventKind.SEEN_TWICE: ("twice", "the capture has it twice"),
    EventKind.PORT_REUSE: ("reuse", "the ports begin a new connection"),
    EventKind.OVERLAP: ("overlap", "other bytes for the same place"),
    EventKind.BEFORE_START: ("early", "from before the capture"),
    EventKind.AFTER_END: ("after", "behind its own end"),
    EventKind.OUT_OF_WINDOW: ("stray", "no byte of this stream"),
}
"""A word for the column and what it means, for events that have no name everybody knows."""
_LOUD = {EventKind.RST: "error", EventKind.LADDER: "warning", EventKind.GAP: "warning"}
PAYLOAD_FROM = 70
"""Columns from which on the payload has a place."""


class Context(msgspec.Struct, frozen=True):
    """What a line needs to know besides its row. `before`: the time of the row before; `start`:
    of the connection; `kind`: of its worst finding.
    """

    form: str = "relative"
    start: int | None = None
    before: int | None = None
    preview: str = ""
    marked: bool = False
    kind: str = ""
    end: tuple[str, str] = ("", "")
    """Of a FIN or RST (`Ends.of`)."""


def heading(width: int) -> Line:
    """The names of the columns."""
    text = "     n         time       gap   op            bytes  "
    return line((cut(text + ("payload" if width >= PAYLOAD_FROM else ""), width), "faint"))


def row_line(row: Row, context: Context, width: int) -> Line:
    """A frame, bytes that are no frame, a head, a TCP event or a silence."""
    if row.kind is RowKind.SILENCE:
        return _silence(row, width)
    symbol = {"error": "✗", "warning": "▲", "note": "•"}.get(context.kind, " ")
    flag = "⚑" if context.marked else " "
    role = row.side.value if row.side is not None else ""
    when = shown_time(context.form, row.time, context.start, context.before)
    pieces: list[Piece] = [
        (flag, "warning"),
        (symbol, context.kind),
        (f"{row.name:>5} ", role),
        (f"{when:>12} ", "faint" if row.kind is RowKind.TCP else ""),
        (f"{shown_gap(row.time, context.before):>8}  ", "faint"),
        (f"{_ARROW.get(row.side, ' ') if row.side else ' '} ", role),
    ]
    word, size, rest, word_role = _what(row, context)
    pieces += [(f"{word:12}", word_role or role), (f"{size:>9}  ", "")]
    used = sum(columns(text) for text, _ in pieces)
    if width >= PAYLOAD_FROM and rest:
        wire = "" if row.kind is RowKind.TCP else f" {WIRE}"
        pieces.append((cut(rest, max(0, width - used)), f"{word_role}{wire}".strip()))
    return Line(tuple(pieces))


def _what(row: Row, context: Context) -> tuple[str, str, str, str]:
    """The word for it, its size, what stands behind, and a role if it is loud."""
    if row.kind is RowKind.TCP and row.event is not None:
        word, says = _EVENTS.get(row.event, (row.event.value.upper(), ""))
        word, says = context.end if context.end[0] else (f"TCP {word}", says)
        return word, _size(row.length), says, _LOUD.get(row.event, "faint")
    if row.kind is RowKind.HEAD:
        word = "REQUEST" if row.side is Side.CLIENT else "ANSWER"
        return f"HTTP {word}", _size(row.length), context.preview, ""
    if row.kind is RowKind.FOREIGN:
        return "NO FRAME", _size(row.length), context.preview, "error"
    name = opcode_name(row.opcode)
    word = f"OPCODE {row.opcode}" if name == "not defined" else name.upper()
    word = "CONT" if word == "CONTINUATION" else word
    flags = (
        ("z" if row.compressed else "") + ("" if row.fin else "+") + ("!" if row.missing else "")
    )
    return f"{word:9}{flags}", grouped(row.length), context.preview, ""


def _size(length: int) -> str:
    return grouped(length) if length else "·"


def _silence(row: Row, width: int) -> Line:
    """A line across the list: how long nobody said anything."""
    length = shown_gap(row.last_time, row.time)
    text = f" {length} of silence "
    left = 12
    right = max(0, min(width, 70) - left - columns(text))
    return line((" " * 7 + "┄" * (left - 7), "faint"), (text, "warning"), ("┄" * right, "faint"))
