"""What the truths state beside wsdebug's own verdict: tshark's frames, and notes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

import wsdebug
from tests.judges.tshark import OPCODES
from tests.stored import ALL, HTTP2, STORIES
from wsdebug.model.report import Severity
from wsdebug.rules import all_rules

with_connections = [name for name, truth in STORIES.items() if truth.get("connection")]


def stated(name: str, field: str) -> dict[int, Any]:
    """`field` of each connection that states it, by its tcp.stream."""
    truths = STORIES[name]["connection"]
    return {truth["tcp_stream"]: truth[field] for truth in truths if field in truth}


@pytest.mark.parametrize("name", with_connections)
def test_tshark_sees_the_frames_that_the_truth_states(tshark, name: str) -> None:
    judged = tshark(ALL[name])
    expected = stated(name, "tshark")
    assert len(expected) == len(STORIES[name]["connection"]), "a connection without `tshark`"
    for stream, sides in expected.items():
        for side in ("client", "server"):
            seen = [
                OPCODES.get(frame.opcode, f"op{frame.opcode}")
                for frame in judged.get((stream, side), [])
            ]
            assert spelled_out(sides[side]) == seen, (stream, side)


def spelled_out(frames: list[str]) -> list[str]:
    """`text*3` stands for three of them."""
    pairs = [frame.partition("*") for frame in frames]
    return [kind for kind, _, times in pairs for _ in range(int(times or 1))]


@pytest.mark.parametrize("name", with_connections)
def test_notes_are_those_that_the_truth_states(name: str) -> None:
    expected = stated(name, "notes")
    for connection in wsdebug.read(ALL[name]).connections:
        notes = [f.name for f in connection.findings if f.severity is Severity.NOTE]
        wanted = expected.get(connection.tcp_stream, [])
        assert sorted(notes) == sorted(wanted), connection.tcp_stream


def causes(truth: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every cause that a truth names: of the story, of a connection, of many at once."""
    yield from truth.get("fleet", [])
    for said in (truth, *truth.get("connection", [])):
        if "cause" in said:
            yield said["cause"]


def test_causes_have_one_name_each_and_a_certainty() -> None:
    named = [cause for truth in STORIES.values() for cause in causes(truth)]
    assert len({cause["code"] for cause in named}) >= 30
    assert len({(c["code"], c["name"]) for c in named}) == len({c["code"] for c in named})
    assert len({(c["code"], c["name"]) for c in named}) == len({c["name"] for c in named})
    assert {c["certainty"] for c in named} <= {"certain", "very likely", "likely", "possible"}


@pytest.mark.parametrize("name", with_connections)
def test_each_connection_has_a_cause(name: str) -> None:
    for truth in STORIES[name]["connection"]:
        assert truth.get("cause") or STORIES[name].get("cause"), truth["tcp_stream"]
    together = [each.get("tcp_streams", []) for each in STORIES[name].get("fleet", [])]
    fleet = [stream for streams in together for stream in streams]
    assert set(fleet) <= {truth["tcp_stream"] for truth in STORIES[name]["connection"]}


def test_every_rule_is_broken_in_some_story() -> None:
    truths = [truth for story in STORIES.values() for truth in story.get("connection", [])]
    streams = [stream for story in HTTP2.values() for stream in story["stream"]]
    broken = {code for stream in streams for code in stream.get("findings", [])}
    broken = {each.name for each in all_rules() if each.code in broken}
    broken |= {finding["name"] for truth in truths for finding in truth.get("finding", [])}
    broken |= {note for truth in truths for note in truth.get("notes", [])}
    names = {each.name for each in all_rules()}
    # In captures/open/ as yet, and what no software was found to send.
    assert names - broken == {"capture-gap", "connect-request-malformed"}
