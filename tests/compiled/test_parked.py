"""Packets that wait come back value for value, of whatever shape; else they are not taken."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest

from tests.compiled.built import need_built
from wsdebug import compiled
from wsdebug.model.place import Packet
from wsdebug.transport import parked
from wsdebug.transport.parked import MOST_BYTES, NOT, TAKEN

ACK, SYN = 16, 2
BEYOND = 1 << 63


@pytest.fixture(params=["python", "compiled"])
def make(request: pytest.FixtureRequest) -> Iterator[Any]:
    """Either class of a connection that waits."""
    if request.param == "python":
        yield parked.Parked
        return
    need_built()
    yield compiled.parked.Parked


def begun(make: Any, packet: Packet) -> Any:
    """A connection of which both SYNs have come; the first is `packet`."""
    made = make(7, b"key", b"back", packet, packet[1], 100, 64)
    made.client.feed = made.server.feed = lambda *_: True
    return made


def answered(made: Any) -> Packet:
    packet = (2, made.start, 1, b"", 0, 0)
    assert made.server.take(packet, 500, 101, SYN | ACK, 9, 64, 0, 0) == TAKEN
    return packet


def sent(made: Any, packet: Any, start: int = 0, end: int = 0) -> int:
    """The client's next packet, its payload from `start` to `end`."""
    half = made.client
    return half.take(packet, half.next, 501, ACK, 9, 64, start, end)  # type: ignore[no-any-return]


SYNS = [
    (1, 0, 1, b"syn", 60, 24),
    (1, -BEYOND, 1, b"", 0, 0),
    (BEYOND - 2, 5, 1, bytes(MOST_BYTES), BEYOND - 1, -BEYOND),
    (1, 5, -(1 << 31), b"\0", -1, BEYOND - 1),
    (1, 5, (1 << 31) - 1, b"\0\0", 1 << 32, 1 << 48),
]


@pytest.mark.parametrize("syn", SYNS, ids=str)
def test_one_packet_comes_back(make: Any, syn: Packet) -> None:
    made = begun(make, syn)
    assert made.packets == [syn]
    assert made.first_number == made.last_number == syn[0]


ODD = [
    (BEYOND, 5, 1, b"x", 1, 0),
    (1, 5, 1 << 31, b"x", 1, 0),
    (1, 5, 1, b"x", BEYOND, 0),
    (1, 5, 1, b"x", 1, -BEYOND - 1),
    (1, 5, 1, bytearray(b"x"), 1, 0),
    (1, 5, 1, b"x", None, 0),
    (1, 5, True, b"x", 1, 0),
]


@pytest.mark.parametrize("odd", ODD, ids=str)
def test_what_is_no_usual_packet_is_kept_alone_or_not_taken(odd: Any) -> None:
    need_built()
    assert compiled.parked is not None
    made = begun(compiled.parked.Parked, odd)
    assert made.packets == [odd]
    assert made.packets[0] is odd
    assert made.first_number is made.last_number is odd[0]
    packet = (2, 5, 1, b"", 0, 0)
    assert made.server.take(packet, 500, 101, SYN | ACK, 9, 64, 0, 0) == NOT
    made.part()
    made = begun(compiled.parked.Parked, SYNS[0])
    answer = answered(made)
    assert sent(made, odd) == NOT
    assert made.packets == [SYNS[0], answer]


@pytest.mark.parametrize("seed", range(40))
def test_many_packets_come_back(make: Any, seed: int) -> None:
    rng = random.Random(seed)
    made = begun(make, SYNS[0])
    came = [SYNS[0], answered(made)]
    while True:
        data = rng.randbytes(rng.choice([0, 1, rng.randrange(400), rng.randrange(2000)]))
        start, end = sorted(rng.randrange(len(data) + 1) for _ in range(2))
        numbers = [rng.choice([0, 1, -1, rng.randrange(1 << 63)]) for _ in range(2)]
        number, time = came[-1][0] + rng.randrange(1, 1 << 40), made.last_time
        packet = (number, time + rng.randrange(1 << 40), rng.randrange(1 << 31), data, *numbers)
        if sent(made, packet, start, end) == NOT:
            break
        came.append(packet)
        assert (made.first_number, made.last_number) == (1, number)
    assert made.packets == came
    assert [list(map(type, each)) for each in made.packets] == [[int] * 3 + [bytes] + [int] * 2] * (
        len(came)
    )
    size = sum(len(each[3]) for each in came)
    assert len(came) == 64 or size <= MOST_BYTES < size + len(packet[3])
    made.part()
    assert made.packets == []


def test_a_packet_that_is_not_taken_is_not_kept(make: Any) -> None:
    made = begun(make, SYNS[0])
    came = [SYNS[0], answered(made)]
    made.client.feed = lambda *_: False
    assert sent(made, (3, 9, 1, b"abc", 3, 0), 0, 3) == NOT
    assert sent(made, (3, 9, 1, b"abc", 3, 0), 2, 4) == NOT
    assert made.packets == came


def test_a_connection_that_leaves_while_it_is_asked(make: Any) -> None:
    made = begun(make, SYNS[0])
    answered(made)
    client = made.client

    def leaves(*_: Any) -> bool:
        made.part()
        return False

    client.feed = leaves
    assert client.take((3, 9, 1, b"abc", 3, 0), 101, 501, ACK, 9, 64, 0, 3) == NOT
    assert made.is_gone
    assert made.packets == []
