"""What befell many connections at once, as it was written beside the captures; and nothing where
nothing was written.
"""

from __future__ import annotations

from typing import Any

import pytest

import wsdebug
from tests.stored import ALL, CAPTURES, OPEN_STORIES, PUBLIC_CAPTURES, STORIES
from wsdebug.model.report import Analysis, FleetCause

PATHS = {**ALL, **{f"open/{name}": CAPTURES / "open" / f"{name}.pcap" for name in OPEN_STORIES}}
TRUTHS = {**STORIES, **PUBLIC_CAPTURES}


def told(analysis: Analysis, cause: FleetCause) -> dict[str, Any]:
    """A fleet cause in the words of a truth: connections by tcp.stream."""
    streams = {one.id: one.tcp_stream for one in analysis.connections}
    connections = sorted(streams[id_] for id_ in cause.connections)
    return {
        "name": cause.name,
        "code": cause.code,
        "server": cause.server,
        "certainty": cause.certainty.value,
        "tcp_streams": connections,
        "victims": sorted(streams[id_] for id_ in cause.victims),
        "culprit": None if cause.culprit is None else streams[cause.culprit],
        "attempts": cause.attempts,
    }


@pytest.mark.parametrize("name", PATHS)
def test_the_fleet_is_what_was_written_and_nothing_else(name: str) -> None:
    analysis = wsdebug.read(PATHS[name])
    expected = [
        {
            "tcp_streams": [],
            "culprit": None,
            "attempts": None,
            # Who comes back in a storm is nobody's victim.
            "victims": [] if truth["code"] == "DX506" else truth.get("tcp_streams", []),
            **truth,
        }
        for truth in TRUTHS.get(name, {}).get("fleet", [])
    ]
    assert [told(analysis, cause) for cause in analysis.fleet] == expected


def test_enough_stories_have_one() -> None:
    codes = {one["code"] for truth in STORIES.values() for one in truth.get("fleet", [])}
    assert codes >= {"DX501", "DX502", "DX503", "DX504", "DX506", "DX507", "DX509"}


@pytest.mark.parametrize("name", [name for name, truth in STORIES.items() if "fleet" in truth])
def test_each_has_evidence_and_advice(name: str) -> None:
    for cause in wsdebug.read(ALL[name]).fleet:
        assert cause.because
        assert cause.advice
        assert cause.title
        assert any(one.packet for one in cause.because)
