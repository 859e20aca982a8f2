"""What the truths state beside wsdebug's own verdict: tshark's frames, and notes."""

from __future__ import annotations

from typing import Any

import pytest

import wsdebug
from tests.judges.tshark import OPCODES
from tests.stored import ALL, STORIES
from wsdebug.model.report import Severity

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
