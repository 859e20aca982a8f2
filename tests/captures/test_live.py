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
from wsdebug.model.report import Analysis, Connection, Severity

QUICK = ("double-upgrade", "nginx-idle", "unmasked-client")
EVERYTHING = os.environ.get("WSDEBUG_LAB") == "all"
CHOSEN = list(STORIES) if EVERYTHING else QUICK


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
    assert 0 <= len(analysis.connections) - len(expectations) <= truth.get("more", 0)
    told = [cause.code for cause in analysis.fleet]
    assert told == [cause["code"] for cause in truth.get("fleet", [])]
    for connection, expected in zip(analysis.connections, expectations, strict=False):
        assert connection.end.how in {expected["end"]["how"], *expected.get("also", [])}
        if connection.end.how == expected["end"]["how"]:
            assert connection.end.by in {expected["end"]["by"], *expected.get("also_by", [])}
        found = {finding.name for finding in connection.findings}
        assert {finding["name"] for finding in expected.get("finding", [])} <= found
        is_over = connection.end.how != "capture-end"  # what comes later no capture tells
        for event in said if is_over else ():
            if event["event"] == "close" and concerns(event, connection, len(expectations)):
                seen = getattr(connection.end.seen_by_application, event["side"])
                # What its library decides, and the handshake does not name it.
                is_unknown = event["side"] not in expected["seen_by_application"]
                assert seen == (None if is_unknown else event["status"]), event


def recorded(name: str, folder: Path) -> Analysis:
    """A story over TLS or HTTP/2 once more, read with the keys that it leaves."""
    capture, scratch = folder / file_of(name), folder / "scratch"
    scratch.mkdir()
    for each in (folder, folder.parent, folder.parent.parent):
        each.chmod(0o755)
    RECORD[name](capture, scratch)
    keys = capture.with_suffix(".keys")
    has_keys = keys.exists() and TLS.get(name, {}).get("keys", True)
    return wsdebug.read(capture, keylog=keys) if has_keys else wsdebug.read(capture)


@pytest.mark.lab
@pytest.mark.parametrize("name", TLS if EVERYTHING else ["tls-node"])
def test_a_fresh_recording_over_tls_has_the_same_verdict(name: str, tmp_path: Path) -> None:
    connections, expectations = recorded(name, tmp_path).connections, TLS[name]["connection"]
    for connection, expected in zip(connections, expectations, strict=True):
        assert {key: getattr(connection.end, key) for key in expected["end"]} == expected["end"]
        assert connection.causes[0].code == expected["cause"]
        for side in ("client", "server"):
            counts = dict(connection.frames.get(side, {}))
            counts.pop("total", None)
            assert counts == expected[side]


@pytest.mark.lab
@pytest.mark.parametrize("name", HTTP2 if EVERYTHING else ["h2c-two-streams"])
def test_a_fresh_recording_over_http2_has_the_same_verdict(name: str, tmp_path: Path) -> None:
    found = [one for one in recorded(name, tmp_path).connections if one.h2_stream is not None]
    for connection, expected in zip(found, HTTP2[name]["stream"], strict=True):
        end = connection.end
        assert end.how in {expected["end"]["how"], *expected.get("also", [])}
        assert end.by == expected["end"]["by"]
        serious = [one.code for one in connection.findings if one.severity is not Severity.NOTE]
        assert serious == expected.get("findings", [])
        if end.how == expected["end"]["how"] and "cause" in expected:
            assert connection.causes[0].code == expected["cause"]


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
