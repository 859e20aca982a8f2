"""What transport tells besides the bytes (CATALOGUE, TC)."""

import pytest

from tests.transport.playbook import MS, Play
from wsdebug.model.limits import Limits
from wsdebug.model.place import Side
from wsdebug.model.tcp import EventKind
from wsdebug.transport import Transport


@pytest.fixture
def play():
    return Play().handshake()


def test_fin_from_both_sides(play):
    play.client.says(b"abc").ends()
    play.server.acks().ends()
    play.client.acks()
    outcome = play.run()
    assert outcome.tells("end") == [("client", "fin"), ("server", "fin")]
    client = outcome.half("client")
    assert (client.fin[0], client.fin_offset, client.fin_acked[0]) == (5, 3, 6)
    assert client.acked == 3
    kinds = [(event.kind.value, event.side, event.packet) for event in outcome.flows[0].events]
    assert kinds == [
        ("syn", Side.CLIENT, 1),
        ("syn", Side.SERVER, 2),
        ("fin", Side.CLIENT, 5),
        ("fin", Side.SERVER, 7),
    ]


def test_fin_behind_a_hole_is_told_when_its_turn_comes(play):
    play.client.says(b"a").says(b"b", captured=False).ends()
    play.client.repeats(1, b"b").says(b"")
    play.server.acks()
    outcome = play.run()
    assert outcome.client() == b"ab"
    assert outcome.tells("end") == [("client", "fin")]
    assert outcome.gaps() == []


def test_gap_before_a_fin(play):
    play.client.says(b"a").says(b"bcd", captured=False).ends()
    play.server.acks()
    outcome = play.run()
    assert [line[1] for line in outcome.told] == ["gap", "end", "close"]
    assert outcome.gaps() == [("client", 1, 3, "acknowledged")]


def test_fin_captured_behind_its_acknowledgement(play):
    play.client.says(b"abc").ends(captured=False)
    play.server.acks()
    play.client.sends("FA", seq=play.client.seq - 1)
    outcome = play.run()
    client = outcome.half("client")
    assert (client.acked, client.fin_offset, client.fin_acked[0]) == (3, 3, 6)
    assert outcome.gaps() == []


def test_fin_before_bytes_that_were_seen_is_none(play):
    play.client.says(b"abc")
    play.client.repeats(1, b"", flags="FA").says(b"def")
    outcome = play.run()
    assert outcome.client() == b"abcdef"
    assert outcome.half("client").fin is None


def test_side_that_ended_before_the_first_byte():
    play = Play()
    play.server.heard = play.client.seq
    play.server.ends()
    play.client.heard = play.server.seq
    play.client.says(b"abc")
    assert [line[1:] for line in play.run(batch=1).told] == [("end", "server", "fin"), ("close",)]


def test_half_close(play):
    play.client.says(b"abc").ends()
    play.server.acks().says(b"more").says(b"still")
    outcome = play.run()
    assert outcome.server() == b"morestill"
    assert outcome.counts()["half-close"] == 1


def test_fin_without_half_close(play):
    play.server.says(b"bye")
    play.client.acks().ends()
    play.server.acks().ends()
    assert play.run().counts()["half-close"] == 0


def test_reset_with_the_ttl_of_its_sender_and_its_own(play):
    play.server.says(b"abc", ttl=57)
    play.server.resets(ttl=250, ip_id=0xBEEF)
    outcome = play.run()
    server = outcome.half("server")
    assert outcome.tells("end") == [("server", "rst")]
    assert (server.rst[0], server.rst_ttl, server.rst_ip_id, server.ttl) == (5, 250, 0xBEEF, 57)


def test_sender_that_goes_on_after_its_reset(play):
    play.server.says(b"abc").resets().says(b"def")
    outcome = play.run()
    assert outcome.server() == b"abc"
    assert outcome.counts()["after-end"] == 1
    assert outcome.half("server").last_data[0] == 6


def test_reset_behind_a_hole_ends_the_stream_at_last(play):
    play.server.says(b"abc").says(b"def", captured=False).says(b"ghi").resets()
    outcome = play.run()
    assert outcome.server() == b"abc"
    assert [line[1] for line in outcome.told] == ["end", "close"]


@pytest.mark.parametrize("garbage", [b"", b"\0"])
def test_keep_alive_never_enters_the_stream(play, garbage):
    play.client.says(b"abc")
    play.server.acks()
    play.waits(1_000)
    play.client.repeats(2, garbage, flags="A")
    play.server.acks()
    play.client.says(b"def")
    outcome = play.run()
    assert outcome.client() == b"abcdef"
    assert outcome.counts()["keep-alive"] == 1
    assert outcome.half("client").retransmissions == 0
    assert outcome.tells("overlap") == []


