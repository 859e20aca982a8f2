"""Colours can be read on their ground, and none says anything alone."""

from __future__ import annotations

import itertools

import pytest
from textual.color import Color

from wsdebug.tui.palette import BACKGROUND, COLOURS, FOREGROUND, style_of
from wsdebug.tui.why_text import SYMBOLS


def luminance(colour: str) -> float:
    """WCAG 2.2: relative luminance."""
    parts = [part / 255 for part in Color.parse(colour).rgb]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("ground", ["dark", "light"])
def test_every_colour_can_be_read(ground):
    for colour in [*COLOURS[ground].values(), FOREGROUND[ground]]:
        assert contrast(colour, BACKGROUND[ground]) >= 4.5


def test_without_colour_there_is_none():
    for role in ("error", "client", "cursor", "mark error", "chosen", "under key", "title"):
        style = style_of(role, "mono")
        assert style.color is None
        assert style.bgcolor is None


def test_the_cursor_is_seen_without_colour():
    assert style_of("cursor", "mono").reverse
    assert style_of("mark", "mono").reverse


def test_symbols_of_severities_differ():
    for one, other in itertools.combinations(SYMBOLS, 2):
        assert SYMBOLS[one] != SYMBOLS[other]
