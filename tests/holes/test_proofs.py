"""Packets that a capture lacks, and what the others prove about them: nobody is accused."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from tests.holes.sweep import Read, Whole
from tests.stored import ALL
from wsdebug.model.report import Certainty, Severity


@cache
def _whole(name: str) -> Whole:
    return Whole(ALL[name])


def lacking(name: str, gone: set[int], to: Path) -> Read:
    """What is found in a capture without those packets; that it is no more is checked here."""
    whole = _whole(name)
    found = whole.kept((packet for packet in whole.packets if packet[0] not in gone), to / "x.pcap")
    assert {frame.look for frame in found.frames} <= {frame.look for frame in whole.read.frames}
    assert found.serious - whole.read.serious == {}
    return found


def errors(read: Read) -> list[int]:
    """The clients' ports of the connections that ended with an error."""
    return sorted(c.client.port for c in read.connections if c.end.severity is Severity.ERROR)


def claims(read: Read) -> set[str]:
    return {cause.code for connection in read.connections for cause in connection.causes}


@pytest.mark.parametrize(
    ("name", "gone"),
    [
        ("deflate-shapes", {50, 54}),
        ("endings-to-ws", {104, 108}),
        ("haproxy-idle", {6, 10}),
        ("reconnect-storm", {608, 680}),
        ("socket-io-ping-timeout", {2, 6, 8}),
        ("close-unanswered-websockets", {2, 6}),
        ("handshakes-to-ws-client", {134, 138}),
    ],
)
def test_response_and_syn_of_the_server_are_missing(
    name: str, gone: set[int], tmp_path: Path
) -> None:
    found, whole = lacking(name, gone, tmp_path), _whole(name).read
    assert set(errors(found)) <= set(errors(whole))
    assert not (claims(found) - claims(whole)) & {"DX304", "DX305"}


@pytest.mark.parametrize(
    ("name", "gone"), [("deflate-shapes", {73, 76, 80}), ("nginx-idle", {1, 4, 15})]
)
def test_request_and_syn_of_the_client_are_missing(
    name: str, gone: set[int], tmp_path: Path
) -> None:
    found = lacking(name, gone, tmp_path)
    gaps = [gap for c in found.connections for gap in c.gaps if gap.side == "client"]
    assert any(gap.offset == 0 for gap in gaps)


def test_fin_behind_which_the_receiver_was_not_heard(tmp_path: Path) -> None:
    found = lacking("zero-window-resumes", {43, 44, 46, 47}, tmp_path)
    (connection,) = found.connections
    assert [(gap.offset, gap.length) for gap in connection.gaps] == [(24_576, 8)]
    claim = next(cause for cause in connection.causes if cause.code == "DX201")
    assert claim.certainty is not Certainty.CERTAIN


@pytest.mark.parametrize(
    ("name", "gone"),
    [
        ("pongs-astray", {29, 30}),
        ("endings-to-ws", {115, 116, 117}),
        ("violations-to-websockets-client", {46, 47}),
        ("violations-to-websockets-client", {192, 193}),
    ],
)
def test_fins_are_missing(name: str, gone: set[int], tmp_path: Path) -> None:
    found = lacking(name, gone, tmp_path)
    assert set(errors(found)) <= set(errors(_whole(name).read))


@pytest.mark.parametrize(
    ("name", "moved", "behind"),
    [
        ("deflate-shapes", 23, 19),  # the client's FIN before its Close
        ("endings-to-ws", 115, 112),  # the server's, whose Close came first
    ],
)
def test_fin_was_captured_before_the_close_of_its_side(
    name: str, moved: int, behind: int, tmp_path: Path
) -> None:
    whole = _whole(name)
    packets = {packet[0]: packet for packet in whole.packets}
    order = [number for number in packets if number != moved]
    order.insert(order.index(behind) + 1, moved)
    found = whole.kept((packets[number] for number in order), tmp_path / "x.pcap")
    assert found.serious == whole.read.serious
    assert [(c.end.how, c.end.by) for c in found.connections] == [
        (c.end.how, c.end.by) for c in whole.read.connections
    ]
    assert claims(found) == claims(whole.read)


@pytest.mark.parametrize(
    ("name", "gone"),
    [
        ("deflate-shapes", {49, 50, 51, 53, 54, 55}),  # the request, then frames of the server
        ("endings-to-ws", {103, 104, 105, 107, 108, 109}),
        ("deflate-shapes", {73, 74, 75, 76, 77, 79, 80}),  # the response, then the second message
        ("deflate-shapes", {73, 74, 75, 76, 77, 79, 80, 81, 82}),
    ],
)
def test_both_syns_are_missing(name: str, gone: set[int], tmp_path: Path) -> None:
    found, whole = lacking(name, gone, tmp_path), _whole(name).read
    assert set(errors(found)) <= set(errors(whole))
    assert claims(found) <= claims(whole) | {"DX403"}  # bytes are missing
    assert len(whole.frames) - len(found.frames) <= 3


def test_nothing_of_the_server_was_captured(tmp_path: Path) -> None:
    gone = {1, 2, 3, 5, 6, 9, 11, 13}
    (connection,) = lacking("close-unanswered-websockets", gone, tmp_path).connections
    assert connection.end.severity is Severity.NOTE
