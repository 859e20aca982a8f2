"""Counts as people read them."""

from __future__ import annotations


def grouped(number: int) -> str:
    """`48201` as "48 201": thousands set apart by a space, which no locale misreads."""
    return f"{number:,}".replace(",", " ")


def counted(number: int, noun: str, plural: str | None = None) -> str:
    """`(1, "frame")` as "1 frame", `(2, "frame")` as "2 frames"."""
    return f"{grouped(number)} {noun if number == 1 else plural or noun + 's'}"


def numbered(connections: int) -> str:
    """Which numbers there are, for whoever asked for another: `They are numbered 1 to 12.`"""
    if connections < 2:
        return "It has one, number 1." if connections else "It has none."
    return f"They are numbered 1 to {connections}."
