"""The header tab: each bit under its byte (RFC 6455 5.2), the offending ones marked, and for bytes
that are no frame both readings side by side: what they are, and what a decoder makes of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from wsdebug.display.columns import columns
from wsdebug.display.escape import printable
from wsdebug.display.header import columns_of, diagram, header_fields
from wsdebug.display.quantities import grouped
from wsdebug.model.report import Finding, Logged
from wsdebug.model.rows import FrameView, RowKind
from wsdebug.report import words
from wsdebug.report.cause_words import with_others
from wsdebug.rules import RULES
from wsdebug.tui.line import EMPTY, WIRE, Line, Piece, line, paragraph
from wsdebug.tui.parts_text import SYMBOLS, said_by

FIELDS_OF = {
    "reserved-bits-set": ("rsv",),
    "unknown-opcode": ("opcode",),
    "control-frame-fragmented": ("fin", "opcode"),
    "client-frame-not-masked": ("mask",),
    "server-frame-masked": ("mask",),
    "control-frame-too-long": ("length", "extended"),
    "length-not-minimal": ("length", "extended"),
    "length-high-bit-set": ("extended",),
    "continuation-without-start": ("opcode",),
    "data-frame-inside-fragmented-message": ("opcode",),
    "frame-after-close": ("opcode",),
    "mask-key-repeated": ("key",),
}
"""The header fields that a rule is about."""


_LEAST = 15
"""Columns that one of two readings needs beside the other."""
_SHOWN = 6
"""Lines shown of what is no frame."""


def offending(findings: Sequence[Finding]) -> dict[str, str]:
    """The code of the finding for each field that breaks a rule."""
    marks: dict[str, str] = {}
    for finding in findings:
        for name in _broken(finding):
            for key in FIELDS_OF.get(name, ()):
                rule = RULES.get(name)
                marks.setdefault(key, name if rule is None else rule.code)
    return marks


def _broken(finding: Finding) -> list[str]:
    """The rules that the bytes break as a header: those that foreign bytes would break, too."""
    frame = finding.detail.get("as_frame")
    breaks = frame.get("breaks", ()) if isinstance(frame, dict) else ()
    named = [str(each) for each in breaks] if isinstance(breaks, list | tuple) else []
    return [finding.name, *named]


def header_lines(
    view: FrameView, width: int, logged: Sequence[Logged] = (), raw: bytes = b""
) -> list[Line]:
    """The tab for a frame or for bytes that are no frame; `raw` are its first bytes."""
    marks = offending(view.findings)
    drawing = _drawing(view.header, marks)
    lines = [*_place(view), EMPTY]
    if view.row.kind is RowKind.FOREIGN:
        lines += _both(view, raw, drawing, width)
    else:
        lines += drawing
    lines += [EMPTY] if view.findings else [EMPTY, line(("✓ ", "fine"), "breaks no rule")]
    for finding in view.findings:
        lines += _finding(finding, width)
    lines += _sayings(logged, width)
    return lines


def _place(view: FrameView) -> Iterator[Line]:
    row = view.row
    side = row.side.value if row.side is not None else ""
    other = row.side.other.value if row.side is not None else ""
    yield line(
        f"offset {grouped(row.offset)}   packet {grouped(row.packet)}   ",
        (f"{side} -> {other}", side),
    )
    doubts = [
        (row.after_gap, "bytes before it are missing in the capture"),
        (row.resynchronised, "its border was searched for"),
        (row.cut, "the stream ended inside it"),
        (row.missing, f"{grouped(row.missing)} bytes of its payload are missing"),
    ]
    for holds, text in doubts:
        if holds:
            yield line(("! ", "warning"), text)


def _drawing(raw: bytes, marks: Mapping[str, str]) -> list[Line]:
    """The diagram, its offending bits reversed and underscored by carets."""
    fields = header_fields(raw)
    if not fields:
        return [line(("no header bytes in the capture", "faint"))]
    drawn = diagram(raw, {key: f"✗ {code}" for key, code in marks.items()})
    at = columns_of(fields)
    pieces: list[Piece] = []
    carets = ""
    for field, column in zip(fields, at, strict=True):
        is_bad = field.key in marks
        carets = carets.ljust(column) + ("^" * len(field.drawn) if is_bad else "")
        pieces += [(field.drawn, "mark error" if is_bad else ""), (" ", "")]
    lines = [line((drawn[0], "strong")), Line(tuple(pieces))]
    lines += [line((carets, "error"))] if carets.strip() else []
    for field, text in zip(reversed(fields), drawn[2:], strict=True):
        role = "error" if field.key in marks else ""
        explain = f"{raw[:2].hex()}" if len(raw) > 1 else None
        lines.append(line((text, role), explain=explain, run=(field.byte, field.size)))
    return lines


def _both(view: FrameView, raw: bytes, drawing: list[Line], width: int) -> list[Line]:
    """Left what the bytes are, right what a decoder reads; one under the other where narrow."""
    finding = next((each for each in view.findings if each.name == "foreign-bytes"), None)
    kind = str(finding.detail.get("kind", "unknown")) if finding else "unknown"
    what = finding.saw.partition(":")[0] if finding else kind
    reads = [line(("What a decoder reads", "title")), *drawing]
    right = max(columns(each.text) for each in reads)
    left = width - right - 3
    room = left if left >= _LEAST else width
    being = [line(("What it is", "title")), *paragraph(what, room), EMPTY]
    for part in raw[:2048].splitlines()[:_SHOWN]:
        being += paragraph(printable(part, 200), room, role=f"strong {WIRE}") or [EMPTY]
    if left < _LEAST:
        return [*being, EMPTY, *reads]
    lines = []
    for at in range(max(len(being), len(reads))):
        one = being[at] if at < len(being) else EMPTY
        two = reads[at] if at < len(reads) else EMPTY
        fill = " " * max(0, left - columns(one.text))
        pieces = (*one.pieces, (f"{fill} │ ", "faint"), *two.pieces)
        lines.append(Line(pieces, two.jump, two.explain, two.run))
    return lines


def _finding(finding: Finding, width: int) -> Iterator[Line]:
    kind = finding.severity.value
    label: list[Piece] = [(f"{SYMBOLS[kind]} ", kind), (f"{finding.code} ", "strong")]
    text = f"{words.title(finding)}: saw {finding.saw}; wanted {words.wanted(finding)}"
    yield from paragraph(text, width, label=label, indent=8, explain=finding.code)
    read = words.read_as_frame(finding)
    if read:
        yield from paragraph(
            f"read as {read}", width, label=[("        ", "")], explain=finding.code
        )


def _sayings(logged: Sequence[Logged], width: int) -> Iterator[Line]:
    if logged:
        yield EMPTY
        yield line(("What each library then logs", "title"))
    for each, is_other in with_others(logged):
        label, _ = said_by(each, is_other=is_other)
        yield from paragraph(each.text or "nothing", width, label=label, indent=4)
