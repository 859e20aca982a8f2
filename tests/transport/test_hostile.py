"""Any bytes at all: no exception, nothing without a limit, no quadratic work."""

import random
import sys
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.transport.playbook import START, Play, run
from wsdebug.model.limits import Limits
from wsdebug.transport import Transport

LINKTYPES = [
    0, 1, 9, 12, 14, 50, 51, 101, 104, 105, 108, 113, 119, 127, 147, 166, 192, 204, 228, 229, 239,
    258, 276,
]  # fmt: skip
TIGHT = Limits(flows=3, flow_buffer=2_000, total_buffer=3_000, events=4)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(LINKTYPES), st.binary(max_size=120), st.integers(0, 200))
def test_any_bytes_are_skipped_by_name_or_read(linktype, data, missing):
    outcome = run([(1, 1, linktype, data, len(data) + missing, 1)])
    assert sum(outcome.transport.skipped.values()) + outcome.transport.tcp_connections == 1


@pytest.mark.parametrize("seed", range(30))
def test_any_segments_in_any_order(seed):
    dice = random.Random(seed)
    plays = [Play(port=port, client_isn=2**32 - 30, server_isn=50) for port in range(3)]
    packets = []
    for _ in range(150):
        play = dice.choice(plays)
        speaker = dice.choice([play.client, play.server])
        flags = dice.choice(["A", "PA", "PA", "PA", "S", "SA", "FA", "RA", "F", "", "SFRPA"])
        data = dice.randbytes(dice.choice([0, 0, 1, 5, 40]))
        seq = speaker.isn + dice.choice([0, 1, 2, 7, 30, 60, 2**31, -9])
        speaker.sends(
            flags,
            data,
            seq=seq,
            ack=speaker.peer.isn + dice.choice([0, 1, 5, 40, 90, -3, 2**31]),
            window=dice.choice([0, 500, 500]),
            cut=dice.choice([0, 0, 0, min(len(data), 3)]),
            ttl=dice.choice([64, 200]),
        )
        packets.append(play.packets.pop())
    packets = [
        (number, START + number * dice.choice([1, 10**6, 10**9]), *packet[2:])
        for number, packet in enumerate(packets, 1)
    ]
    outcome = run(packets, limits=dice.choice([TIGHT, Limits()]))
    for (index, side), stream in outcome.streams.items():
        half = outcome.half(side.value, index)
        assert len(stream) == half.offset
        assert half.waiting is None
    assert outcome.transport._assembly.holes.held == 0
    # Every batch size tells the same story.
    again = run(packets, batch=1_000)
    assert again.told == run(packets, batch=1).told


class Nobody:
    def gap(self, *args): ...

    overlap = end = close = gap


def wants(flow, *_):
    flow.consumer = Nobody()
    for each in flow.halves:
        each.feed = lambda *_: None


def out_of_order(count):
    """Every other segment, then the others: all of them wait, then are released one by one."""
    play = Play().handshake()
    template = play.client.repeats(0, b"x").play.packets.pop()[3]
    play.packets.append((4, 4, 1, segment(template, 0), 55, 4))
    offsets = [*range(2, count, 2), *range(count - 1, 0, -2)]
    for number, offset in enumerate(offsets, 5):
        play.packets.append((number, number, 1, segment(template, offset), 55, number))
    return play.packets


def segment(template, offset):
    return template[:38] + (1_001 + offset).to_bytes(4, "big") + template[42:]


def seconds(packets, limits):
    best = 1e9
    for _ in range(3):
        transport = Transport(wants, limits)
        begun = time.process_time()
        transport.consume(packets)
        transport.finish()
        best = min(best, time.process_time() - begun)
    return best


def test_twice_the_disorder_costs_about_twice():
    limits = Limits(flow_buffer=1 << 30, total_buffer=1 << 30)
    small, large = (seconds(out_of_order(count), limits) for count in (4_000, 16_000))
    assert large < 4 * small * 3


def test_ignored_connection_costs_a_few_hundred_bytes():
    play = Play().handshake()
    play.client.says(b"x")
    transport = Transport(lambda flow, *_: flow.ignore())
    transport.consume(play.packets)
    (key, stub), _ = transport._table.stubs.items()
    assert transport._table.live == {}
    assert 2 * sys.getsizeof(key) + sys.getsizeof(stub) < 300


def test_live_connection_keeps_no_bytes_of_its_past():
    play = Play().handshake()
    half = None

    def opener(flow, opening, _):
        nonlocal half
        wants(flow)
        half = opening

    for _ in range(50):
        play.client.says(b"x" * 5_000)
        play.server.acks()
    Transport(opener).consume(play.packets)
    assert half.waiting is None
    assert len(half.tail) <= 2_048


def test_a_stream_of_holes_sets_one_alarm_of_each_kind():
    play = Play().handshake()
    for _ in range(60):
        play.client.says(b"x" * 10, captured=False)
        play.client.says(b"y" * 10)
        play.server.acks()
        play.now += 10**6
    transport = Transport(wants)
    transport.consume(play.packets)
    alarms = transport._assembly.alarms
    assert len(alarms._by_number) <= 1
    assert len(alarms._by_time) <= 1


def test_a_connection_reset_again_and_again_waits_once():
    play = Play().handshake()
    play.client.says(b"x")
    for _ in range(50):
        play.server.resets()
    transport = Transport(wants)
    transport.consume(play.packets)
    assert len(transport._assembly.alarms._by_time) == 1


def test_a_packet_of_nothing_but_vlan_tags_is_named():
    outcome = run([(1, 1, 1, b"\2" * 12 + b"\x81\0\0\1" * 10_000, 40_012, 1)])
    assert outcome.transport.skipped == {"too many VLAN tags": 1}
