from __future__ import annotations

from tests.protocol.streams import KEY, PLAIN, QUIET, frame, kinds
from wsdebug.model.facts import PongDiffers, Unsolicited
from wsdebug.model.limits import Limits
from wsdebug.model.place import Side
from wsdebug.protocol.frames import FrameStream
from wsdebug.protocol.liveness import Liveness


class Pair:
    """Both sides of a connection; times are nanoseconds."""

    def __init__(self, limits=Limits()):  # noqa: B008
        self.liveness = Liveness(limits)
        self.streams = {
            side: FrameStream(side, PLAIN, QUIET, limits, self.liveness) for side in Side
        }
        self.facts = []

    def send(self, side, opcode, payload=b"", time=None):
        key = KEY if side is Side.CLIENT else None
        self.facts += self.streams[side].feed(frame(opcode, payload, key=key), (1, time, None))

    def ping(self, payload=b"", time=None, side=Side.SERVER):
        self.send(side, 9, payload, time)

    def pong(self, payload=b"", time=None, side=Side.CLIENT):
        self.send(side, 10, payload, time)

    def end(self):
        for side in Side:
            self.facts += self.streams[side].end("fin")
        return kinds(self.facts, PongDiffers, Unsolicited)


def test_round_trip():
    pair = Pair()
    pair.ping(b"1", 100)
    pair.pong(b"1", 350)
    assert pair.liveness.round_trips == [250]
    assert (pair.liveness.pings, pair.liveness.pongs) == (1, 1)
    assert pair.end() == []
    assert pair.liveness.waiting[Side.SERVER] == []


def test_one_pong_answers_all_before_it():
    pair = Pair()
    for time, payload in enumerate((b"1", b"2", b"3")):
        pair.ping(payload, time)
    pair.pong(b"2", 10)
    assert [beat.payload for beat in pair.liveness.waiting[Side.SERVER]] == [b"3"]
    assert pair.liveness.round_trips == [9]
    assert pair.end() == []


def test_times_decide_not_the_order_of_calls():
    pair = Pair()
    pair.pong(b"x", 500)
    pair.ping(b"x", 400)
    assert pair.liveness.round_trips == [100]
    assert pair.end() == []
    late = Pair()
    late.pong(b"x", 500)
    late.ping(b"x", 600)
    assert late.liveness.round_trips == []
    assert [type(fact) for fact in late.end()] == [Unsolicited]


def test_without_times_the_order_of_calls_decides():
    pair = Pair()
    pair.ping(b"x")
    pair.pong(b"x")
    assert pair.liveness.waiting[Side.SERVER] == []
    pair.pong(b"x")
    pair.ping(b"x")
    assert len(pair.liveness.waiting[Side.SERVER]) == 1
    assert [type(fact) for fact in pair.end()] == [Unsolicited]


def test_unsolicited_pongs_are_told_once_with_their_count():
    pair = Pair()
    for time in range(100):
        pair.pong(b"", time)
    (told,) = pair.end()
    assert isinstance(told, Unsolicited)
    assert (told.frame, told.count, told.span.offset) == (0, 100, 0)


def test_foreign_payload_while_a_ping_waits_in_vain():
    pair = Pair()
    pair.pong(b"before", 1)
    pair.ping(b"mine", 10)
    pair.pong(b"other", 20)
    unlike, unasked = sorted(pair.end(), key=lambda fact: type(fact).__name__)
    assert isinstance(unlike, PongDiffers)
    assert (unlike.payload, unlike.waited, unlike.frame) == (b"other", b"mine", 1)
    assert isinstance(unasked, Unsolicited)
    assert unasked.count == 1


def test_foreign_payload_before_the_right_one_is_only_unsolicited():
    pair = Pair()
    pair.ping(b"mine", 10)
    pair.pong(b"other", 20)
    pair.pong(b"mine", 30)
    assert [type(fact) for fact in pair.end()] == [Unsolicited]


def test_a_gap_in_the_pings_excuses_the_pongs():
    pair = Pair()
    pair.streams[Side.SERVER].gap(100)
    pair.pong(b"who asked", 5)
    assert pair.end() == []


def test_both_directions_are_apart():
    pair = Pair()
    pair.ping(b"x", 1)
    pair.ping(b"x", 2, side=Side.CLIENT)
    pair.pong(b"x", 5, side=Side.SERVER)
    assert [len(pair.liveness.waiting[side]) for side in Side] == [0, 1]


def test_waiting_pings_are_bounded_and_the_first_is_kept():
    pair = Pair(Limits(pings=4))
    for number in range(50):
        pair.ping(b"%d" % number, number)
    waiting = pair.liveness.waiting[Side.SERVER]
    assert [beat.payload for beat in waiting] == [b"0", b"47", b"48", b"49"]


def test_round_trips_are_bounded():
    pair = Pair()
    for number in range(5_000):
        pair.ping(b"", number)
        pair.pong(b"", number + 7)
    assert len(pair.liveness.round_trips) == 4_096
    assert pair.liveness.pongs == 5_000


def test_close_is_known_to_both_sides():
    pair = Pair()
    pair.send(Side.SERVER, 8, b"\x03\xe8")
    assert pair.liveness.closed == {Side.SERVER}
