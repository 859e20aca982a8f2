"""Panel 3, what befell several connections at once: who began it, whom it took along, what proves
it, what to change. Each connection and each piece of evidence leads to its place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from wsdebug.display.columns import columns
from wsdebug.display.escape import printable
from wsdebug.display.quantities import counted, grouped
from wsdebug.model.report import Evidence, FleetCause
from wsdebug.report import fates
from wsdebug.tui.line import EMPTY, Jump, Line, Piece, line, paragraph
from wsdebug.tui.parts_text import SYMBOLS, advice_lines, with_place

FLEET = re.compile(r"DX5\d\d")
"""The code of what befell several connections."""
_SHOWN = 10
"""Causes that are shown."""
_LED_TO = 4
"""Victims with a line of their own."""
_NUMBERED = 100
"""Further victims that are named by number."""
_NONE = "Nothing in this capture befell several connections at once."


def together_lines(fleet: Sequence[FleetCause], chosen: int | None, width: int) -> list[Line]:
    """Every such cause, those of the chosen connection first."""
    mine = sorted(fleet, key=lambda each: chosen not in (each.culprit, *each.victims))
    lines: list[Line] = []
    for cause in mine[:_SHOWN]:
        lines += [*_cause(cause, width), EMPTY]
    if len(mine) > _SHOWN:
        lines.append(line(f"and {counted(len(mine) - _SHOWN, 'more of these', 'more of these')}"))
    return lines or paragraph(_NONE, width, role="faint")


def _cause(cause: FleetCause, width: int) -> Iterator[Line]:
    kind = fates.severity(cause).value
    head = f"{cause.code}  {printable(cause.server, 80)}"
    certain = cause.certainty.value
    fill = " " * max(2, width - 2 - columns(head) - columns(certain))
    yield line(
        (f"{SYMBOLS[kind]} ", kind), (head, "strong"), (fill, ""), (certain, "note"),
        explain=cause.code,
    )  # fmt: skip
    label: list[Piece] = [("  ", "")]
    yield from paragraph(f"{cause.title}.", width, label=label, role="strong", explain=cause.code)
    yield from _who(cause, width)
    yield from _evidence("Because", "e", cause.because, cause, width)
    yield from _evidence("Against", "a", cause.against, cause, width)
    yield from advice_lines(cause.code, cause.advice, width)
    if cause.considered:
        yield EMPTY
        label = [("Also considered: ", "title")]
        text = "; ".join(cause.considered)
        yield from paragraph(f"{text}.", width, label=label, indent=2, explain=cause.code)


def _who(cause: FleetCause, width: int) -> Iterator[Line]:
    """The culprit, then its victims, each a line that leads to it."""
    yield EMPTY
    if cause.culprit is not None:
        label: list[Piece] = [("Culprit  ", "title"), (f"#{cause.culprit}", "error")]
        yield Line(tuple(label), Jump(connection=cause.culprit), cause.code)
    if cause.attempts is not None:
        yield line(
            ("Attempts  ", "title"), f"{grouped(cause.attempts)} to connect", explain=cause.code
        )
    for at, id_ in enumerate(cause.victims[:_LED_TO]):
        name = f"Victims  {grouped(len(cause.victims))}: " if not at else ""
        label = [(f"{name:15}", "title"), (f"#{id_}", "")]
        yield Line(tuple(label), Jump(connection=id_), cause.code)
    more = cause.victims[_LED_TO:]
    if more:
        named = ", ".join(f"#{each}" for each in more[:_NUMBERED])
        end = ", …" if len(more) > _NUMBERED else ""
        yield from paragraph(f"and {named}{end}", width, label=[(" " * 15, "")])


def _evidence(
    heading: str, letter: str, evidence: Sequence[Evidence], cause: FleetCause, width: int
) -> Iterator[Line]:
    if evidence:
        yield EMPTY
        yield line((heading, "title"))
    among = tuple(dict.fromkeys((cause.culprit, *cause.victims, *cause.connections)))
    ids = tuple(each for each in among if each is not None)
    for number, each in enumerate(evidence, 1):
        jump = None if each.packet is None else Jump(packet=each.packet, among=ids)
        where = "" if each.packet is None else f"packet {grouped(each.packet)}"
        room = width - (columns(where) + 2 if where else 0)
        label: list[Piece] = [(f" {letter}{number} ", "faint")]
        found = paragraph(
            fates.sentence(each.text), room, label=label, jump=jump, explain=cause.code
        )
        yield with_place(found[0], where, width)
        yield from found[1:]
