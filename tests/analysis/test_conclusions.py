"""The quick way for connections of the usual course says the same as the long one."""

from __future__ import annotations

import random
from pathlib import Path

import msgspec
import pytest

from bench.make import make
from tests.stored import ALL
from wsdebug.analysis import Session, session
from wsdebug.analysis.conclusions import Conclusions
from wsdebug.model.report import Connection, FleetCause

Read = tuple[list[Connection], list[FleetCause], int]


class Ways:
    """Reads captures one way or the other; what the long way concludes is remembered."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self._patch = patch
        self._shared = Conclusions()
        self._known = Conclusions.known
        patch.setattr(session, "Conclusions", lambda: self._shared)

    def long(self, path: Path) -> Read:
        self._patch.setattr(Conclusions, "known", lambda *_: None)
        return self._read(path)

    def quick(self, path: Path) -> Read:
        self._patch.setattr(Conclusions, "known", self._known)
        return self._read(path)

    def _read(self, path: Path) -> Read:
        quick = 0
        concluded = session.concluded

        def counted(*arguments):  # type: ignore[no-untyped-def]
            nonlocal quick
            quick += 1
            return concluded(*arguments)

        self._patch.setattr(session, "concluded", counted)
        found: list[Connection] = []
        reading = Session([str(path)])
        for _ in reading.run(found.append):
            pass
        self._patch.setattr(session, "concluded", concluded)
        return found, reading.analysis.fleet, quick


@pytest.fixture
def ways(monkeypatch: pytest.MonkeyPatch) -> Ways:
    return Ways(monkeypatch)


def encoded(value: object) -> bytes:
    return msgspec.json.encode(value, enc_hook=str)


@pytest.mark.parametrize("name", ALL)
def test_both_ways_say_the_same_of_every_stored_capture(name: str, ways: Ways) -> None:
    slow, fleet, none = ways.long(ALL[name])
    again, same_fleet, _ = ways.quick(ALL[name])
    assert none == 0
    assert encoded(again) == encoded(slow)
    assert encoded(same_fleet) == encoded(fleet)


@pytest.mark.parametrize("name", ["many", "chat", "deflate"])
def test_healthy_connections_go_the_quick_way(name: str, ways: Ways, tmp_path: Path) -> None:
    path = tmp_path / "made.pcap"
    make(name, path, scale=0.002)
    slow, _, _ = ways.long(path)
    again, _, quick = ways.quick(path)
    assert encoded(again) == encoded(slow)
    assert quick == len(again)


def records(path: Path) -> tuple[bytes, list[bytes]]:
    """The header of a pcap and its packets, each with its record header."""
    data, packets, at = path.read_bytes(), [], 24
    while at < len(data):
        stop = at + 16 + int.from_bytes(data[at + 8 : at + 12], "little")
        packets.append(data[at:stop])
        at = stop
    return data[:24], packets


def disturbed(packets: list[bytes], seed: int) -> list[bytes]:
    """Some packets lost, captured twice, out of order, late, or of the other side's closing."""
    rng = random.Random(seed)
    found = list(packets)
    for _ in range(rng.randint(1, 12)):
        at = rng.randrange(len(found) - 1)
        change = rng.randrange(4)
        if change == 0:
            del found[at]
        elif change == 1:
            found.insert(min(len(found), at + rng.randint(1, 30)), found[at])
        elif change == 2:
            found[at], found[at + 1] = found[at + 1], found[at]
        else:
            seconds = int.from_bytes(found[at][:4], "little") + rng.choice([1, 2, 6, 30])
            found[at] = seconds.to_bytes(4, "little") + found[at][4:]
    return found


@pytest.mark.parametrize("seed", range(12))
def test_both_ways_say_the_same_of_disturbed_captures(
    seed: int, ways: Ways, tmp_path: Path
) -> None:
    path = tmp_path / "made.pcap"
    make("many", path, scale=0.0002, seed=seed)
    ways.long(path)
    header, packets = records(path)
    path.write_bytes(header + b"".join(disturbed(packets, seed)))
    slow, fleet, _ = ways.long(path)
    again, same_fleet, _ = ways.quick(path)
    assert encoded(again) == encoded(slow)
    assert encoded(same_fleet) == encoded(fleet)


def test_stored_captures_have_connections_of_the_usual_course(ways: Ways) -> None:
    """Else the comparison above would compare nothing."""
    total = 0
    for name in ("close-1000-client", "close-1000-server", "close-empty"):
        ways.long(ALL[name])
        total += ways.quick(ALL[name])[2]
    assert total >= 2
