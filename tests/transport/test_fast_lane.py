"""The loop of `demultiplexer` and the way of `assembly` must tell the same; the loop takes what is
plain, which is nearly everything.
"""

from __future__ import annotations

import tracemalloc

import pytest

from tests.transport.playbook import Play, run
from wsdebug.transport import Transport, demultiplexer
from wsdebug.transport.half import Half

HALF_FACTS = (
    "offset", "acked", "acked_time", "ack", "ack_offset", "packets", "last_number", "last_time",
    "last_mark", "ttl", "tail", "retransmissions", "missing", "ack_history",
)  # fmt: skip


def talk(**named) -> Play:
    play = Play(**named).handshake()
    for _ in range(20):
        play.client.says(b"question")
        play.server.acks().says(b"answer")
        play.client.acks()
    return play


def facts(outcome):
    flow = outcome.flows[0]
    return [[getattr(half, name) for name in HALF_FACTS] for half in (flow.first, flow.second)]


@pytest.mark.parametrize("isn", [1, 2**31 - 50, 2**32 - 50])
def test_the_fast_lane_leaves_behind_what_the_slow_one_does(isn, monkeypatch):
    packets = talk(client_isn=isn, server_isn=isn + 7).packets
    fast = run(packets)
    assert fast.client() == b"question" * 20
    monkeypatch.setattr(demultiplexer, "_IS_PLAIN", (False,) * 256)
    slow = run(packets)
    assert facts(fast) == facts(slow)
    assert (fast.marks, fast.told) == (slow.marks, slow.told)


def test_plain_packets_are_not_taken_apart(monkeypatch):
    """Counted work: the handshake goes the slow way, and nothing behind it."""
    slow = []
    way = Transport._slow

    def count(self, packet, *rest):
        slow.append(packet[0])
        way(self, packet, *rest)

    monkeypatch.setattr(Transport, "_slow", count)
    run(talk().packets)
    assert slow == [1, 2, 3]


def test_what_a_feed_returns_comes_to_the_consumer():
    play = talk()
    play.client.says(b"late", captured=False)
    play.client.says(b"early")
    play.client.repeats(160, b"late")
    taken = []

    class Consumer:
        def take(self, found):
            taken.append(found)

        def end(self, *_):
            pass

        close = end

    def opener(flow, half, _data):
        flow.set_client(half)
        flow.consumer = Consumer()
        for each in flow.halves:
            each.feed = lambda data, _mark: [data] if data[:1] in b"el" else ()

    transport = Transport(opener)
    transport.consume(play.packets)
    transport.finish()
    assert taken == [[b"late"], [b"early"]]


def test_the_history_of_acknowledgements_of_a_long_connection_is_small():
    half, start = Half(b"\x0a\0\0\1", 80), 1_790_000_000_000_000_000
    tracemalloc.start()
    for second in range(10_000):
        now = start + second * 1_000_000_000
        half.advance(1_000_000 + second, now, now)
    kept = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    history = half.ack_history
    assert 1_024 < len(history) <= 2_049
    assert history[-1] == (start + 9_999 * 1_000_000_000, 1_009_999)
    assert history == sorted(history)
    assert kept < 64 << 10, "a capture of 200 chats would keep 100 MB of pairs"
