"""What is kept of connections that are like others: once for all servers, and a limited number."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.make import make
from tests.analysis.test_conclusions import records
from tests.analysis.test_usual import in_order, moved, read, reported, streams, way
from wsdebug.analysis import usual_ones

__all__ = ["reported", "way"]

SERVER = b"\xc0\x00\x02\x0a"
pytestmark = pytest.mark.usefixtures("way")


def at_servers(number: int, whole: Path, path: Path) -> int:
    """A capture of as many servers as that, whose turns come one after the other; how many
    connections it has.
    """
    make("many", whole, scale=0.0012)
    header, packets = records(whole)
    lives = list(streams(packets).values())
    for at, life in enumerate(lives):
        server = SERVER[:3] + bytes([SERVER[3] + at % number])
        lives[at] = [moved(packet, SERVER, server) for packet in life]
    path.write_bytes(header + in_order([packet for life in lives for packet in life]))
    return len(lives)


def test_a_pattern_serves_many_servers(
    tmp_path: Path, reported: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Behind a load balancer a pattern for each would be made anew for each connection."""
    made, pattern_of = [], usual_ones.pattern_of

    def counted(*arguments):  # type: ignore[no-untyped-def]
        made.append(arguments[1])
        return pattern_of(*arguments)

    monkeypatch.setattr(usual_ones, "pattern_of", counted)
    whole, path = tmp_path / "whole.pcap", tmp_path / "made.pcap"
    number = at_servers(30, whole, path)
    _, session = read(whole, waits=False)
    long, _ = read(path, waits=False)
    again, session = read(path, taught=session)
    assert again == long
    assert session._shared.legs._waiting == {}
    assert len(reported) == number
    assert 0 < len(made) == len(set(made)) < 10


@pytest.mark.parametrize("most", [1, 2])
def test_patterns_that_are_forgotten_are_made_anew(
    most: int, tmp_path: Path, reported: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(usual_ones, "_MOST", most)
    whole, path = tmp_path / "whole.pcap", tmp_path / "made.pcap"
    number = at_servers(3, whole, path)
    long, session = read(path, waits=False)
    again, session = read(path, taught=session)
    assert again == long
    assert len(reported) == number
    assert len(session._usual._met) <= most


def test_a_connection_from_a_port_to_itself_does_not_wait(
    tmp_path: Path, reported: list[int]
) -> None:
    """Both directions have one key then."""
    whole, path = tmp_path / "whole.pcap", tmp_path / "made.pcap"
    make("many", whole, scale=0.00012)
    header, packets = records(whole)
    first, *others = streams(packets).values()
    ends = 2 * SERVER + 2 * (8080).to_bytes(2)
    odd = [packet[:42] + ends + packet[54:] for packet in first]
    path.write_bytes(header + in_order([*odd, *(one for life in others for one in life)]))
    _, session = read(whole, waits=False)
    long, _ = read(path, waits=False)
    assert read(path, taught=session)[0] == long
    assert len(reported) == len(others)
