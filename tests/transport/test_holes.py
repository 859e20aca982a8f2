"""When a hole is a gap of the capture, when it is loss, and when it is nothing yet."""

import pytest

from tests.transport.playbook import Play
from wsdebug.model.limits import Limits


@pytest.fixture
def play():
    return Play().handshake()


def with_hole(play):
    """Ten bytes captured, ten not, ten captured."""
    play.client.says(b"a" * 10).says(b"b" * 10, captured=False).says(b"c" * 10)
    return play


@pytest.mark.parametrize(("packets", "filling"), [(62, b"B" * 10), (63, b"?" * 10)])
def test_acknowledged_hole_is_a_gap_at_the_64th_packet(play, packets, filling):
    with_hole(play).server.acks()
    play.noise(packets)
    play.client.repeats(10, b"B" * 10)
    outcome = play.run()
    assert outcome.client() == b"a" * 10 + filling + b"c" * 10


def test_gap_is_among_the_facts_of_its_half(play):
    with_hole(play).server.acks()
    outcome = play.run()
    assert outcome.gaps() == [("client", 10, 10, "acknowledged")]
    (gap,) = outcome.half("client").gaps
    assert (gap.offset, gap.length, gap.packet) == (10, 10, 5)


def test_acknowledged_hole_is_a_gap_after_50_ms(play):
    with_hole(play).server.acks()
    play.waits(49.8)
    play.client.repeats(10, b"B" * 10)
    assert play.run().gaps() == []

    play = with_hole(Play().handshake())
    play.server.acks()
    play.waits(50)
    play.client.repeats(10, b"B" * 10)
    assert play.run().gaps() == [("client", 10, 10, "acknowledged")]


def test_hole_that_no_acknowledgement_passes_is_loss(play):
    play.client.says(b"a" * 10)
    play.server.acks()
    play.client.says(b"b" * 10, captured=False).says(b"c" * 10)
    play.server.sends()
    play.waits(5_000).noise(100)
    outcome = play.run()
    assert outcome.gaps() == []
    assert outcome.client() == b"a" * 10
    assert outcome.half("client").unacknowledged_hole == (10, 10)
    assert outcome.counts()["not-acknowledged"] == 1


def test_acknowledgement_inside_the_hole_proves_nothing(play):
    with_hole(play)
    play.server.sends(ack=play.client.isn + 1 + 15)
    play.waits(1_000)
    assert play.run().gaps() == []


def test_sack_over_the_hole_proves_it(play):
    play.client.says(b"a" * 10)
    first = play.client.isn + 1
    play.client.says(b"b" * 10, captured=False).says(b"c" * 10)
    play.server.sends(ack=first, options=[("SAck", (first + 5, first + 30))])
    play.waits(60).noise(1)
    assert play.run().gaps() == [("client", 10, 10, "acknowledged")]


def test_sack_behind_the_hole_says_that_it_is_loss(play):
    with_hole(play)
    first = play.client.isn + 1
    play.server.sends(ack=first + 10, options=[("SAck", (first + 20, first + 30))])
    play.waits(60).noise(1)
    assert play.run().gaps() == []


def test_acknowledged_bytes_with_nothing_behind_them(play):
    play.client.says(b"a" * 10).says(b"b" * 10, captured=False)
    play.server.acks()
    assert play.run().gaps() == [("client", 10, 10, "acknowledged")]


def test_one_acknowledged_byte_may_be_a_fin_that_is_not_captured(play):
    play.client.says(b"a" * 10).ends(captured=False)
    play.server.acks()
    play.waits(1_000).noise(70)
    outcome = play.run()
    assert outcome.gaps() == []
    assert outcome.half("client").acked == 11


def test_one_direction_waits_for_64_packets_and_a_second():
    def one_way():
        play = Play()
        play.client.sends("S")
        play.client.heard = 5_001
        return with_hole(play)

    for milliseconds, packets, gap in ((990, 70, False), (1_010, 0, False), (1_010, 70, True)):
        play = one_way()
        play.noise(packets).waits(milliseconds)
        play.client.repeats(10, b"B" * 10)
        gaps = [("client", 10, 10, "one-direction")] if gap else []
        assert play.run().gaps() == gaps, (milliseconds, packets)


def test_one_direction_at_the_end_of_the_capture():
    play = Play()
    play.client.sends("S")
    outcome = with_hole(play).run()
    assert outcome.gaps() == [("client", 10, 10, "one-direction")]
    assert outcome.client() == b"a" * 10 + b"?" * 10 + b"c" * 10


