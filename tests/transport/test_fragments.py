"""IP packets in parts: what becomes whole, what is refused, and what is let go."""

import random
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scapy.layers.l2 import Ether

from tests.transport.playbook import ETHERNET, MS, Play, run
from tests.whole.wrapping import fragments
from wsdebug.model.limits import Limits


def split(play, size=400, order=list, keep=None):
    """The last packet of the play again, in fragments."""
    _, now, _, data, _, _ = play.packets.pop()
    kind = 0x86DD if data[12] == 0x86 else 0x0800
    pieces = order(fragments(data[14:], size))
    for at, piece in enumerate(pieces):
        if keep is None or at in keep:
            play.now = now + at
            play.add(bytes(Ether(**ETHERNET, type=kind)) + piece)
    play.now = now + MS
    return play


def spoken(ipv6=False, size=1_000, **options):
    play = Play(ipv6=ipv6).handshake()
    play.client.says(bytes(at % 251 for at in range(size)))
    return split(play, **options)


@pytest.mark.parametrize("ipv6", [False, True], ids=["ipv4", "ipv6"])
@pytest.mark.parametrize("seed", range(5))
def test_any_order_gives_the_packet(ipv6, seed):
    dice = random.Random(seed)

    def shuffled(pieces):
        pieces = [*pieces, dice.choice(pieces)]
        return dice.sample(pieces, len(pieces))

    play = spoken(ipv6, order=shuffled, size=3_000)
    play.server.acks()
    play.client.says(b"and on")
    outcome = play.run()
    assert outcome.client() == bytes(at % 251 for at in range(3_000)) + b"and on"
    assert outcome.transport.skipped == {}
    assert outcome.counts().get("retransmission", 0) == 0


def test_the_packet_is_the_one_that_made_it_whole():
    play = spoken(size=1_000, order=lambda pieces: pieces[::-1])
    mark = play.run().marks[0]
    assert mark[1] == play.packets[-1][0] == 6


@pytest.mark.parametrize("ipv6", [False, True], ids=["ipv4", "ipv6"])
def test_a_part_that_was_not_captured_is_a_gap_and_its_others_are_named(ipv6):
    play = spoken(ipv6, keep={0, 2})
    play.server.acks()
    play.waits(100).client.says(b"behind")
    play.server.acks()
    outcome = play.noise(100).run()
    assert outcome.gaps() == [("client", 0, 1_000, "acknowledged")]
    assert outcome.client()[1_000:] == b"behind"
    name = "IPv6 fragment" if ipv6 else "IPv4 fragment"
    assert outcome.transport.skipped == {name: 2, "ARP": 100}


def test_all_parts_captured_twice_are_one_packet():
    play = spoken(order=lambda pieces: pieces * 2)
    outcome = play.run()
    assert len(outcome.client()) == 1_000
    assert outcome.counts()["retransmission"] == 0
    assert outcome.transport.skipped == {}


def test_a_retransmission_in_fragments_is_one():
    play = spoken()
    play.waits(300).client.repeats(0, bytes(at % 251 for at in range(1_000)))
    outcome = split(play).run()
    assert outcome.counts()["retransmission"] == 1


@pytest.mark.parametrize("ipv6", [False, True], ids=["ipv4", "ipv6"])
def test_parts_that_differ_are_refused_and_said(ipv6):
    def forged(pieces):
        other = bytearray(pieces[1])
        other[-5] ^= 1
        return [pieces[0], pieces[1], bytes(other), pieces[2]]

    play = spoken(ipv6, order=forged)
    outcome = play.run()
    name = f"IPv{6 if ipv6 else 4} fragment that contradicts another"
    assert outcome.transport.skipped == {name: 4}
    assert outcome.transport.contradicting_fragments == (1, 6)
    assert outcome.streams == {}


def test_two_ends_contradict_each_other():
    def cut(pieces):
        last = pieces[-1]
        shorter = last[:2] + (len(last) - 8).to_bytes(2, "big") + last[4:-8]
        return [pieces[-1], shorter, *pieces[:-1]]

    assert spoken(order=cut).run().transport.contradicting_fragments[0] == 1


def test_an_identification_used_again_later_is_another_packet():
    play = spoken(keep={0})
    play.waits(6_000)
    play.client.ip_id -= 1
    play.client.repeats(0, b"x" * 1_000)
    outcome = split(play).run()
    assert outcome.client() == b"x" * 1_000
    assert outcome.transport.skipped == {"IPv4 fragment": 1}


def test_a_part_cut_by_the_snap_length_ends_what_is_known():
    play = spoken(size=1_000)
    number, now, linktype, data, wire, place = play.packets[-2]
    play.packets[-2] = (number, now, linktype, data[:-100], wire, place)
    outcome = play.run()
    # 20 bytes of TCP header, 400 a fragment: the second has lost its last 100.
    assert outcome.gaps() == [("client", 680, 320, "snap-length")]


@pytest.mark.parametrize(
    ("at", "more", "size"),
    [(0, True, 7), (65_528, True, 16), (65_528, False, 16), (8, True, 0)],
    ids=["not eight", "beyond the end", "last beyond the end", "empty"],
)
def test_no_part_of_any_packet(at, more, size):
    place = at // 8 | more << 13
    head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + size, 1, place, 64, 6, 0) + bytes(8)
    packet = (1, 1, 101, head + bytes(size), 20 + size, 1)
    assert run([packet]).transport.skipped == {"IPv4 fragment": 1}


def test_the_largest_packet_there_is():
    play = Play().handshake()
    play.client.says(b"x" * 65_495)
    outcome = split(play, size=1_480).run()
    assert len(outcome.client()) == 65_495


def first_parts(count, size):
    """The first halves of many packets."""
    for number in range(count):
        source, ip_id = divmod(number, 65_536)
        head = struct.pack("!BBHHHBBHII", 0x45, 0, 20 + size, ip_id, 0x2000, 64, 6, 0, source, 9)
        yield (number + 1, number, 101, head + bytes(size), 20 + size, number + 1)


def test_memory_of_what_waits_has_a_limit():
    outcome = run(list(first_parts(500, 800)), limits=Limits(fragments=100_000))
    held = outcome.transport._unwrapper.fragments
    assert held._held == 0 == len(held._gathering)
    assert outcome.transport.skipped == {"IPv4 fragment": 500}
    given_up = outcome.transport.limits["fragments"]
    assert 500 - 100_000 // 800 <= given_up < 500
    assert run(list(first_parts(500, 800))).transport.limits == {}


def test_many_small_parts_reach_the_limit_too():
    outcome = run(list(first_parts(2_000, 8)), limits=Limits(fragments=100_000))
    assert outcome.transport.limits["fragments"] >= 1_800


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 12), st.integers(0, 4), st.booleans(), st.binary(max_size=1)),
        max_size=25,
    )
)
def test_any_parts_in_any_order(parts):
    packets = []
    for number, (at, units, more, odd) in enumerate(parts, 1):
        data = bytes(units * 8) + odd
        head = struct.pack(
            "!BBHHHBBH", 0x45, 0, 20 + len(data), 1, at | more << 13, 64, 17, 0
        ) + bytes(8)
        packets.append((number, number, 101, head + data, 20 + len(data), number))
    transport = run(packets).transport
    fragments_ = transport._unwrapper.fragments
    assert fragments_._held == 0
    assert sum(transport.skipped.values()) <= len(packets)
    assert transport.tcp_connections == 0
