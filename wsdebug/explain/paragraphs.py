"""Lays paragraphs out for a page of plain text."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

WIDTH = 78


def paragraphs(text: str, indent: str = "") -> str:
    """The text filled to the page's width; empty lines keep paragraphs apart."""
    filled = (
        textwrap.fill(
            " ".join(part.split()),
            WIDTH,
            initial_indent=indent,
            subsequent_indent=indent,
            break_long_words=False,
            break_on_hyphens=False,
        )
        for part in text.split("\n\n")
    )
    return "\n\n".join(filled)


def listing(rows: Sequence[tuple[str, str]]) -> str:
    """Names and what is said of each, as two columns."""
    width = max(len(name) for name, _ in rows)
    return "\n".join(
        textwrap.fill(
            text,
            WIDTH,
            initial_indent=f"  {name:{width}}  ",
            subsequent_indent=" " * (width + 4),
            break_on_hyphens=False,
        )
        for name, text in rows
    )


def page(heading: str, *parts: str) -> str:
    """A heading, underlined, and what stands under it."""
    return "\n\n".join([f"{heading}\n{'-' * len(heading)}", *parts]) + "\n"
