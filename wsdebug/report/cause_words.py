"""What text and Markdown say alike of causes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from wsdebug.display.quantities import grouped
from wsdebug.model.report import Cause, Certainty, Connection, Evidence, Finding, Logged
from wsdebug.report.words import frame_name


def sure(cause: Cause) -> str:
    """How sure it is, as a sentence: `Very likely.`"""
    return f"{cause.certainty.value.capitalize()}."


def supposed(cause: Cause) -> str:
    """What to call it before its title: `Cause`, `Likely cause`."""
    if cause.certainty is Certainty.CERTAIN:
        return "Cause"
    return f"{cause.certainty.value.capitalize()} cause"


def told_in_full(cause: Cause) -> bool:
    """Whether there is more to say than its title: something to do, or against it."""
    return bool(cause.advice or cause.against)


def is_told(connection: Connection, finding: Finding) -> bool:
    """Whether the first cause is that finding's, so that its advice says what to do."""
    first = connection.causes[:1]
    return finding.fatal and any(
        one.packet == finding.packet and told_in_full(cause)
        for cause in first
        for one in cause.because
    )


def evidence(one: Evidence) -> str:
    """What it says, and where it is seen: `... (S38, packet 731)`."""
    parts = []
    if one.side is not None and one.frame is not None:
        parts.append(frame_name(one.side, one.frame))
    if one.packet is not None:
        parts.append(f"packet {grouped(one.packet)}")
    if not parts:
        return one.text
    ending = "." if one.text.endswith(".") else ""
    return f"{one.text.removesuffix('.')} ({', '.join(parts)}){ending}"


def also(causes: Sequence[Cause]) -> list[str]:
    """The causes behind the first, a line each."""
    return [f"{one.code} {one.title} ({one.certainty.value})" for one in causes[1:]]


def logged(line: Logged) -> str:
    """What a library has reported: `ws: "RSV1 must be clear" (WS_ERR_UNEXPECTED_RSV_1)`."""
    said = f'"{line.text}"' if line.text else "nothing"
    code = f" ({line.code})" if line.code else ""
    sees = f", its application sees {line.surfaced}" if line.surfaced is not None else ""
    derived = " - derived, not seen" if line.derived else ""
    return f"{line.library}: {said}{code}{sees}{derived}"


def who_logged(cause: Cause) -> list[tuple[str, str]]:
    """For each line who says it: the library that the handshake names, else what it would be; `or`
    before another thing that it may have said instead.
    """
    told: list[tuple[str, str]] = []
    for line, is_other in with_others(cause.logged):
        who = f"{line.side}, if it is" if line.assumed else str(line.side)
        told.append((f"or {who}" if is_other else who, logged(line)))
    return told


def with_others(lines: Sequence[Logged]) -> Iterator[tuple[Logged, bool]]:
    """Each with whether it stands in place of the one before: one side and library says one."""
    before: tuple[str, str] | None = None
    for line in lines:
        who = (line.side.value, line.library)
        yield line, who == before
        before = who
