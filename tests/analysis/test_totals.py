"""What is counted of connections whose reports are like others, and who is remembered of them."""

from __future__ import annotations

import pytest

from wsdebug.analysis import paths
from wsdebug.analysis.paths import Nested, Shake
from wsdebug.analysis.totals import count_recurring
from wsdebug.cli.choose import Tally
from wsdebug.model.report import Severity, Summary

HERE, SERVER = b"\x7f\0\0\1", (b"\x7f\0\0\2", 80)


def test_those_that_ended_with_an_error_are_broken() -> None:
    told = {Severity.NOTE: 5, Severity.ERROR: 2}
    summary, tally = Summary(), Tally()
    count_recurring(summary, told)
    tally.add_recurring(told)
    assert (summary.connections, summary.broken) == (7, 2)
    assert tally.summary == summary
    assert tally.reaches("error")


def shake(stream: int, client: bytes = HERE) -> Shake:
    """Asked for in packet 3, answered in packet 4."""
    return Shake(stream, stream, client, SERVER, (3, 4))


def within(nested: Nested) -> list[int]:
    """Which of those that came from `HERE` could be behind one that went there."""
    front = Shake(0, 99, b"\x0a\0\0\1", (HERE, 81), (1, 9))
    return [one.stream for one in nested.within(front)]


def test_who_is_over_is_forgotten_and_nobody_else() -> None:
    nested = Nested()
    nested.remember(shake(1))
    nested.forget(HERE, 2)
    assert within(nested) == [1]
    nested.remember(shake(2))
    nested.forget(HERE, 1)
    assert within(nested) == [2]
    nested.forget(HERE, 2)
    assert within(nested) == []


def test_of_very_many_addresses_the_latest_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paths, "_ADDRESSES", 2)
    nested = Nested()
    for stream, client in enumerate((HERE, b"\x0a\0\0\2", b"\x0a\0\0\3"), 1):
        nested.remember(shake(stream, client))
    assert within(nested) == []
