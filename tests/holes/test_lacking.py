"""Single packets whose absence once led to a wrong word."""

from __future__ import annotations

from pathlib import Path

from tests.holes.sweep import Whole
from tests.stored import ALL
from wsdebug.model.report import Connection


def without(name: str, gone: set[int], to: Path) -> Connection:
    """The only connection of a capture that lacks these packets."""
    whole = Whole(ALL[name])
    kept = (packet for packet in whole.packets if packet[0] not in gone)
    (connection,) = whole.kept(kept, to / "x.pcap").connections
    return connection


def test_the_request_that_was_accepted_is_missing_behind_one_that_was_not(tmp_path: Path) -> None:
    """401, then the same request with a password and its 101, which the capture lacks."""
    connection = without("retry-after-401", {8, 9}, tmp_path)
    assert connection.handshake.result == "not-captured"
    assert [attempt.status for attempt in connection.handshake.attempts] == [401]
    assert connection.end.how != "handshake-rejected"
    assert connection.frames["client"]["total"] > 0


def test_frames_stay_frames_when_only_the_fin_behind_them_is_missing(tmp_path: Path) -> None:
    whole = Whole(ALL["compressed-unasked"])
    kept = (packet for packet in whole.packets if packet[0] != 13)
    found = whole.kept(kept, tmp_path / "x.pcap")
    assert found.serious - whole.read.serious == {}
    assert all(not connection.not_readable for connection in found.connections)


def test_a_direction_that_was_not_captured_may_have_closed(tmp_path: Path) -> None:
    whole = Whole(ALL["violations-to-websockets"])
    gone = {160, 163, 164, 167, 169, 170}
    kept = (packet for packet in whole.packets if packet[0] not in gone)
    found = whole.kept(kept, tmp_path / "x.pcap")
    assert found.serious - whole.read.serious == {}
