"""Packets over TLS out of order, or lost: what was recorded in another order is no accusation."""

from __future__ import annotations

from pathlib import Path

import pytest

import wsdebug
from tests.stored import tls_capture
from wsdebug.cli.read import keylog_of
from wsdebug.model.report import Connection, Severity

HEADER, RECORD = 24, 16


def recorded(name: str, target: Path, *swaps: int, swap: int = 0, drop: int = 0) -> Connection:
    """A stored capture whose packet `swap` stands behind the next one, one swap after the other, or
    that lacks `drop`.
    """
    path, keys = tls_capture(name)
    data = path.read_bytes()
    packets, at = [], HEADER
    while at < len(data):
        end = at + RECORD + int.from_bytes(data[at + 8 : at + 12], "little")
        packets.append(data[at:end])
        at = end
    for at in (*swaps, swap):
        if at:
            packets[at - 1 : at + 1] = packets[at], packets[at - 1]
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


def test_a_close_notify_captured_before_the_close_frame_in_front_of_it_ended_nothing(
    tmp_path: Path,
) -> None:
    # 15: the client's Close, 17: its close_notify.
    connection = recorded("tls-node", tmp_path / "swapped.pcap", 16, 15)
    assert connection.causes[0].code == "DX401"


@pytest.mark.parametrize(
    ("name", "swaps"),
    [("tls-node", (5, 4)), ("tls-12-python", (5, 4)), ("tls-12-resumed", (28, 27))],
)
def test_a_server_hello_captured_before_the_client_hello(
    name: str, swaps: tuple[int, ...], tmp_path: Path
) -> None:
    recorded(name, tmp_path / "swapped.pcap", *swaps)
    path, keys = tls_capture(name)
    found = wsdebug.read(tmp_path / "swapped.pcap", keylog=keys).connections
    whole = wsdebug.read(path, keylog=keys).connections
    assert [one.tls for one in found] == [one.tls for one in whole]
    assert {one.causes[0].code for one in found} == {"DX401"}


def test_a_connection_whose_client_hello_was_lost_is_listed(tmp_path: Path) -> None:
    connection = recorded("tls-node", tmp_path / "lost.pcap", drop=4)
    assert connection.causes[0].title == "Encrypted, and its beginning is not in the capture"


def test_a_server_whose_hello_was_lost_did_not_refuse_the_proxy_header(tmp_path: Path) -> None:
    connection = recorded("tls-behind-proxy-header", tmp_path / "lost.pcap", drop=8)
    assert connection.causes[0].code == "DX405"


def test_advice_for_what_no_keys_can_open_asks_for_no_keys(tmp_path: Path) -> None:
    """TLS 1.1 in a ServerHello: its records are not read here."""
    path, keys = tls_capture("tls-12-python")
    hello = b"\x02\x00\x00"  # the handshake message; its version stands behind the length
    data = bytearray(path.read_bytes())
    at = data.index(b"\x16\x03\x03", data.index(b"\x16\x03\x01") + 5)
    assert bytes(data[at + 5 : at + 8]) == hello
    data[at + 9 : at + 11] = b"\x03\x02"
    old = tmp_path / "old.pcap"
    old.write_bytes(data)
    cause = wsdebug.read(old, keylog=keys).connections[0].causes[0]
    assert (cause.code, cause.title) == ("DX405", "Encrypted, in a way that is not read here")
    assert len(cause.advice) == 1
    assert "No keys help here" in cause.advice[0]


def test_a_live_capture_waits_for_the_key_log_that_the_variable_names(tmp_path: Path) -> None:
    log = tmp_path / "keys.log"
    environment = {"SSLKEYLOGFILE": str(log)}
    assert keylog_of(None, environment) is None
    assert keylog_of(None, environment, may_come=True) == str(log)
    assert keylog_of(None, {"SSLKEYLOGFILE": str(tmp_path)}, may_come=True) is None
    assert keylog_of("other", environment) == "other"
