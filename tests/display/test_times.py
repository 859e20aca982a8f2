"""Lengths of time as people read them."""

from __future__ import annotations

import pytest

from wsdebug.display.times import span_of_time


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(31e-6, "0.03 ms"), (0.0004, "0.4 ms"), (0.0998, "99.8 ms"), (187, "187.0 s"),
     (552, "9 min 12 s"), (7500, "2 h 05 min")],
)  # fmt: skip
def test_a_length_of_time(seconds: float, said: str) -> None:
    assert span_of_time(seconds) == said
