"""Findings as the report shows them."""

from __future__ import annotations

from wsdebug.analysis.lives import first_violation
from wsdebug.analysis.tracker import Tracker
from wsdebug.model.place import SIDES
from wsdebug.model.report import Finding
from wsdebug.rules import Breach
from wsdebug.transport import Flow


def findings_of(tracker: Tracker) -> list[Finding]:
    """Breaches as findings in packet order, the first fatal one of each side marked."""
    first = {side: first_violation(tracker, side) for side in SIDES}
    ordered = sorted(tracker.breaches, key=lambda pair: pair[0].span.packet or 0)
    return [
        finding_of(breach, payload, tracker.flow, fatal=breach is first[breach.span.side])
        for breach, payload in ordered
    ]


def finding_of(breach: Breach, payload: str | None, flow: Flow, *, fatal: bool) -> Finding:
    """One breach; `fatal`: it is the first of its side at which the receiver had to fail."""
    span = breach.span
    detail = dict(breach.detail)
    if payload is not None:
        detail["payload"] = payload
    return Finding(
        name=breach.name,
        code=breach.code,
        severity=breach.severity,
        side=span.side,
        frame=breach.frame,
        part=span.part,
        offset=span.offset,
        length=span.length,
        packet=span.packet,
        time=seconds(flow, span.time),
        saw=breach.saw,
        wanted=breach.wanted,
        section=breach.section,
        fatal=fatal,
        detail=detail,
    )


def seconds(flow: Flow, time: int | None) -> float | None:
    """Since the connection's first packet."""
    if time is None or flow.start is None:
        return None
    return (time - flow.start) / 1e9
