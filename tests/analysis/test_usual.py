"""Connections that wait as packets come out as if they had been read like any other."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path

import pytest

from bench.make import make
from tests.analysis.test_conclusions import disturbed, records
from tests.compiled.built import need_built, pure
from tests.stored import ALL
from wsdebug.analysis import Session, usual_end, usual_ones
from wsdebug.model.limits import Limits
from wsdebug.protocol import plain_side, plain_way
from wsdebug.protocol.keys import accept_value
from wsdebug.report.machine import JsonWriter
from wsdebug.transport import lot, parked, table
from wsdebug.transport.parked import Parked

Read = tuple[str, Session]


@pytest.fixture(params=["python", "compiled"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Either in Python or by what is compiled."""
    if request.param == "compiled":
        need_built()
        yield
        return
    monkeypatch.setattr(table, "park", Parked)
    monkeypatch.setattr(plain_side, "_MADE", None)
    monkeypatch.setattr(usual_end, "way_of", plain_way.way_in_python)
    with pure():
        yield


@pytest.fixture
def reported(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The ids of connections that were reported without being read."""
    found: list[int] = []
    values_of = usual_ones.values_of

    def counted(usual, end):  # type: ignore[no-untyped-def]
        found.append(usual.id)
        return values_of(usual, end)

    monkeypatch.setattr(usual_ones, "values_of", counted)
    return found


def read(
    *paths: Path,
    taught: Session | None = None,
    waits: bool = True,
    fills: bool = True,
    limits: Limits | None = None,
) -> Read:
    """The whole report; `taught` has learned what is usual before. `fills`: what is like others
    is written by filling in values (`report.moulds`), else as a report of its own.
    """
    session = Session([str(path) for path in paths], limits=limits or Limits())
    if not waits:
        session._transport.park(None)
    if taught is not None:
        session._conclusions._known.update(taught._conclusions._known)
        mine, theirs = session._usual._handshakes, taught._usual._handshakes
        for each in ("_pairs", "_asked", "known"):
            getattr(mine, each).update(getattr(theirs, each))
    stream = StringIO()
    writer = JsonWriter(stream)
    for _ in session.run(writer.connection, writer.recurring if fills else None):
        pass
    writer.finish(session.analysis)
    return stream.getvalue(), session


def assert_alike(*paths: Path, limits: Limits | None = None) -> None:
    """Read the long way, by one who learns on the way, and by one who knows it all before."""
    long, session = read(*paths, waits=False, limits=limits)
    learning, _ = read(*paths, limits=limits)
    assert learning == long
    for fills in (True, False):
        knowing, _ = read(*paths, taught=session, fills=fills, limits=limits)
        assert knowing == long


@pytest.mark.parametrize("name", ALL)
@pytest.mark.usefixtures("way")
def test_every_stored_capture_says_the_same(name: str) -> None:
    assert_alike(ALL[name])


@pytest.mark.usefixtures("way")
def test_healthy_connections_are_reported_without_being_read(
    tmp_path: Path, reported: list[int]
) -> None:
    path = tmp_path / "made.pcap"
    make("many", path, scale=0.002)
    long, session = read(path, waits=False)
    assert reported == []
    again, _ = read(path, taught=session)
    assert again == long
    assert sorted(reported) == list(range(1, 101))


@pytest.mark.usefixtures("way")
def test_stored_captures_have_such_connections(reported: list[int]) -> None:
    """Else the comparison above would compare nothing."""
    for name in ("close-1000-client", "close-1000-server", "nginx-healthy", "chromium-healthy"):
        if name in ALL:
            _, session = read(ALL[name], waits=False)
            read(ALL[name], taught=session)
    assert len(reported) >= 2


@pytest.mark.parametrize("seed", range(24))
@pytest.mark.usefixtures("way")
def test_disturbed_captures_say_the_same(seed: int, tmp_path: Path) -> None:
    whole, path = tmp_path / "whole.pcap", tmp_path / "made.pcap"
    make("many", whole, scale=0.0004, seed=seed)
    header, packets = records(whole)
    path.write_bytes(header + b"".join(disturbed(packets, seed)))
    _, session = read(whole, waits=False)
    long, _ = read(path, waits=False)
    again, _ = read(path, taught=session)
    assert again == long


def changed(packets: list[bytes], seed: int) -> list[bytes]:
    """Single bytes of some packets are others: flags, numbers, headers of frames, masks, text."""
    rng = random.Random(seed)
    found = list(packets)
    for _ in range(rng.randint(1, 8)):
        at = rng.randrange(len(found))
        packet = bytearray(found[at])
        # Behind the record header, Ethernet and the addresses of IP; or in the payload.
        low = rng.choice([16 + 34, 16 + 66])
        if len(packet) > low:
            place = rng.randrange(low, len(packet))
            packet[place] = rng.choice([packet[place] ^ 1 << rng.randrange(8), rng.randrange(256)])
            found[at] = bytes(packet)
    return found


@pytest.mark.parametrize("seed", range(60))
@pytest.mark.usefixtures("way")
def test_changed_bytes_say_the_same(seed: int, tmp_path: Path) -> None:
    whole, path = tmp_path / "whole.pcap", tmp_path / "made.pcap"
    make("many", whole, scale=0.0002, seed=seed)
    header, packets = records(whole)
    path.write_bytes(header + b"".join(changed(packets, seed)))
    _, session = read(whole, waits=False)
    long, _ = read(path, waits=False)
    again, _ = read(path, taught=session)
    assert again == long


# ---- what connections have to do with each other ----------------------------------------------
def streams(packets: list[bytes]) -> dict[bytes, list[bytes]]:
    """Packets of one connection each, by client address and port."""
    found: dict[bytes, list[bytes]] = {}
    for packet in packets:
        source, target = packet[42:46] + packet[50:52], packet[46:50] + packet[52:54]
        server = b"\xc0\x00\x02\x0a\x1f\x90"
        found.setdefault(source if target == server else target, []).append(packet)
    return found


def key_in(packets: list[bytes]) -> bytes:
    """The Sec-WebSocket-Key of a connection."""
    request = next(packet for packet in packets if b"Sec-WebSocket-Key: " in packet)
    at = request.index(b"Sec-WebSocket-Key: ") + 19
    return request[at : at + 24]


def with_key(packets: list[bytes], key: bytes) -> list[bytes]:
    """The same connection, opened with another key."""
    old = key_in(packets)
    pairs = [(old, key)]
    pairs.append(tuple(accept_value(one.decode()).encode() for one in (old, key)))  # type: ignore[arg-type]
    for before, after in pairs:
        packets = [packet.replace(before, after) for packet in packets]
    return packets


def moved(packet: bytes, old: bytes, new: bytes) -> bytes:
    """With another address in place of `old`."""
    head = packet[42:50].replace(old, new)
    return packet[:42] + head + packet[50:]


def in_order(packets: list[bytes]) -> bytes:
    """One microsecond after the other."""
    found = []
    for number, packet in enumerate(packets):
        found.append(b"\0\0\0\x60" + number.to_bytes(4, "little") + packet[8:])
    return b"".join(found)


Weave = Callable[[list[bytes], list[bytes]], list[bytes]]


def nested(front: list[bytes], back: list[bytes]) -> list[bytes]:
    """The second connection opens between request and answer of the first."""
    return [*front[:4], *back[:6], *front[4:], *back[6:]]


def side_by_side(front: list[bytes], back: list[bytes]) -> list[bytes]:
    return [packet for pair in zip(front, back, strict=True) for packet in pair]


@pytest.mark.parametrize("weave", [nested, side_by_side])
@pytest.mark.parametrize("shares_key", [True, False])
@pytest.mark.usefixtures("way")
def test_legs_of_a_path_are_found_though_they_waited(
    weave: Weave, shares_key: bool, tmp_path: Path, reported: list[int]
) -> None:
    whole, path = tmp_path / "whole.pcap", tmp_path / "made.pcap"
    make("many", whole, scale=0.00004)
    header, packets = records(whole)
    front, other = list(streams(packets).values())[:2]
    # The back leg carries what the front leg does, from the front's server to another one.
    back = [packet[:50] + other[0][50:52] + packet[52:] if packet[42:46] == front[0][42:46]
            else packet[:52] + other[0][50:52] + packet[54:] for packet in front]  # fmt: skip
    back = [moved(one, b"\xc0\x00\x02\x0a", b"\xc0\x00\x02\x63") for one in back]
    back = [moved(one, front[0][42:46], b"\xc0\x00\x02\x0a") for one in back]
    back = back if shares_key else with_key(back, key_in(other))
    path.write_bytes(header + in_order(weave(front, back)))
    _, session = read(whole, waits=False)
    long, _ = read(path, waits=False)
    again, _ = read(path, taught=session)
    assert again == long
    is_path = shares_key or weave is nested
    assert reported == ([] if is_path else [1, 2])


@pytest.mark.usefixtures("way")
def test_a_key_used_again_later_is_known(tmp_path: Path) -> None:
    whole, path = tmp_path / "whole.pcap", tmp_path / "made.pcap"
    make("many", whole, scale=0.00008)
    header, packets = records(whole)
    lives = list(streams(packets).values())
    key = key_in(lives[0])
    again = [with_key(one, key) if number == 2 else one for number, one in enumerate(lives)]
    path.write_bytes(header + in_order([packet for one in again for packet in one]))
    _, session = read(whole, waits=False)
    long, _ = read(path, waits=False)
    assert read(path, taught=session)[0] == long


@pytest.mark.usefixtures("way")
def test_an_answer_to_another_connections_key_is_known_though_that_one_waited(
    tmp_path: Path,
) -> None:
    whole, path = tmp_path / "whole.pcap", tmp_path / "made.pcap"
    make("many", whole, scale=0.00008)
    header, packets = records(whole)
    lives = list(streams(packets).values())
    first, second = (accept_value(key_in(one).decode()).encode() for one in lives[:2])
    lives[1] = [packet.replace(second, first) for packet in lives[1]]
    path.write_bytes(header + in_order([packet for one in lives for packet in one]))
    _, session = read(whole, waits=False)
    long, _ = read(path, waits=False)
    again, _ = read(path, taught=session)
    assert "key of another" in long or "HS108" in long
    assert again == long


# ---- limits --------------------------------------------------------------------------------
@pytest.mark.parametrize("flows", [1, 2, 7])
@pytest.mark.usefixtures("way")
def test_a_full_table_says_the_same(flows: int, tmp_path: Path) -> None:
    path = tmp_path / "made.pcap"
    make("many", path, scale=0.0008)
    limits = Limits(flows=flows)
    _, session = read(path, waits=False)
    long, _ = read(path, waits=False, limits=limits)
    again, _ = read(path, taught=session, limits=limits)
    assert again == long


@pytest.mark.usefixtures("way")
def test_no_more_wait_than_may(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "made.pcap"
    make("many", path, scale=0.002)
    long, session = read(path, waits=False)
    most = 0
    park = lot.Lot.park

    def counted(self, *arguments):  # type: ignore[no-untyped-def]
        nonlocal most
        made = park(self, *arguments)
        most = max(most, len(self._table.parked))
        return made

    monkeypatch.setattr(lot.Lot, "park", counted)
    monkeypatch.setattr(table, "MOST", 5)
    assert read(path, taught=session)[0] == long
    assert most == 10  # both directions of five


@pytest.mark.usefixtures("way")
def test_several_files_say_the_same(tmp_path: Path) -> None:
    whole, one, two = (tmp_path / name for name in ("whole.pcap", "one.pcap", "two.pcap"))
    make("many", whole, scale=0.0008)
    header, packets = records(whole)
    one.write_bytes(header + b"".join(packets[:400]))
    two.write_bytes(header + b"".join(packets[400:]))
    assert_alike(one, two)


def test_what_waits_is_little(tmp_path: Path) -> None:
    """A connection with much to say is read at once: no more than 64 packets and 8 KiB wait."""
    path = tmp_path / "made.pcap"
    make("bulk", path, scale=0.002)
    session = Session([str(path)])
    most = 0
    for _ in session.run(lambda _: None):
        waiting = session._transport._table.parked.values()
        most = max([most, *(len(half.whole.packets) for half in waiting)])
    assert most <= 64
    assert parked._MOST_PACKETS == 64
