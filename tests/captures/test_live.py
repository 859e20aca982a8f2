"""Stories recorded again with real software end in the same verdict.

Three quick ones in every run of `.ci/run`; all of them with WSDEBUG_LAB=all (minutes, and
everything that captures/README.md names must be installed).
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest

import wsdebug
from captures.make.stories import STORIES as RECORD
from captures.make.stories import file_of
from tests.stored import CAPTURES, HTTP2, STORIES, TLS
from wsdebug.model.report import Connection

QUICK = ("double-upgrade", "nginx-idle", "unmasked-client")
CHOSEN = list(STORIES) if os.environ.get("WSDEBUG_LAB") == "all" else QUICK


@pytest.mark.lab
@pytest.mark.parametrize("name", CHOSEN)
def test_a_fresh_recording_has_the_same_verdict(name: str, tmp_path: Path) -> None:
    capture, scratch = tmp_path / file_of(name), tmp_path / "scratch"
    scratch.mkdir()
    for folder in (tmp_path, tmp_path.parent, tmp_path.parent.parent):
        folder.chmod(0o755)  # nginx's worker is another user
    said = RECORD[name](capture, scratch)
    truth = STORIES[name]
    analysis = wsdebug.read(capture)
    expectations = truth.get("connection", [])
    assert len(analysis.connections) == len(expectations)
    for connection, expected in zip(analysis.connections, expectations, strict=True):
        assert connection.end.how in {expected["end"]["how"], *expected.get("also", [])}
        if connection.end.how == expected["end"]["how"]:
            assert connection.end.by in {expected["end"]["by"], *expected.get("also_by", [])}
        found = {finding.name for finding in connection.findings}
        assert {finding["name"] for finding in expected.get("finding", [])} <= found
        is_over = connection.end.how != "capture-end"  # what comes later no capture tells
        for event in said if is_over else ():
            if event["event"] == "close" and concerns(event, connection, len(expectations)):
                seen = getattr(connection.end.seen_by_application, event["side"])
                assert seen == event["status"], event


def concerns(event: dict[str, Any], connection: Connection, count: int) -> bool:
    """Whether an endpoint said it of this connection: it names the stream, the client's port, or
    the path, or there is only one."""
    if "stream" in event:
        return bool(event["stream"] == connection.tcp_stream)
    if "port" in event:
        return bool(event["port"] == connection.client.port)
    if count > 1:
        return bool(event.get("path") and event["path"] == connection.handshake.path)
    return True


def test_every_story_can_be_recorded_again() -> None:
    assert set(RECORD) == {*STORIES, *TLS, *HTTP2}


def test_every_story_stands_in_the_table() -> None:
    table = (CAPTURES / "README.md").read_text(encoding="utf-8")
    assert set(re.findall(r"\]\(([\w-]+(?:\.\d)?[\w-]*)\.toml\)", table)) == set(STORIES)
