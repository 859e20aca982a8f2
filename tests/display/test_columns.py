"""Text fitted to columns: words kept whole where they fit, cut up where they do not, once each."""

from __future__ import annotations

import time

from hypothesis import given, settings
from hypothesis import strategies as st

from wsdebug.display.columns import columns, wrapped


def test_words_stay_whole_where_they_fit():
    assert wrapped("one two three", 8) == ["one two", "three"]
    assert wrapped("", 8) == [""]


def test_a_long_word_is_cut_up_and_the_next_one_joins_its_rest():
    assert wrapped("a abcdefghij x", 4) == ["a", "abcd", "efgh", "ij x"]


@settings(max_examples=100, deadline=None)
@given(st.text(st.sampled_from("ab \u4e2d\u00e9")), st.integers(2, 12))
def test_nothing_is_lost_and_no_line_is_too_wide(text, width):
    lines = wrapped(text, width)
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert all(columns(line) <= width for line in lines)


def test_a_megabyte_without_a_blank_is_quick():
    began = time.process_time()
    assert len(wrapped("x" * (1 << 20), 64)) == 1 << 14
    assert time.process_time() - began < 3
