"""Counts, times and columns as people read them."""

from __future__ import annotations

import pytest

from wsdebug.display.columns import columns, cut, padded, wrapped
from wsdebug.display.quantities import counted, grouped
from wsdebug.display.times import duration, since_start, span_of_time


@pytest.mark.parametrize(
    ("number", "shown"), [(0, "0"), (999, "999"), (48201, "48 201"), (1234567, "1 234 567")]
)
def test_thousands(number, shown):
    assert grouped(number) == shown


def test_plurals():
    assert [counted(number, "frame") for number in (0, 1, 2)] == ["0 frames", "1 frame", "2 frames"]
    assert counted(2, "is", "are") == "2 are"


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (31e-6, "0.03 ms"),
        (0.0004, "0.4 ms"),
        (0.1, "0.1 s"),
        (60.01, "60.0 s"),
        (187.014, "187.0 s"),
        (299.94, "299.9 s"),
        (552, "9 min 12 s"),
        (3599.6, "1 h 00 min"),
        (7500, "2 h 05 min"),
    ],
)
def test_lengths_of_time(seconds, shown):
    assert span_of_time(seconds) == shown
    assert duration(round(seconds * 1e9)) == shown


def test_moments():
    assert since_start(127.0041) == "+127.004"
    assert since_start(-0.5) == "-0.500"
    assert since_start(None) == ""


def test_columns_of_wide_and_combining_characters():
    assert columns("abc") == 3
    assert columns("漢字") == 4
    assert columns("e\u0301") == 1


def test_cut_keeps_the_limit():
    assert cut("abcdef", 6) == "abcdef"
    assert cut("abcdef", 5) == "abcd…"
    assert cut("漢字漢字", 5) == "漢字…"
    assert cut("abcdef", 5, "...") == "ab..."
    assert padded("漢", 4) == "漢  "


@pytest.mark.parametrize("width", [1, 2, 5, 12])
def test_wrapped_lines_fit_and_lose_nothing(width):
    text = "The 漢字 server closed a_very_long_word_without_blanks twice"
    lines = wrapped(text, width)
    assert all(columns(line) <= max(width, 2) for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


def test_wrapping_nothing_is_one_empty_line():
    assert wrapped("", 10) == [""]
