"""Packets over TLS out of order, or lost: what was recorded in another order is no accusation."""

from __future__ import annotations

from pathlib import Path

import pytest

import wsdebug
from tests.stored import tls_capture
from wsdebug.model.report import Connection, Severity

HEADER, RECORD = 24, 16


def recorded(name: str, target: Path, *, swap: int = 0, drop: int = 0) -> Connection:
    """A stored capture whose packet `swap` stands behind the next one, or that lacks `drop`."""
    path, keys = tls_capture(name)
    data = path.read_bytes()
    packets, at = [], HEADER
    while at < len(data):
        end = at + RECORD + int.from_bytes(data[at + 8 : at + 12], "little")
        packets.append(data[at:end])
        at = end
    if swap:
        packets[swap - 1 : swap + 1] = packets[swap], packets[swap - 1]
    if drop:
        del packets[drop - 1]
    target.write_bytes(data[:HEADER] + b"".join(packets))
    return wsdebug.read(target, keylog=keys).connections[0]


@pytest.mark.parametrize(
    ("name", "packet"), [("tls-node", 9), ("tls-12-python", 11), ("tls-chromium", 14)]
)
def test_a_first_frame_captured_before_the_101_it_answers_is_not_early(
    name: str, packet: int, tmp_path: Path
) -> None:
    connection = recorded(name, tmp_path / "swapped.pcap", swap=packet)
    assert connection.causes[0].code == "DX401"
    assert not [one for one in connection.findings if one.severity is not Severity.NOTE]


@pytest.mark.parametrize(("how", "cause"), [("swap", "DX209"), ("drop", "DX403")])
def test_an_alert_that_answers_a_fin_is_no_cause_wherever_that_fin_stands(
    how: str, cause: str, tmp_path: Path
) -> None:
    connection = recorded("tls-server-killed", tmp_path / "changed.pcap", **{how: 20})
    assert connection.end.by == "server"
    assert connection.causes[0].code == cause


def test_a_server_whose_hello_was_lost_did_not_refuse_the_proxy_header(tmp_path: Path) -> None:
    connection = recorded("tls-behind-proxy-header", tmp_path / "lost.pcap", drop=8)
    assert connection.causes[0].code == "DX405"
