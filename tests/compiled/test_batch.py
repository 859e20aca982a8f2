"""Packets of which only rows of numbers are kept are those that a list would hold."""

from __future__ import annotations

import random
import struct
from collections.abc import Sequence
from typing import Any

import pytest

from tests.analysis.test_usual_rare import consumed, swapped, syn
from tests.compiled.built import need_built
from wsdebug import compiled
from wsdebug.model.place import Packet

ODD: list[Any] = [
    (1, None, 1, b"no time", 7, 0),
    (1 << 80, 5, 1, b"a high number", 7, 0),
    (1, 5, 1 << 40, b"", 7, 1 << 90),
    (),
    ("anything",),
]


@pytest.fixture(autouse=True)
def _built() -> None:
    need_built()


def read(packets: Sequence[tuple[int, bytes, int]], link_type: int = 1, number: int = 0) -> Any:
    """A batch of them: microseconds, bytes, length on the wire."""
    assert compiled.records is not None
    batch = compiled.records.Batch()
    buffer = b"".join(
        struct.pack("<4I", *divmod(time, 1_000_000), len(data), wire) + data
        for time, data, wire in packets
    )
    end, last = compiled.records.pcap(
        buffer, batch, link_type, False, number, 1 << 48, 16, 1_000, 1 << 18
    )
    assert (end, last) == (len(buffer), number + len(packets))
    return batch


def made(rng: random.Random, most: int) -> tuple[list[Packet], Any]:
    """A list, and a batch of the same: rows, and what was appended behind."""
    link, number = rng.choice([0, 1, 276, (1 << 31) - 1, -5]), rng.choice([0, 1 << 40])
    rows = [
        (rng.randrange(1 << 40), rng.randbytes(rng.randrange(1, 90)), rng.randrange(1 << 32))
        for _ in range(rng.randrange(most))
    ]
    found, place = [], 1 << 48
    for index, (time, data, wire) in enumerate(rows, number + 1):
        found.append((index, time * 1_000, link, data, wire, place))
        place += 16 + len(data)
    batch = read(rows, link, number)
    for odd in rng.sample(ODD, rng.randrange(len(ODD))):
        batch.append(odd)
        found.append(odd)
    return found, batch


@pytest.mark.parametrize("seed", range(30))
def test_it_is_the_same_sequence(seed: int) -> None:
    rng = random.Random(seed)
    packets, batch = made(rng, rng.choice([2, 60, 66, 400]))
    assert list(batch) == packets
    assert [list(map(type, one)) for one in batch] == [list(map(type, one)) for one in packets]
    assert len(batch) == len(packets)
    assert bool(batch) == bool(packets)
    assert list(reversed(batch)) == packets[::-1]
    for _ in range(50):
        at = rng.randrange(-3 - len(packets), 3 + len(packets))
        where = slice(*(rng.choice([None, 0, rng.randrange(-99, 99)]) for _ in range(2)),
                      rng.choice([None, 1, 2, -1, -3]))  # fmt: skip
        assert batch[where] == packets[where]
        if -len(packets) <= at < len(packets):
            assert batch[at] == packets[at]
        else:
            with pytest.raises(IndexError):
                batch[at]


def test_what_it_refuses() -> None:
    batch = read([(1, b"x", 1)])
    for wrong in ([1, 2, 3, b"", 5, 6], None, b"x"):
        with pytest.raises(TypeError):
            batch.append(wrong)
    for wrong in ("0", None, 1.0, (0,)):
        with pytest.raises(TypeError):
            batch[wrong]
    with pytest.raises(IndexError):
        batch[1 << 70]
    with pytest.raises(ValueError, match="zero"):
        batch[::0]
    with pytest.raises(TypeError):
        type(batch)(batch)


def test_rows_of_another_buffer_are_left_to_python() -> None:
    """Its rows would point into the first one."""
    assert compiled.records is not None
    batch = read([(1, b"x", 1)])
    other = struct.pack("<4I", 1, 2, 1, 1) + b"y"
    assert compiled.records.pcap(other, batch, 1, False, 1, 0, 16, 1, 99) == (0, 1)
    assert len(batch) == 1


def test_its_bytes_outlive_the_buffer() -> None:
    batch = read([(1, b"x" * 90, 1)])
    packet = batch[0]
    del batch
    assert packet[3] == b"x" * 90


# ---- and connections that wait -------------------------------------------------------------------
def told(packets: Sequence[Packet]) -> Any:
    transport = consumed(packets)
    waiting = transport._table.parked
    parked = sorted((key, half.whole.packets) for key, half in waiting.items())
    return transport.now, transport.number, transport.tcp_connections, transport.skipped, parked


@pytest.mark.parametrize("seed", range(30))
def test_packets_wait_from_a_batch_as_from_a_list(seed: int) -> None:
    rng = random.Random(seed)
    plain: list[tuple[int, bytes, int]] = []
    for port in range(1, rng.randrange(2, 30)):
        first = syn(1, None, port)
        both = [first, swapped(first, 2)]
        plain += [(rng.randrange(50), one[3], 54) for one in both[: rng.choice([1, 2, 2])]]
        if rng.random() < 0.3:
            plain.append((rng.randrange(99), rng.randbytes(rng.randrange(1, 80)), 99))
    batch = read(plain)
    for odd in rng.sample([(9, None, 1, b"", 0, 0), syn(99, 1 << 80, 7), syn(98, None, 400),
                           (*syn(97, 5, 401)[:4], 54, 1 << 90)], rng.randrange(5)):  # fmt: skip
        batch.append(odd)
    expected = told(list(batch))
    assert told(batch) == expected
    assert expected[4]
    assert told(tuple(batch)) == expected


def _numbers(seq: int, ack: int) -> bytes:
    return seq.to_bytes(4) + ack.to_bytes(4) + b"\x50\x10"


def test_plain_packets_of_those_that_wait_never_reach_python() -> None:
    """It would do as well by them, but slowly."""
    packets = []
    for port in random.Random(1).sample(range(1, 99), 39):
        client = syn(1, None, port)[3]
        server = swapped(syn(1, None, port), 2)[3]
        server = server[:38] + (500).to_bytes(4) + server[42:]
        packets += [client, server]
        for _ in range(2):
            packets.append(client[:38] + _numbers(1, 501) + client[48:])
            packets.append(server[:38] + _numbers(501, 1) + server[48:])
    transport = consumed([])
    assert transport._lot is not None
    assert list(transport._lot.sift(read([(5, one, 54) for one in packets]))) == []
    waiting = {half.whole.index: half.whole for half in transport._table.parked.values()}
    assert [len(one.packets) for one in waiting.values()] == [6] * 39
