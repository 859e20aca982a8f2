"""Stories recorded again with real software end in the same verdict.

Three quick ones in every run of `.ci/run`; all of them with WSDEBUG_LAB=all (minutes, and
everything that captures/README.md names must be installed).
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import wsdebug
from captures.make.stories import STORIES as RECORD
from captures.make.stories import file_of
from tests.stored import STORIES

QUICK = ("double-upgrade", "nginx-idle", "unmasked-client")
CHOSEN = list(RECORD) if os.environ.get("WSDEBUG_LAB") == "all" else QUICK


@pytest.mark.lab
@pytest.mark.parametrize("name", CHOSEN)
def test_a_fresh_recording_has_the_same_verdict(name: str, tmp_path: Path) -> None:
    capture, scratch = tmp_path / file_of(name), tmp_path / "scratch"
    scratch.mkdir()
    said = RECORD[name](capture, scratch)
    truth = STORIES[name]
    analysis = wsdebug.read(capture)
    assert len(analysis.connections) == len(truth["connection"])
    for connection, expected in zip(analysis.connections, truth["connection"], strict=True):
        assert connection.end.how in {expected["end"]["how"], *expected.get("also", [])}
        if connection.end.how == expected["end"]["how"]:
            assert connection.end.by == expected["end"]["by"]
        found = {finding.name for finding in connection.findings}
        assert {finding["name"] for finding in expected.get("finding", [])} <= found
        for event in said:
            if event["event"] == "close" and event.get("stream") in {None, connection.tcp_stream}:
                seen = getattr(connection.end.seen_by_application, event["side"])
                assert seen == event["status"], event


def test_every_story_can_be_recorded_again() -> None:
    assert set(RECORD) == set(STORIES)
