"""Panel 3: why a connection ended. The likeliest cause first, then what speaks for and against it,
what to change, and what was found; each piece of evidence leads to its frame or packet.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from wsdebug.display.columns import columns
from wsdebug.display.escape import printable
from wsdebug.display.quantities import grouped
from wsdebug.knowledge.key_logs import RECIPES, USE
from wsdebug.model.report import Cause, Connection, Evidence, Finding, Severity
from wsdebug.model.tls import Keys
from wsdebug.report import measures, words
from wsdebug.report.cause_words import with_others
from wsdebug.report.fates import Fates
from wsdebug.report.unseen import unseen
from wsdebug.tui.line import EMPTY, Jump, Line, Piece, line, paragraph
from wsdebug.tui.parts_text import SYMBOLS, advice_lines, brief_advice, said_by, with_place
from wsdebug.tui.together_text import FLEET

_FINDINGS = 50
_ROOMY = 70
"""Columns from which on a side is written out."""


def why_lines(connection: Connection, width: int, fates: Fates | None = None) -> list[Line]:
    """All of it. What broke and why stands in the first lines."""
    lines = [*_verdict(connection, width, fates)]
    first = connection.causes[0] if connection.causes else None
    if first is not None:
        lines += _cause(first, width)
    lines += _recipes(connection, width)
    lines += _findings(connection, width, is_first=first is None)
    if first is not None:
        lines += _considered(first, width)
    for cause in connection.causes[1:]:
        lines += [EMPTY, *_title(cause, connection, width), *_cause(cause, width)]
        lines += _considered(cause, width)
    lines += _unseen(connection, width)
    if not connection.causes and not connection.findings:
        lines += [EMPTY, line(("What happened", "title")), *_moments(connection, width)]
    return lines


def _verdict(connection: Connection, width: int, fates: Fates | None) -> Iterator[Line]:
    kind = words.kind_of(connection)
    life = ", ".join(measures.lifetime(connection))
    head = f"#{connection.id} {words.ended(connection)}"
    if columns(head) + columns(life) + 4 > width:
        life = life.partition(" (")[0]
    yield line((f"{SYMBOLS[kind]} ", kind), (head, "strong"), (f"  {life}", "faint"))
    fate = fates.text(connection.id) if fates is not None else None
    if fate:
        named = FLEET.search(fate)
        yield from paragraph(
            fate,
            width,
            label=[("  ", "")],
            role="error",
            explain=named[0] if named is not None else None,
        )
    if connection.causes:
        yield from _title(connection.causes[0], connection, width)
    if connection.end.why:
        jump = Jump(packet=connection.end.packet)
        label: list[Piece] = [("  ", "")]
        yield from paragraph(connection.end.why, width, label=label, jump=jump)
    for cause in connection.causes[:1]:
        yield from brief_advice(cause.code, cause.advice, width)


def _title(cause: Cause, connection: Connection, width: int) -> Iterator[Line]:
    kind = words.kind_of(connection)
    symbol = SYMBOLS.get(kind, "•")
    label: list[Piece] = [(f"{symbol} ", kind), (f"{cause.code}  ", "strong")]
    found = paragraph(f"{cause.title}.", width - 14, label=label, role="strong", explain=cause.code)
    certain = cause.certainty.value
    for at, each in enumerate(found):
        if at:
            yield each
            continue
        fill = " " * max(2, width - columns(each.text) - len(certain))
        yield Line((*each.pieces, (fill, ""), (certain, "note")), each.jump, each.explain)


def _cause(cause: Cause, width: int) -> Iterator[Line]:
    yield from _evidence("Because", "e", cause.because, width, cause.code)
    yield from _evidence("Against", "a", cause.against, width, cause.code)
    yield from advice_lines(cause.code, cause.advice, width)
    yield from _logged(cause, width)


def _evidence(
    heading: str, letter: str, evidence: Sequence[Evidence], width: int, code: str
) -> Iterator[Line]:
    if evidence:
        yield EMPTY
        yield line((heading, "title"))
    for number, each in enumerate(evidence, 1):
        jump = Jump(each.side, each.frame, each.packet)
        where = _where(jump)
        room = width - (columns(where) + 2 if where else 0)
        label: list[Piece] = [(f" {letter}{number} ", "faint")]
        found = paragraph(each.text, room, label=label, jump=jump, explain=code)
        yield with_place(found[0], where, width)
        yield from found[1:]


def _where(jump: Jump) -> str:
    if jump.side is not None and jump.frame is not None:
        return f"frame {words.frame_name(jump.side, jump.frame)}"
    return "" if jump.packet is None else f"packet {grouped(jump.packet)}"


def _logged(cause: Cause, width: int) -> Iterator[Line]:
    if cause.logged:
        yield EMPTY
        yield line(("What each side's library logs", "title"))
    for each, is_other in with_others(cause.logged):
        text = each.text or "says nothing"
        code = f" ({each.code})" if each.code else ""
        label, indent = said_by(each, is_other=is_other)
        yield from paragraph(f"{text}{code}", width, label=label, indent=indent)


def _recipes(connection: Connection, width: int) -> Iterator[Line]:
    """How to get the keys, where that is what is missing."""
    tls = connection.tls
    if tls is None or tls.keys not in (Keys.NONE, Keys.ABSENT, Keys.CUT):
        return
    yield EMPTY
    yield line(("Keys for the next capture", "title"), (f"  {USE}", "key"))
    for recipe in RECIPES:
        label: list[Piece] = [(f" {recipe.program:9}", "strong")]
        yield from paragraph(recipe.text, width, label=label, role="key", indent=10)


def _considered(cause: Cause, width: int) -> Iterator[Line]:
    if cause.considered:
        yield EMPTY
        label: list[Piece] = [("Also considered: ", "title")]
        text = "; ".join(cause.considered)
        yield from paragraph(f"{text}.", width, label=label, indent=2, explain=cause.code)


# ---- findings ----------------------------------------------------------------------------------
def _findings(connection: Connection, width: int, *, is_first: bool) -> Iterator[Line]:
    """With no cause the findings are the answer, and their advice stands with them."""
    groups = words.alike(connection.findings)
    if groups:
        yield EMPTY
        yield line(("Findings", "title"))
    for finding, count in groups[:_FINDINGS]:
        yield from _finding(finding, count, width, with_fix=is_first)
    left = len(groups) - _FINDINGS
    if left > 0:
        yield line(f" and {grouped(left)} more (wsdebug read -v shows all)")


def _finding(finding: Finding, count: int, width: int, *, with_fix: bool) -> Iterator[Line]:
    jump = jump_of(finding)
    kind = finding.severity.value
    times = f" x {grouped(count)}" if count > 1 else ""
    label: list[Piece] = [(f" {SYMBOLS[kind]} ", kind), (f"{finding.code} ", "strong")]
    where = _where(jump)
    room = width - (columns(where) + 2 if where else 0)
    head = f"{words.title(finding)}{times}"
    found = paragraph(head, room, label=label, jump=jump, explain=finding.code)
    yield with_place(found[0], where, width)
    yield from found[1:]
    rows = [("saw", finding.saw), ("wanted", words.wanted(finding))]
    if finding.fatal and finding.severity is Severity.ERROR:
        rows.append(("fatal", "the receiver had to fail the connection here"))
    advice = words.fix(finding) if with_fix else None
    rows += [("fix", advice)] if advice else []
    for name, text in rows:
        yield from paragraph(
            text, width, label=[(f"   {name:7}", "faint")], jump=jump, explain=finding.code
        )


def jump_of(finding: Finding) -> Jump:
    """Where a finding stands; bytes that are no frame are found by their packet."""
    frame = None if finding.name == "foreign-bytes" else finding.frame
    return Jump(finding.side, frame, finding.packet, finding.offset)


def _unseen(connection: Connection, width: int) -> Iterator[Line]:
    missing = unseen(connection)
    if missing:
        yield EMPTY
        yield line(("What the capture lacks", "title"))
    for text in missing:
        yield from paragraph(text, width, label=[(" ! ", "warning")])


# ---- time line ---------------------------------------------------------------------------------
def story_lines(connection: Connection, width: int) -> list[Line]:
    """What happened, silences drawn to scale: a column for each tenth of the longest."""
    return [*_figures(connection, width), *_moments(connection, width)]


def _moments(connection: Connection, width: int) -> list[Line]:
    longest = max((each.seconds or 0 for each in connection.timeline), default=0) or 1
    lines: list[Line] = []
    for moment in connection.timeline:
        jump = Jump(moment.side, moment.frame, moment.packet)
        if moment.kind == "silence":
            share = (moment.seconds or 0) / longest
            bar = "┄" * max(2, round(share * max(4, width - 44)))
            text = words.pause(moment, printable(moment.text, 80))
            lines.append(line((f"{'':11}{bar} ", "faint"), (text, "warning"), jump=jump))
            continue
        side = moment.side.value if moment.side is not None else ""
        when = "" if moment.time is None else f"{moment.time:+.3f}"
        arrow = {"client": "▸", "server": "◂"}.get(side, " ")
        who = f"{side:6}" if width >= _ROOMY else side[:1].upper() or " "
        label: list[Piece] = [(f"{when:>9} ", "faint"), (f"{arrow} {who} ", side)]
        where = _where(jump)
        room = width - columns(where) - 2
        found = paragraph(words.happened(moment), room, label=label, jump=jump)
        lines.append(with_place(found[0], where, width))
        lines += found[1:]
    return lines


def _figures(connection: Connection, width: int) -> Iterator[Line]:
    yield from paragraph(
        f"{words.url(connection)} from {words.endpoint(connection.client)}", width, role="strong"
    )
    for text in measures.figures(connection):
        yield from paragraph(text, width, role="faint")
    yield EMPTY
