"""Why a connection ended, as Markdown: evidence, what was dropped, what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from wsdebug.model.report import Cause, Connection, Evidence
from wsdebug.report import cause_words
from wsdebug.report.markup import linked

Shown = Callable[[str], str]
"""A text that may quote the wire, masked and escaped."""


def reasons(connection: Connection, shown: Shown, plain: Shown) -> Iterator[str]:
    """The lines about the first cause, those behind it named. `plain` is for our own words."""
    cause = connection.causes[0]
    yield from _list("Because", cause.because, shown)
    yield from _list("Against", cause.against, shown)
    if cause.considered:
        yield f"**Considered and dropped:** {shown('; '.join(cause.considered))}."
        yield ""
    others = cause_words.also(connection.causes)
    if others:
        yield f"**Fits as well:** {shown('; '.join(others))}."
        yield ""
    if cause.logged:
        yield "**What each side logged**"
        for who, said in cause_words.who_logged(cause):
            yield f"- {who} {shown(said)}"
        yield ""
    yield from _fix(cause, plain)


def _list(heading: str, lines: Sequence[Evidence], shown: Shown) -> Iterator[str]:
    if not lines:
        return
    yield f"**{heading}**"
    for one in lines:
        yield f"- {linked(shown(cause_words.evidence(one)))}"
    yield ""


def _fix(cause: Cause, plain: Shown) -> Iterator[str]:
    if not cause.advice:
        return
    yield "**Fix**"
    for number, text in enumerate(cause.advice, 1):
        # Ours, with code spans where they should be.
        sentence, *examples = text.split("\n")
        yield plain(f"{number}. {sentence}")
        if examples:
            yield "   ```text"
            yield from (plain(f"   {line}") for line in examples)
            yield "   ```"
    yield ""
