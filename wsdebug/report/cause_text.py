"""Why a connection ended, as text: the first cause in full, the others a line each."""

from __future__ import annotations

from wsdebug.display.columns import wrapped
from wsdebug.model.report import Cause, Connection
from wsdebug.report import cause_words
from wsdebug.report.page import Page

_QUOTED = 300
"""Characters of a line that may quote the wire."""


def write_why(page: Page, connection: Connection) -> None:
    """What it died of and how sure that is, then how it ended."""
    page.line()
    if not connection.causes:
        if connection.end.why:
            page.paragraph(connection.end.why, 10, "  Why", "strong")
        return
    cause = connection.causes[0]
    headline = f"{cause.code}  {cause.title.rstrip('.')}. {cause_words.sure(cause)}"
    page.paragraph(headline, 10, "  Why", "strong")
    if connection.end.why:
        page.paragraph(connection.end.why, 10)


def write_reasons(page: Page, connection: Connection) -> None:
    """Because, against, considered, what each side logged and what to do."""
    if not connection.causes or not cause_words.told_in_full(connection.causes[0]):
        return
    cause = connection.causes[0]
    _numbered(page, "Because", "e", [cause_words.evidence(one) for one in cause.because])
    _numbered(page, "Against", "a", [cause_words.evidence(one) for one in cause.against])
    _considered(page, cause)
    others = cause_words.also(connection.causes)
    if others:
        _heading(page, "Fits as well")
        for line in others:
            page.paragraph(line, 8)
    _logged(page, cause)
    _fix(page, cause)


def _heading(page: Page, text: str) -> None:
    page.gap()
    page.line(page.paint(f"  {text}", "strong"))


def _numbered(page: Page, heading: str, letter: str, lines: list[str]) -> None:
    if not lines:
        return
    _heading(page, heading)
    for number, line in enumerate(lines, 1):
        page.paragraph(line, 8, f"    {letter}{number}", limit=_QUOTED * 2)


def _considered(page: Page, cause: Cause) -> None:
    if not cause.considered:
        return
    _heading(page, "Considered and dropped")
    page.paragraph("; ".join(cause.considered) + ".", 8)


def _logged(page: Page, cause: Cause) -> None:
    if not cause.logged:
        return
    _heading(page, "What each side logged")
    for who, said in cause_words.who_logged(cause):
        page.paragraph(f"{who} {said}", 8, "   ", limit=_QUOTED)


def _fix(page: Page, cause: Cause) -> None:
    if not cause.advice:
        return
    _heading(page, "Fix")
    for number, text in enumerate(cause.advice, 1):
        sentence, *examples = text.split("\n")
        page.paragraph(sentence, 7, f"    {number}.")
        for line in examples:
            # An example is to be copied: it is never broken where it does not have to be.
            indent = " " * 9
            for part in _whole(page, line, indent):
                page.line(part)


def _whole(page: Page, line: str, indent: str) -> list[str]:
    text = page.safe(line, _QUOTED)
    if len(indent) + len(text) <= page.width or text.startswith(" "):
        return [indent + text]
    label, _, rest = text.partition(": ")
    if len(indent) + 2 + len(rest) <= page.width:
        return [f"{indent}{label}:", f"{indent}  {rest}"]
    first, *others = wrapped(rest, max(20, page.width - len(indent) - 2))
    return [f"{indent}{label}:", f"{indent}  {first}", *(f"{indent}  {other}" for other in others)]
