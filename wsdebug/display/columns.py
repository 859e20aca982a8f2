"""Text fitted to terminal columns. What comes in is printable already (`escape.printable`)."""

from __future__ import annotations

import unicodedata


def columns(text: str) -> int:
    """How many terminal columns `text` takes (East Asian wide characters take two)."""
    return len(text) if text.isascii() else sum(map(_columns_of, text))


def _columns_of(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def cut(text: str, limit: int, ellipsis: str = "…") -> str:
    """`text` in at most `limit` columns, with `ellipsis` for what was left out."""
    if columns(text) <= limit:
        return text
    return _head(text, max(0, limit - columns(ellipsis))) + ellipsis


def padded(text: str, width: int) -> str:
    """`text` and the blanks that fill it up to `width` columns."""
    return text + " " * (width - columns(text))


def wrapped(text: str, width: int) -> list[str]:
    """`text` broken at blanks into lines of at most `width` columns; a longer word is cut up."""
    lines: list[str] = []
    line = ""
    for word in text.split():
        joined = f"{line} {word}" if line else word
        if columns(joined) <= width:
            line = joined
            continue
        if line:
            lines.append(line)
        *heads, line = _pieces(word, width)
        lines += heads
    return [*lines, line] if line or not lines else lines


def _pieces(word: str, width: int) -> list[str]:
    """A word in pieces of at most `width` columns; a long one is looked at once."""
    pieces, at = [], 0
    while at < len(word):
        ahead = word[at : at + max(width, 1)]  # as many characters as could fit
        pieces.append(_head(ahead, width) or ahead[0])
        at += len(pieces[-1])
    return pieces


def _head(text: str, limit: int) -> str:
    """The longest beginning of `text` that takes at most `limit` columns."""
    taken = 0
    for index, character in enumerate(text):
        taken += _columns_of(character)
        if taken > limit:
            return text[:index]
    return text
