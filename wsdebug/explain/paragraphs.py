"""Lays paragraphs out for a page of plain text."""

from __future__ import annotations

import textwrap

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


def page(heading: str, *parts: str) -> str:
    """A heading, underlined, and what stands under it."""
    return "\n\n".join([f"{heading}\n{'-' * len(heading)}", *parts]) + "\n"
