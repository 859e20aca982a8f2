"""Whatever the network does to the segments, the streams are what the applications wrote."""

import random
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.transport.playbook import Play, run
from wsdebug.model.place import Side
from wsdebug.transport import Transport


@pytest.fixture(params=[False, True], ids=["ipv4", "ipv6"])
def play(request):
    return Play(ipv6=request.param).handshake()


def test_two_streams_in_order(play):
    play.client.says(b"GET / ")
    play.server.acks().says(b"HTTP/1.1 200")
    play.client.acks().says(b"more")
    outcome = play.run()
    assert (outcome.client(), outcome.server()) == (b"GET / more", b"HTTP/1.1 200")
    assert outcome.told == [(0, "close")]


def test_mark_says_packet_time_and_what_the_packet_acknowledges(play):
    play.client.says(b"12345")
    play.server.acks().says(b"abc")
    play.client.acks().says(b"67")
    assert [(side, number, acked) for side, number, _, acked in play.run().marks] == [
        ("client", 4, 0),
        ("server", 6, 5),
        ("client", 8, 3),
    ]


def test_half_knows_its_facts(play):
    play.client.says(b"12345")
    play.server.acks()
    half = play.run().half("client")
    assert half.side is Side.CLIENT
    assert half.address_text in {"192.0.2.1", "2001:db8::1"}
    assert (half.port, half.offset, half.bytes, half.acked, half.packets) == (40_000, 5, 5, 5, 3)
    assert half.last_data == (4, play.packets[3][1])
    assert half.last_packet[0] == 4
    assert half.ttl == 64
    assert half.syn[0] == 1


def test_reordered_segments(play):
    play.client.says(b"one").says(b"two").says(b"three")
    play.packets[3:6] = [
        (number, *play.packets[index][1:])
        for number, index in zip((4, 5, 6), (5, 3, 4), strict=True)
    ]
    outcome = play.run()
    assert outcome.client() == b"onetwothree"
    assert outcome.counts()["retransmission"] == 0
    assert outcome.counts()["out-of-order"] == 2


def test_retransmission_is_counted_and_not_fed(play):
    play.client.says(b"hello")
    play.waits(200)
    play.client.repeats(0, b"hello")
    outcome = play.run()
    assert outcome.client() == b"hello"
    assert outcome.half("client").retransmissions == 1


def test_retransmission_with_more_at_its_end(play):
    play.client.says(b"hel")
    play.waits(200)
    play.client.repeats(0, b"hello")
    assert play.run().client() == b"hello"


def test_first_bytes_win_and_the_difference_is_told(play):
    play.client.says(b"hello")
    play.waits(200)
    play.client.repeats(1, b"EL")
    outcome = play.run()
    assert outcome.client() == b"hello"
    assert outcome.tells("overlap") == [("client", 1, b"el", b"EL")]


def test_first_bytes_win_among_bytes_that_wait(play):
    play.client.says(b"x")
    play.client.repeats(4, b"EFGH").repeats(2, b"cdefgh").repeats(1, b"b")
    outcome = play.run()
    assert outcome.client() == b"xbcdEFGH"
    assert outcome.tells("overlap") == [("client", 4, b"EFGH", b"efgh")]


def test_the_first_difference_is_told(play):
    play.client.says(b"x")
    play.client.repeats(2, b"CD").repeats(6, b"gh").repeats(2, b"cdefgh")
    assert play.run().tells("overlap") == [("client", 2, b"CD", b"cd")]


def test_in_order_bytes_do_not_replace_bytes_that_waited(play):
    play.client.says(b"x")
    play.client.repeats(2, b"CD").repeats(1, b"bcde")
    outcome = play.run()
    assert outcome.client() == b"xbCDe"
    assert len(outcome.tells("overlap")) == 1


def test_sequence_numbers_wrap():
    play = Play(client_isn=2**32 - 4, server_isn=2**32 - 1).handshake()
    for word in (b"abc", b"def", b"ghi"):
        play.client.says(word)
        play.server.acks().says(word)
        play.client.acks()
    outcome = play.run()
    assert (outcome.client(), outcome.server()) == (b"abcdefghi", b"abcdefghi")
    assert outcome.half("client").acked == 9


def test_data_on_the_syn():
    play = Play()
    play.client.sends("S", b"early")
    play.server.heard = play.client.seq
    play.server.sends("SA")
    play.client.acks().says(b"late")
    assert play.run().client() == b"earlylate"


