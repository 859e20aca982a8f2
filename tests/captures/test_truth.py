"""What wsdebug says of the kept captures is what was written down beside them by hand."""

from __future__ import annotations

from typing import Any

import pytest

import wsdebug
from tests.stored import ALL, PUBLIC_CAPTURES, STORIES
from wsdebug.cli import main
from wsdebug.model.report import Analysis, Certainty, Connection, Finding, Severity

TRUTHS = {**STORIES, **PUBLIC_CAPTURES}
every_capture = pytest.mark.parametrize("name", list(TRUTHS))
every_story = pytest.mark.parametrize("name", list(STORIES))


@pytest.fixture(scope="module")
def analyses() -> dict[str, Analysis]:
    return {name: wsdebug.read(path) for name, path in ALL.items()}


def pairs(analysis: Analysis, name: str) -> list[tuple[Connection, dict[str, Any]]]:
    """Each connection beside what is true of it."""
    found = {connection.tcp_stream: connection for connection in analysis.connections}
    truths = TRUTHS[name].get("connection", [])
    assert sorted(found) == sorted(truth["tcp_stream"] for truth in truths)
    return [(found[truth["tcp_stream"]], truth) for truth in truths]


def serious(connection: Connection) -> list[Finding]:
    return [f for f in connection.findings if f.severity is not Severity.NOTE]


def test_every_kept_capture_has_a_truth() -> None:
    kept = {
        path.resolve()
        for folder in {p.parent for p in ALL.values()}
        for path in folder.glob("*.pcap*")
    }
    assert kept == {path.resolve() for path in ALL.values()}
    assert len(STORIES) >= 4
    assert len(PUBLIC_CAPTURES) >= 20


@every_capture
def test_connections_and_their_frames(analyses, name: str) -> None:
    for connection, truth in pairs(analyses[name], name):
        for side in ("client", "server"):
            counts = dict(connection.frames.get(side, {}))
            assert counts.pop("total", 0) == sum(truth["frames"][side].values()), side
            assert counts == truth["frames"][side], side


@every_capture
def test_how_it_ended(analyses, name: str) -> None:
    for connection, truth in pairs(analyses[name], name):
        end = connection.end
        for key, value in truth["end"].items():
            assert getattr(end, key) == value, (key, end)
        for said, expected in (
            (end.close_codes, truth["close_codes"]),
            (end.seen_by_application, truth["seen_by_application"]),
        ):
            for side in ("client", "server"):
                assert getattr(said, side) == expected.get(side), (side, end)


@every_capture
def test_the_handshake(analyses, name: str) -> None:
    for connection, truth in pairs(analyses[name], name):
        handshake = connection.handshake
        expected = dict(truth.get("handshake", {}))
        for head in ("request", "response"):
            if head in expected:
                assert getattr(handshake.packets, head) == expected.pop(head)
        for key, value in expected.items():
            assert getattr(handshake, key) == value, key
        unless_told = None if handshake.result in {"no-response", "encrypted"} else 101
        assert handshake.status == truth.get("handshake", {}).get("status", unless_told)
        assert handshake.path == truth.get("path", handshake.path)
        assert handshake.extensions == truth.get("extensions", handshake.extensions)


@pytest.mark.parametrize("name", list(PUBLIC_CAPTURES))
def test_healthy_traffic_has_no_errors_and_no_other_warnings(analyses, name: str) -> None:
    for connection, truth in pairs(analyses[name], name):
        assert sorted(f.name for f in serious(connection)) == truth["findings"]
        assert not [f for f in connection.findings if f.severity is Severity.ERROR]


@every_story
def test_findings_of_the_stories(analyses, name: str) -> None:
    for connection, truth in pairs(analyses[name], name):
        expected = truth.get("finding", [])
        found = serious(connection)
        assert [f.name for f in found] == [e["name"] for e in expected]
        for finding, written in zip(found, expected, strict=True):
            wanted = dict(written)
            if finding.name == "foreign-bytes" or "kind" in wanted:
                assert finding.detail.get("kind") == wanted.pop("kind", None)
            assert str(finding.detail.get("preview", "")).startswith(wanted.pop("begins", ""))
            if "length" in wanted:
                assert finding.detail["length"] == wanted.pop("length")
            assert {key: getattr(finding, key) for key in wanted} == wanted


@every_story
def test_the_reason_is_said_in_words(analyses, name: str) -> None:
    for connection, truth in pairs(analyses[name], name):
        for words in truth["why"]:
            assert words in connection.end.why, connection.end.why


@every_story
def test_the_cause_comes_first(analyses, name: str) -> None:
    for connection, truth in pairs(analyses[name], name):
        wanted = truth.get("cause", STORIES[name].get("cause"))
        assert wanted is not None, f"{name}: connection {truth['tcp_stream']} has no cause"
        first = connection.causes[0]
        if first.code in wanted.get("also", []):
            continue  # as true as the other
        if wanted["name"] == "age-limit":  # that others have the same age, only the fleet knows
            assert "common-age-limit" in [cause.name for cause in analyses[name].fleet]
            assert first.certainty is not Certainty.CERTAIN or first.code == "DX209"
            continue
        for field in ("name", "code", "certainty"):
            place = f"{name}: connection {truth['tcp_stream']}: {field}"
            assert getattr(first, field) == wanted[field], place


@every_story
def test_healthy_connections_are_blamed_for_nothing(analyses, name: str) -> None:
    for connection, truth in pairs(analyses[name], name):
        wanted = truth.get("cause", STORIES[name].get("cause"))
        if wanted["code"] in ("DX401", "DX402"):
            assert [cause.code for cause in connection.causes] == [wanted["code"]]
            assert connection.causes[0].advice == []


@every_story
def test_close_codes_of_the_callbacks_are_foretold(analyses, name: str) -> None:
    for connection, truth in pairs(analyses[name], name):
        for said in truth["said"]:
            if said["event"] == "close":
                seen = getattr(connection.end.seen_by_application, said["side"])
                assert seen == said["status"], said


@every_story
def test_the_silence_before_an_idle_kill_is_in_the_timeline(analyses, name: str) -> None:
    for connection, truth in pairs(analyses[name], name):
        silences = [moment.seconds for moment in connection.timeline if moment.kind == "silence"]
        expected = [truth["idle"]] if "idle" in truth else []
        assert [round(seconds, 1) for seconds in silences if seconds is not None] == expected


@every_story
def test_earlier_requests_on_the_connection(analyses, name: str) -> None:
    for connection, truth in pairs(analyses[name], name):
        earlier = [attempt.status for attempt in connection.handshake.attempts]
        assert earlier == truth.get("attempts", [])


@pytest.mark.parametrize("name", [n for n, truth in STORIES.items() if "link_types" in truth])
def test_how_it_was_captured(analyses, name: str) -> None:
    (capture,) = analyses[name].captures
    assert capture.link_types == STORIES[name]["link_types"]


@pytest.mark.parametrize("name", [n for n, truth in STORIES.items() if "exit" in truth])
def test_what_holds_no_websocket_is_told_by_the_exit_status(name: str, capsys) -> None:
    assert main(["read", str(ALL[name])]) == STORIES[name]["exit"]
    assert "Traceback" not in capsys.readouterr().err


@every_story
def test_what_is_wrong_with_the_file_is_said(analyses, name: str) -> None:
    kinds = [warning.kind for capture in analyses[name].captures for warning in capture.warnings]
    assert kinds == TRUTHS[name].get("warnings", [])