def test_zero_window(play):
    play.client.says(b"abc")
    play.server.acks(window=0)
    shut = play.packets[-1][1]
    play.waits(300)
    play.client.repeats(0, b"abc")
    play.waits(300)
    play.server.acks()
    opened = play.packets[-1][1]
    play.server.acks(window=0)
    outcome = play.run()
    assert outcome.half("server").zero_windows == [(shut, opened), (play.packets[-1][1], None)]
    counts = outcome.counts()
    assert (counts["zero-window"], counts["window-open"], counts["window-probe"]) == (2, 1, 1)
    assert outcome.half("client").retransmissions == 0


def test_reset_announces_no_zero_window(play):
    play.client.says(b"a")
    play.server.resets(window=0)
    assert play.run().half("server").zero_windows == ()


def climb(play, intervals, data=b"ping!!"):
    play.client.says(data)
    for interval in intervals:
        play.waits(interval)
        play.client.repeats(play.client.seq - play.client.isn - 1 - len(data), data)
    return play


def test_ladder(play):
    play.client.says(b"hello")
    play.server.acks()
    outcome = climb(play, [200, 400, 800, 1_600]).run()
    (ladder,) = outcome.half("client").ladders
    assert (ladder.what, ladder.offset, ladder.length, ladder.sends) == ("data", 5, 6, 5)
    assert (ladder.first_packet, ladder.last_packet) == (6, 10)
    assert ladder.acknowledged is False
    assert outcome.counts()["ladder"] == 1
    assert outcome.half("client").retransmissions == 4


@pytest.mark.parametrize("intervals", [[200, 400], [200, 200, 200, 200]])
def test_no_ladder(play, intervals):
    assert climb(play, intervals).run().half("client").ladders == ()


@pytest.mark.parametrize("answer", [lambda s: s.says(b"new"), lambda s: s.ends()])
def test_no_ladder_while_the_other_side_talks(play, answer):
    climb(play, [200, 400])
    answer(play.server)
    play.waits(800)
    play.client.repeats(0, b"ping!!")
    assert play.run().half("client").ladders == ()


def test_ladder_whose_acknowledgements_never_arrive(play):
    play.client.says(b"ping!!")
    for interval in (200, 400, 800):
        play.server.acks()
        play.waits(interval)
        play.client.repeats(0, b"ping!!")
    (ladder,) = play.run().half("client").ladders
    assert ladder.acknowledged is True


def test_ladder_of_a_fin(play):
    play.client.says(b"abc").ends()
    for interval in (200, 400, 800):
        play.waits(interval)
        play.client.sends("FA", seq=play.client.seq - 1)
    (ladder,) = play.run().half("client").ladders
    assert (ladder.what, ladder.offset, ladder.first_packet, ladder.sends) == ("fin", 3, 5, 4)


@pytest.mark.parametrize("batch", [1, 2, 50])
def test_packet_seen_twice_is_no_retransmission(play, batch):
    play.client.says(b"abc", ip_id=7).says(b"def", ip_id=8)
    for index in (3, 4):
        _, _, link, data, *rest = play.packets[index]
        # The copy took another hop: TTL and IP checksum differ.
        data = data[:22] + bytes([data[22] - 1]) + data[23:]
        play.packets.append((len(play.packets) + 1, play.now + 2 * MS, link, data, *rest))
    outcome = play.run(batch=batch)
    assert outcome.counts()["seen-twice"] == 2
    assert outcome.half("client").retransmissions == 0


@pytest.mark.parametrize(("ip_id", "wait"), [(8, 0), (7, 6)])
def test_packet_with_another_ip_id_or_later_is_a_retransmission(play, ip_id, wait):
    play.client.says(b"abc", ip_id=7)
    play.waits(wait)
    play.client.repeats(0, b"abc", ip_id=ip_id)
    outcome = play.run()
    assert outcome.counts()["seen-twice"] == 0
    assert outcome.half("client").retransmissions == 1


def test_syn_again_is_the_same_connection():
    play = Play()
    play.client.sends("S")
    play.waits(1_000)
    play.client.sends("S", seq=play.client.isn)
    play.server.heard = play.client.seq
    play.server.sends("SA")
    play.client.acks().says(b"abc")
    outcome = play.run()
    assert outcome.transport.tcp_connections == 1
    assert outcome.client() == b"abc"
    assert outcome.half("client").retransmissions == 1


def test_ports_used_again(play):
    play.client.says(b"abc")
    again = Play(client_isn=900_000, server_isn=800_000)
    again.packets, again.now = play.packets, play.now
    again.handshake().client.says(b"xyz")
    outcome = again.run()
    assert outcome.transport.tcp_connections == 2
    assert (outcome.client(0), outcome.client(1)) == (b"abc", b"xyz")
    assert outcome.told == [(0, "close"), (1, "close")]
    assert outcome.counts(0)["port-reuse"] == 1