def test_capture_that_starts_in_mid_stream():
    play = Play()
    play.client.heard, play.server.heard = 5_000, 1_000
    play.client.seq = 1_000
    play.client.says(b"abc")
    play.server.acks().says(b"xyz")
    play.client.sends(data=b"old", seq=998)
    outcome = play.run()
    assert (outcome.client(), outcome.server()) == (b"abc", b"xyz")
    assert outcome.half("client").pre_stream == 2
    assert outcome.counts()["before-start"] == 1
    assert outcome.gaps() == []


def test_keep_alive_before_the_first_byte_of_a_mid_stream_capture():
    play = Play()
    play.client.heard, play.server.heard = 5_000, 1_000
    play.client.sends(seq=999)
    play.server.sends()
    play.client.seq = 1_000
    play.client.says(b"abc")
    play.server.acks()
    play.noise(70)
    outcome = play.run()
    assert outcome.client() == b"abc"
    assert outcome.gaps() == []


def test_simultaneous_open():
    play = Play()
    play.client.sends("S")
    play.server.sends("S")
    play.client.heard, play.server.heard = play.server.seq, play.client.seq
    play.client.sends("SA", seq=play.client.isn)
    play.server.sends("SA", seq=play.server.isn)
    play.client.says(b"abc")
    play.server.acks().says(b"xyz")
    outcome = play.run()
    assert outcome.transport.tcp_connections == 1
    assert (outcome.client(), outcome.server()) == (b"abc", b"xyz")


def test_opener_may_ignore():
    play = Play().handshake()
    play.client.says(b"abc")
    play.server.acks().says(b"xyz").ends()
    outcome = play.run(wanted=lambda _: False)
    assert outcome.streams == {}
    assert outcome.told == []
    assert outcome.transport.tcp_connections == 1


def test_flow_ignored_while_pieces_are_fed():
    play = Play().handshake()
    play.client.says(b"a")
    play.client.repeats(2, b"c").repeats(3, b"d").repeats(1, b"b")
    play.server.acks().says(b"never")
    flows = []

    outcome = run(play.packets[:4])
    assert outcome.client() == b"a"

    fed = []

    def opener(flow, *_):
        flows.append(flow)
        flow.consumer = outcome

        def feed(data, _mark):
            fed.append(data)
            if data == b"b":
                flow.ignore()

        for each in flow.halves:
            each.feed = feed

    transport = Transport(opener)
    transport.consume(play.packets)
    transport.finish()
    assert fed == [b"a", b"b"]


@st.composite
def conversations(draw):
    """Two streams, where to cut them, and what the network does to the segments."""
    seed = draw(st.integers(0, 2**32))
    streams = [draw(st.binary(min_size=1, max_size=60)) for _ in range(2)]
    cuts = [sorted(draw(st.sets(st.integers(1, 59), max_size=8))) for _ in range(2)]
    isns = [draw(st.sampled_from([0, 7, 2**31 - 20, 2**32 - 20, 2**32 - 1])) for _ in range(2)]
    return seed, streams, cuts, isns


@settings(max_examples=60, deadline=None)
@given(conversations())
def test_any_cut_order_repetition_and_overlap_gives_the_same_streams(conversation):
    seed, streams, cuts, isns = conversation
    dice = random.Random(seed)
    play = Play(client_isn=isns[0], server_isn=isns[1]).handshake()
    segments = []
    for speaker, stream, edges in zip((play.client, play.server), streams, cuts, strict=True):
        inside = [edge for edge in edges if edge < len(stream)]
        for start, stop in pairwise([0, *inside, len(stream)]):
            for _ in range(dice.choice([1, 1, 1, 2])):
                longer = stop + dice.choice([0, 0, 3])
                segments.append((speaker, start, stream[start:longer]))
    dice.shuffle(segments)
    for speaker, offset, data in segments:
        speaker.repeats(offset, data)
    outcome = play.run()
    assert (outcome.client(), outcome.server()) == tuple(streams)
    assert outcome.gaps() == []
    assert outcome.tells("overlap") == []


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(2, 9), min_size=3, max_size=10), st.data(), st.integers(1, 5))
def test_one_acknowledged_segment_removed_is_exactly_that_gap(sizes, data, batch):
    lost = data.draw(st.integers(0, len(sizes) - 1))
    play = Play(client_isn=data.draw(st.sampled_from([1, 2**32 - 10]))).handshake()
    stream = bytes(range(65, 65 + 26)) * 4
    offset, gap = 0, None
    for index, size in enumerate(sizes):
        if index == lost:
            gap = ("client", offset, size, "acknowledged")
        play.client.says(stream[offset : offset + size], captured=index != lost)
        offset += size
        play.server.acks()
    outcome = play.run(batch=batch)
    assert outcome.gaps() == [gap]
    wanted = bytearray(stream[:offset])
    wanted[gap[1] : gap[1] + gap[2]] = b"?" * gap[2]
    assert outcome.client() == wanted
