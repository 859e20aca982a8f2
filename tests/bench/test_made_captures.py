"""The captures of the benchmark are legal, healthy and the same for the same seed."""

from __future__ import annotations

from pathlib import Path

import pytest

import wsdebug
from bench.make import SCENARIOS, make
from wsdebug.model.report import Severity

every_scenario = pytest.mark.parametrize("name", list(SCENARIOS))


@every_scenario
def test_wsdebug_finds_nothing_wrong(name: str, tmp_path: Path) -> None:
    path = tmp_path / f"{name}.pcap"
    packets = make(name, path, scale=0.002)
    analysis = wsdebug.read(path)
    assert analysis.captures[0].packets == packets
    assert analysis.captures[0].warnings == []
    scenario = SCENARIOS[name]
    expected = 100 if scenario.scales == "connections" else scenario.connections
    assert analysis.summary.connections == expected
    assert analysis.summary.broken == 0
    serious = [
        (connection.tcp_stream, finding)
        for connection in analysis.connections
        for finding in connection.findings
        if finding.severity is not Severity.NOTE
    ]
    assert serious == []
    assert {connection.end.how for connection in analysis.connections} == {"clean"}
    assert all(connection.messages["server"] > 0 for connection in analysis.connections)


@every_scenario
def test_the_seed_decides_the_bytes(name: str, tmp_path: Path) -> None:
    first, second, other = (tmp_path / part for part in ("first", "second", "other"))
    make(name, first, scale=0.001, seed=1)
    make(name, second, scale=0.001, seed=1)
    make(name, other, scale=0.001, seed=2)
    assert first.read_bytes() == second.read_bytes()
    assert first.read_bytes() != other.read_bytes()
