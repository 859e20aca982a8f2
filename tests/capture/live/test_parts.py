"""The small parts: how a ring is asked for, order of several interfaces, word to the parent."""

import json
import os
import random

import pytest

from wsdebug.capture.live import (
    Counters,
    Ended,
    InterfaceCounters,
    Ring,
    opening,
    packet_ring,
    scapy_sockets,
)
from wsdebug.capture.live.interfaces import interfaces
from wsdebug.capture.live.merging import Merger, time_of
from wsdebug.capture.live.records import Order, State
from wsdebug.capture.live.ring_blocks import enhanced_packet
from wsdebug.capture.live.telling import Teller
from wsdebug.model.errors import UserError


@pytest.mark.parametrize(
    ("text", "files", "size"),
    [
        ("10x100MB", 10, 100_000_000),
        ("2x100k", 2, 100_000),
        ("3x1gb", 3, 1_000_000_000),
        (" 5x250000 ", 5, 250_000),
    ],
)
def test_a_ring_is_files_times_size(text, files, size):
    assert Ring.read(text) == Ring(files, size)


@pytest.mark.parametrize("text", ["", "10", "x", "1x100MB", "10x1", "10x100TB", "-2x1MB", "2x1MBx"])
def test_no_ring(text):
    with pytest.raises(UserError, match="no ring of files") as caught:
        Ring.read(text)
    assert "--ring 10x100MB" in caught.value.hint


def test_counters_add_up():
    lo, eth = InterfaceCounters("lo", 2, 200, 1), InterfaceCounters("eth0", 3, 900, 4)
    both = Counters((lo, eth))
    assert (both.packets, both.bytes, both.dropped) == (5, 1_100, 5)
    # One that does not tell makes the sum unknown, not smaller.
    assert Counters((lo, InterfaceCounters("eth0", 3, 900, None))).dropped is None


def packet(time, interface=0):
    return enhanced_packet(interface, time, b"", 0)


def test_interfaces_are_merged_by_time():
    merger = Merger()
    merger.add([packet(10), packet(30)])
    merger.add([packet(20, 1)])
    assert merger.round() == []  # an interface may still hand over what is older
    merger.add([packet(25, 1), packet(35, 1)])
    assert [time_of(each) for each in merger.round()] == [10, 20, 25, 30]
    assert [time_of(each) for each in merger.round()] == [35]
    assert merger.rest() == []


def test_equal_times_keep_the_order_of_an_interface():
    first, second = enhanced_packet(0, 5, b"a", 1), enhanced_packet(0, 5, b"b", 1)
    merger = Merger()
    merger.add([first, second])
    assert merger.rest() == [first, second]


@pytest.mark.parametrize("step", [-3_000_000_000, 3_000_000_000])
def test_no_packet_waits_for_a_clock_that_was_set(step):
    merger = Merger()
    merger.add([packet(10_000_000_000)])
    merger.round()
    merger.add([packet(10_000_000_000 + step)])
    first = merger.round()
    second = merger.round()
    assert len(first + second) == 2


def test_every_packet_leaves_in_the_next_round():
    chance = random.Random(8)
    merger, waiting = Merger(), []
    for _ in range(200):
        added = [packet(chance.randrange(10**12)) for _ in range(chance.randrange(4))]
        merger.add(sorted(added, key=time_of))
        left = merger.round()
        assert set(waiting) <= set(left)
        assert [time_of(each) for each in left] == sorted(time_of(each) for each in left)
        waiting = [each for each in added if each not in left]


def state(packets, ended=None):
    return State(Counters((InterfaceCounters("lo" * 500, packets),)), ("a.pcapng",), (), ended)


def test_a_parent_that_does_not_listen_costs_nothing_and_gets_the_last_word():
    reading, writing = os.pipe()
    tell = Teller(writing)
    for number in range(1_000):  # a megabyte; the pipe holds 64 KiB
        tell(state(number), is_last=False)
    read = b""
    while b'"packets":0,' not in read or not read.endswith(b"\n"):
        read += os.read(reading, 1 << 20)
    tell(state(5_000, Ended("stopped", "The capture was stopped.")), is_last=True)
    os.close(writing)
    with os.fdopen(reading, "rb") as rest:
        read += rest.read()
    told = [json.loads(line) for line in read.splitlines()]
    counts = [each["counters"]["interfaces"][0]["packets"] for each in told]
    assert counts == sorted(counts)
    assert counts[-1] == 5_000
    assert told[-1]["ended"]["why"] == "stopped"


def test_news_is_told_once():
    reading, writing = os.pipe()
    tell = Teller(writing)
    for _ in range(3):
        tell(state(1), is_last=False)
    os.close(writing)
    with os.fdopen(reading, "rb") as told:
        assert len(told.readlines()) == 1


def test_a_parent_that_is_gone_is_no_error():
    reading, writing = os.pipe()
    os.close(reading)
    tell = Teller(writing)
    tell(state(1), is_last=False)
    tell(state(2, Ended("stopped", "")), is_last=True)
    os.close(writing)


def test_interfaces_are_listed_with_what_they_are():
    found = {each.name: each for each in interfaces()}
    assert found["lo"].link_type == "ETHERNET"
    assert "127.0.0.1" in found["lo"].addresses
    assert found["any"].link_type == "LINUX_SLL2"


def test_who_is_not_root_is_told_of_sudo(monkeypatch):
    def not_permitted(_):
        raise PermissionError

    monkeypatch.setattr(opening, "_rings", not_permitted)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(UserError, match="needs root's rights") as caught:
        opening.opened(Order(("lo",), "a.pcapng", "0", "port 80; rm x"))
    assert caught.value.hint == (
        "run `sudo tcpdump -i lo -U -w - 'port 80; rm x' | wsdebug live -`,"
        " or run wsdebug live with sudo"
    )


def test_where_the_ring_is_refused_it_goes_on_through_scapy(monkeypatch):
    def refused(*_):
        raise packet_ring.RingRefusedError("Cannot allocate memory")

    monkeypatch.setattr(packet_ring, "PacketRing", refused)
    monkeypatch.setattr(scapy_sockets, "ScapySocket", lambda name, number, _: (name, number))
    found = opening.opened(Order(("lo",), "a.pcapng", "0"))
    assert found.sources == [("lo", 0)]
    assert "ring is not used (Cannot allocate memory): packets come through scapy" in found.notes[0]
