"""The bytes chosen in panel 4: one selection through header, dump and payload."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from wsdebug.model.place import Part
from wsdebug.model.report import Finding
from wsdebug.model.rows import Row, RowKind
from wsdebug.tui.line import Run

NOWHERE: Run = (0, 0)


class Selection(msgspec.Struct, frozen=True):
    """The same bytes twice: `wire` counts in the row as on the wire, its header included,
    `content` in what the payload tab shows, inflated and with all fragments. Length 0: not there.
    """

    wire: Run = NOWHERE
    content: Run = NOWHERE


def overlap(one: Run, other: Run) -> bool:
    """Whether two runs of bytes share one."""
    return max(one[0], other[0]) < min(sum(one), sum(other))


def of_wire(wire: Run, header: int, base: int | None) -> Selection:
    """Chosen on the wire. `header` is its length, `base` where the payload of this frame begins
    in the content; None where it does not stand there as on the wire.
    """
    start, end = max(wire[0], header), sum(wire)
    if base is None or end <= start:
        return Selection(wire)
    return Selection(wire, (base + start - header, end - start))


def of_content(content: Run, header: int, base: int | None, length: int) -> Selection:
    """Chosen in the content; on the wire it is as much as this frame, `length` bytes, has of it."""
    if base is None:
        return Selection(content=content)
    start, end = max(content[0] - base, 0), min(sum(content) - base, length)
    return Selection((header + start, end - start) if end > start else NOWHERE, content)


def pointed_out(findings: Iterable[Finding], offset: int | None) -> Finding | None:
    """The finding whose bytes are shown first: the one that begins at `offset` of its stream or
    head where somebody came from it, else the worst.
    """
    worst = sorted(findings, key=lambda each: (not each.fatal, -each.severity.rank))
    return next((each for each in worst if each.offset == offset), next(iter(worst), None))


def wire_of(finding: Finding, row: Row, size: int) -> Run:
    """Where in the row, `size` bytes long, a finding's bytes stand."""
    in_head = finding.part is Part.HEAD
    if in_head != (row.kind is RowKind.HEAD):
        return NOWHERE
    start = finding.offset if in_head else finding.offset - row.offset
    end = min(start + finding.length, size)
    return (start, end - start) if 0 <= start < end else NOWHERE


def content_of(finding: Finding) -> Run:
    """Where in its message, where the finding says so: a compressed one is not as on the wire."""
    at = finding.detail.get("message_offset")
    return (at, 1) if isinstance(at, int) else NOWHERE
