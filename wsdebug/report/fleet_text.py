"""What befell several connections at once, as text: before the connections, and short."""

from __future__ import annotations

from collections.abc import Sequence

from wsdebug.display.quantities import counted
from wsdebug.model.report import Evidence, FleetCause
from wsdebug.report import fates
from wsdebug.report.page import Page

_SHOWN = 10
"""Causes that are shown; the rest is counted."""
_ADVICE = 2
"""Pieces of advice that are shown; `wsdebug explain` has them all."""
_INDENT = 11


def write(page: Page, fleet: Sequence[FleetCause]) -> None:
    """A few lines for each, worst first as they come, and an empty line behind each."""
    for cause in fleet[:_SHOWN]:
        _one(page, cause)
    left = len(fleet) - _SHOWN
    if left > 0:
        page.line(f"and {counted(left, 'more of these', 'more of these')}.")
        page.gap()


def _one(page: Page, cause: FleetCause) -> None:
    mark = page.symbol(fates.severity(cause))
    page.row(f"{cause.code}  {page.safe(cause.server)}", cause.certainty.value, mark)
    page.paragraph(f"{cause.title}.", 6)
    who = fates.culprit(cause)
    if who:
        page.paragraph(who, 6)
    page.line()
    _listed(page, "because", [_text(one) for one in cause.because])
    _listed(page, "against", [_text(one) for one in cause.against])
    _listed(page, "dropped", [fates.sentence(one) for one in cause.considered])
    _advice(page, cause.advice[:_ADVICE])
    page.line(f"  More: wsdebug explain {cause.code}")
    page.gap()


def _listed(page: Page, label: str, texts: Sequence[str]) -> None:
    for text in texts:
        page.paragraph(text, _INDENT, f"  {label}")
        label = ""


def _advice(page: Page, advice: Sequence[str]) -> None:
    """Each with its lines of code or settings below it."""
    label = "fix"
    for one in advice:
        text, *code = one.split("\n")
        _listed(page, label, [text])
        for line in code:
            page.row(page.safe(line), "", indent=_INDENT + 2)
        label = ""


def _text(evidence: Evidence) -> str:
    return fates.evidence(evidence)