@pytest.mark.parametrize("is_wanted", [True, False])
def test_same_syn_after_a_reset_is_another_connection(play, is_wanted):
    play.client.says(b"abc")
    play.server.resets()
    play.client.seq, play.server.seq = play.client.isn, play.server.isn
    play.handshake().client.says(b"xyz")
    outcome = play.run(wanted=lambda flow: is_wanted or flow.index > 0)
    assert outcome.transport.tcp_connections == 2
    assert outcome.client(1) == b"xyz"


def test_another_syn_ack_in_mid_stream_is_no_connection(play):
    play.client.says(b"abc")
    play.server.acks().says(b"xyz").sends("SA", seq=123_456)
    play.client.acks().says(b"def")
    outcome = play.run()
    assert outcome.transport.tcp_connections == 1
    assert (outcome.client(), outcome.server()) == (b"abcdef", b"xyz")


def test_ports_of_an_ignored_connection_used_again(play):
    play.client.says(b"abc").ends()
    again = Play(client_isn=900_000, server_isn=800_000)
    again.packets, again.now = play.packets, play.now
    again.handshake().client.says(b"xyz")
    outcome = again.run(wanted=lambda flow: flow.index > 0)
    assert outcome.transport.tcp_connections == 2
    assert outcome.client(1) == b"xyz"


def test_connection_is_over_5_s_after_both_fins_were_acknowledged(play):
    play.client.says(b"abc").ends()
    play.server.acks().ends()
    play.client.acks()
    play.waits(4_900)
    play.server.ends(seq=play.server.seq - 1)
    play.waits(4_900).noise(1)
    assert not closes_before_finish(play.packets)
    play.waits(200).noise(1)
    assert closes_before_finish(play.packets)


def test_connection_is_over_20_s_after_both_fins(play):
    play.client.says(b"abc").ends()
    play.server.acks().ends()
    play.waits(19_900)
    play.server.ends(seq=play.server.seq - 1)
    play.waits(19_900).noise(1)
    assert not closes_before_finish(play.packets)
    play.waits(200).noise(1)
    assert closes_before_finish(play.packets)


def closes_before_finish(packets):
    closed = []

    class Quiet:
        def gap(self, *args): ...

        overlap = end = gap

        def close(self, flow):
            closed.append(flow.index)

    def opener(flow, *_):
        flow.consumer = Quiet()
        for each in flow.halves:
            each.feed = lambda *_: None

    Transport(opener).consume(packets)
    return bool(closed)


def test_events_are_bounded_and_counted(play):
    play.client.says(b"abc")
    for _ in range(30):
        play.waits(10)
        play.client.repeats(0, b"abc")
    outcome = play.run(limits=Limits(events=5))
    flow = outcome.flows[0]
    assert sum(event.kind is EventKind.RETRANSMISSION for event in flow.events) == 5
    assert flow.event_counts[EventKind.RETRANSMISSION] == 30
    assert flow.limits_hit == {"events"}


def test_full_table_gives_up_the_least_recently_used():
    plays = [Play(port=port).handshake() for port in (1, 2, 3)]
    packets = []
    for play in plays[:2]:
        play.client.says(b"one")
        packets += play.packets
    plays[0].packets.clear()
    plays[0].client.says(b"two")
    plays[2].client.says(b"one")
    packets += plays[0].packets + plays[2].packets
    play = Play()
    play.packets = [(number, *packet[1:]) for number, packet in enumerate(packets, 1)]
    outcome = play.run(limits=Limits(flows=2))
    assert outcome.transport.limits == {"flows": 1}
    assert outcome.told[0] == (1, "close")
    assert outcome.client(0) == b"onetwo"
    assert outcome.flows[1].limits_hit == {"flows"}


@pytest.mark.parametrize("has_ended", [False, True])
def test_ack_history_keeps_the_last_advance_of_each_second(play, has_ended):
    if has_ended:  # on the slow path then
        play.server.ends()
    for wait in (0, 100, 100, 1_000, 100, 60_000):
        play.waits(wait)
        play.client.says(b"x")
        play.server.acks()
    history = play.run().half("client").ack_history
    times = [round((time - play.packets[0][1]) / MS / 1_000, 1) for time, _ in history]
    assert [acked for _, acked in history] == [3, 5, 6]
    assert times == [0.2, 1.3, 61.3]


def test_sequence_number_far_away_is_no_byte_of_the_stream(play):
    play.client.says(b"abc")
    play.client.repeats(2**30 + 10, b"zzz")
    outcome = play.run()
    assert outcome.client() == b"abc"
    assert outcome.counts()["out-of-window"] == 1