def test_snap_length_is_a_gap_unless_the_bytes_come_again(play):
    play.client.says(b"a" * 10, cut=4)
    play.client.says(b"b" * 10)
    play.server.acks()
    outcome = play.run()
    assert outcome.gaps() == [("client", 6, 4, "snap-length")]
    assert outcome.client() == b"aaaaaa????" + b"b" * 10
    assert outcome.counts()["snap-length"] == 1

    play.client.repeats(0, b"a" * 10)
    outcome = play.run()
    assert outcome.gaps() == []
    assert outcome.client() == b"a" * 10 + b"b" * 10


def test_snap_length_in_every_packet(play):
    for _ in range(100):
        play.client.says(b"x" * 40, cut=30)
        play.server.acks()
    outcome = play.run()
    assert outcome.client() == (b"x" * 10 + b"?" * 30) * 100
    assert len(outcome.gaps()) == 100


def test_packet_cut_inside_the_tcp_options_still_moves_the_stream(play):
    play.client.says(b"a" * 10, cut=10)
    play.client.says(b"b" * 10)
    play.server.acks()
    assert play.run().gaps() == [("client", 0, 10, "snap-length")]


def test_hole_before_a_packet_cut_to_nothing_is_not_the_snap_lengths(play):
    play.client.says(b"a" * 10).says(b"b" * 10, captured=False).says(b"c" * 10, cut=10)
    play.waits(100).noise(70)
    play.client.repeats(10, b"b" * 10)
    assert play.run().gaps() == [("client", 20, 10, "snap-length")]


def test_more_than_the_buffer_holds_is_given_up():
    limits = Limits(flow_buffer=4_000)
    play = Play().handshake()
    play.client.says(b"a" * 10).says(b"b" * 10, captured=False)
    for _ in range(6):
        play.client.says(b"c" * 600)
    outcome = play.run(limits=limits)
    assert outcome.gaps() == [("client", 10, 10, "buffer-limit")]
    assert outcome.transport.limits == {"flow-buffer": 1}
    assert outcome.flows[0].limits_hit == {"flow-buffer"}
    assert len(outcome.client()) == 20 + 3_600


def test_more_than_all_buffers_hold_is_given_up():
    limits = Limits(total_buffer=3_000)
    packets = []
    for port in (40_001, 40_002):
        play = with_hole(Play(port=port).handshake())
        play.client.says(b"d" * 1_000)
        packets += play.packets
    packets = [(number, *packet[1:]) for number, packet in enumerate(packets, 1)]
    outcome = Play.run(type("P", (), {"packets": packets}), limits=limits)
    assert outcome.transport.limits == {"total-buffer": 1}
    assert outcome.gaps(0) == []
    assert outcome.gaps(1) == [("client", 10, 10, "buffer-limit")]


def test_tiny_pieces_count_with_what_they_cost():
    play = Play().handshake()
    for offset in range(1, 200, 2):
        play.client.repeats(offset, b"x")
    outcome = play.run(limits=Limits(flow_buffer=10_000))
    assert outcome.transport.limits["flow-buffer"] > 0


def test_retransmission_after_the_gap_is_not_fed(play):
    with_hole(play).server.acks()
    play.waits(100).noise(1)
    play.client.repeats(10, b"B" * 10)
    outcome = play.run()
    assert outcome.client() == b"a" * 10 + b"?" * 10 + b"c" * 10
    assert outcome.half("client").bytes == 20


def test_two_holes_are_two_gaps(play):
    play.client.says(b"a")
    for word in (b"bb", b"dd"):
        play.client.says(word, captured=False).says(b"c")
    play.server.acks()
    assert play.run().gaps() == [("client", 1, 2, "acknowledged"), ("client", 4, 2, "acknowledged")]


def test_gap_may_be_the_first_thing_of_a_stream(play):
    play.client.says(b"aaa", captured=False).says(b"bbb")
    play.server.acks()
    outcome = play.run()
    assert outcome.gaps() == [("client", 0, 3, "acknowledged")]
    assert outcome.client() == b"???bbb"


def test_packets_without_times():
    play = with_hole(Play().handshake())
    play.server.acks()
    play.noise(70)
    play.client.says(b"d" * 10)
    play.packets = [(number, None, *rest) for number, _, *rest in play.packets]
    outcome = play.run()
    assert outcome.gaps() == [("client", 10, 10, "acknowledged")]
    assert outcome.half("client").last_data == (len(play.packets), None)
    assert outcome.flows[0].start is None
