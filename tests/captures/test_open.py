"""Captures that lack something of a healthy conversation: nothing in them is called broken."""

from __future__ import annotations

import pytest

import wsdebug
from captures.make.stories import OPEN
from tests.stored import CAPTURES, OPEN_STORIES
from wsdebug.model.report import Severity


@pytest.mark.parametrize("name", list(OPEN))
def test_what_the_capture_lacks_is_no_fault_of_the_endpoints(name: str) -> None:
    analysis = wsdebug.read(CAPTURES / "open" / f"{name}.pcap")
    found = analysis.summary.findings
    assert (analysis.summary.broken, found.error, found.warning) == (0, 0, 0)
    assert {c.end.severity for c in analysis.connections} <= {Severity.NOTE}
    assert analysis.captures[0].tcp_connections == len(OPEN_STORIES[name]["connection"])


def test_each_has_a_truth_and_a_recipe() -> None:
    kept = {path.stem for path in (CAPTURES / "open").glob("*.pcap")}
    assert kept == set(OPEN_STORIES) == set(OPEN)
