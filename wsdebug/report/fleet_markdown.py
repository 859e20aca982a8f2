"""What befell several connections at once, as Markdown: before any of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from wsdebug.display.masking import Masker
from wsdebug.display.quantities import grouped
from wsdebug.model.report import FleetCause
from wsdebug.report import fates
from wsdebug.report.markup import code, escaped

_SHOWN = 20
"""Causes that are shown; the rest is counted."""


def fleet_lines(fleet: Sequence[FleetCause], mask: Masker) -> Iterator[str]:
    """The lines of every cause; servers are masked."""
    for cause in fleet[:_SHOWN]:
        yield from _lines(cause, mask)
    if len(fleet) > _SHOWN:
        yield from (f"and {grouped(len(fleet) - _SHOWN)} more of these.", "")


def _lines(cause: FleetCause, mask: Masker) -> Iterator[str]:
    address, _, port = cause.server.rpartition(":")
    server = code(f"{mask.host(address.strip('[]'))}:{port}")
    who = fates.culprit(cause)
    yield f"### {escaped(cause.title)} ({cause.code})"
    yield ""
    said = f"**{cause.certainty.value.capitalize()}**, server {server}."
    yield f"{said} {escaped(who)}" if who else said
    for title, texts in (
        ("Because", [fates.evidence(one) for one in cause.because]),
        ("Against", [fates.evidence(one) for one in cause.against]),
        ("Considered and dropped", [fates.sentence(one) for one in cause.considered]),
        ("Fix", cause.advice),
    ):
        if texts:
            yield from ("", f"**{title}**")
        for text in texts:
            sentence, *lines = text.split("\n")
            yield f"- {escaped(sentence)}"
            yield from (f"  - {code(line)}" for line in lines)
    yield ""
