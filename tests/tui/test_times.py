"""Times between lines."""

from __future__ import annotations

import pytest

from wsdebug.tui.times import shown_gap


@pytest.mark.parametrize(
    ("time", "before", "says"),
    [
        (5, None, ""),
        (350_000_000, 243_000_000, "0.1 s"),
        (243_300_000, 243_000_000, "0.3 ms"),
        (243_000_000, 350_000_000, ""),  # an event of TCP came while the frame was on its way
        (7_200_000_000_000, 0, "2.0 h"),
    ],
)
def test_a_gap_is_never_less_than_nothing(time, before, says):
    assert shown_gap(time, before) == says
