"""The decoder up to the frames: which bytes are HTTP, which are frames, what is told and when.

Frames themselves are another's business: a recorder stands where FrameStream would be.
"""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wsdebug.model.handshake import Agreed, Deflate, EarlyFrames, Handshake
from wsdebug.model.limits import Limits
from wsdebug.model.place import NO_MARK, Side
from wsdebug.protocol import Decoder, decoder
from wsdebug.protocol.keys import Keys

C, S = Side.CLIENT, Side.SERVER
KEY = "dGhlIHNhbXBsZSBub25jZQ=="
GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
UPGRADE = (
    b"GET /chat HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
SWITCH = (
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
)
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
REFUSED = b"HTTP/1.1 401 No\r\nContent-Length: 2\r\n\r\nno"
FRAME = b"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"
ANSWER = b"\x81\x05Hello"
PROXY_V2 = b"\r\n\r\n\x00\r\nQUIT\n\x21\x11\x00\x0c" + bytes(12)


class Recorder:
    """Notes what a FrameStream is given; each side's bytes joined, gaps and ends in place."""

    def __init__(self, *given):
        self.side, self.agreed, self.watch, _limits, _liveness, self.base = given
        self.got = []
        self.marks = []
        self.offset = 0

    def feed(self, data, mark):
        self.marks.append(mark)
        if self.got and isinstance(self.got[-1], bytes):
            self.got[-1] += data
        elif data:
            self.got.append(data)
        return ()

    def gap(self, length, _mark):
        self.got.append(("gap", length))
        return ()

    def end(self, how, _mark):
        self.got.append(how)
        return ()


@pytest.fixture(autouse=True)
def _recorder(monkeypatch):
    monkeypatch.setattr(decoder, "FrameStream", Recorder)


def play(*steps, **options):
    """Feed (side, bytes | gap length | None | how[, mark]); the decoder and all facts."""
    it, facts = Decoder(**options), []
    for side, what, *mark in steps:
        method = it.feed if isinstance(what, bytes) else it.end if isinstance(what, str) else it.gap
        facts += method(side, what, *mark)
    return it, facts


def frames(it):
    """What both sides' frame streams were given."""
    return {side.value: stream.got for side, stream in it.streams.items()}


def story(it, facts):
    """Everything that must not depend on how the bytes were cut."""
    return facts, frames(it), it.base, it.result, it.is_websocket, it.handshake, it.attempts


# ---- the plain case -------------------------------------------------------------------------
def test_a_handshake_is_told_at_the_101():
    it = Decoder()
    assert it.is_websocket is None
    assert it.feed(C, UPGRADE, (1, 10, 0)) == ()
    assert (it.is_websocket, it.result) == (True, "no-response")
    facts = it.feed(S, SWITCH + ANSWER, (2, 20, len(UPGRADE)))
    assert facts == [it.handshake]
    assert it.handshake.request.packet == 1
    assert it.handshake.response.time == 20
    it.feed(C, FRAME, (3, 30, len(SWITCH)))
    assert it.result == "accepted"
    assert frames(it) == {"client": [FRAME], "server": [ANSWER]}
    assert it.base == {C: len(UPGRADE), S: len(SWITCH)}
    assert {side: stream.base for side, stream in it.streams.items()} == it.base
    assert it.streams[S].marks == [(2, 20, len(UPGRADE))]
    assert it.finish() == []
    assert frames(it) == {"client": [FRAME, "capture"], "server": [ANSWER, "capture"]}


def test_the_watch_table_is_asked_for_with_what_was_agreed():
    asked = []

    def watch(side, agreed):
        asked.append((side, agreed))
        return side.encode()

    offer = UPGRADE[:-2] + b"Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n"
    answer = SWITCH[:-2] + b"Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n"
    it, _ = play((C, offer), (S, answer), watch=watch)
    assert asked == [(C, Agreed(Deflate())), (S, Agreed(Deflate()))]
    assert it.streams[S].watch == b"server"
    assert play((C, UPGRADE), (S, SWITCH))[0].streams[C].watch is None


def test_keys_are_shared_between_connections():
    keys = Keys()
    play((C, UPGRADE), keys=keys)
    other = UPGRADE.replace(b"dGhl", b"AAAA")
    it, _ = play((C, other), (S, SWITCH), keys=keys)
    assert it.handshake.accept_of == KEY


# ---- what may come before -------------------------------------------------------------------
PROXY_V1 = b"PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n"
TUNNEL = b"CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n"
OPEN = b"HTTP/1.1 200 Connection established\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nGET\r\n0\r\n\r\n"
HEAD = b"HEAD / HTTP/1.1\r\nHost: a\r\n\r\n"
NO_BODY = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"
HINTS = b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"

PRELUDES = {
    "nothing": [],
    "PROXY v1": [(C, PROXY_V1)],
    "PROXY v2": [(C, PROXY_V2)],
    "empty lines": [(C, b"\r\n\r\n")],
    "keep-alive": [(C, GET), (S, OK), (C, GET), (S, OK)],
    "a body that looks like a request": [(C, POST), (S, OK)],
    "HEAD has a length and no body": [(C, HEAD), (S, NO_BODY)],
    "pipelined": [(C, GET + HEAD + GET), (S, OK + NO_BODY + OK)],
    "304 without a body": [(C, GET), (S, b"HTTP/1.1 304 X\r\nContent-Length: 9\r\n\r\n")],
    "401 and retry": [(C, UPGRADE), (S, REFUSED)],
    "tunnel": [(C, TUNNEL), (S, OPEN)],
    "407, then a tunnel": [
        (C, TUNNEL),
        (S, REFUSED.replace(b"401", b"407")),
        (C, TUNNEL),
        (S, OPEN),
    ],
    "tunnel, then PROXY": [(C, TUNNEL), (S, OPEN), (C, PROXY_V2)],
    "PROXY, tunnel, PROXY": [(C, PROXY_V1 + TUNNEL), (S, OPEN), (C, PROXY_V1)],
    "interim": [(C, GET), (S, HINTS + HINTS + OK)],
}
LENGTH = b"GET / HTTP/1.1\r\nUpgrade: websocket\r\nContent-Length: 4\r\n\r\nbody"


def whole(name, upgrade=UPGRADE, switch=SWITCH):
    return [*PRELUDES[name], (C, upgrade), (S, HINTS + switch + ANSWER), (C, FRAME)]


@pytest.mark.parametrize("name", PRELUDES)
@pytest.mark.parametrize("upgrade", [UPGRADE, LENGTH])
def test_frames_begin_behind_whatever_came_before(name, upgrade):
    it, facts = play(*whole(name, upgrade))
    assert facts == [it.handshake]
    assert (it.result, frames(it)) == ("accepted", {"client": [FRAME], "server": [ANSWER]})
    sent = {
        side: sum(len(data) for who, data in whole(name, upgrade) if who is side) for side in Side
    }
    assert it.base == {C: sent[C] - len(FRAME), S: sent[S] - len(ANSWER)}
    assert len(it.attempts) == (name == "401 and retry")


@settings(max_examples=120, deadline=None)
@given(st.sampled_from(sorted(PRELUDES)), st.lists(st.integers(0, 900), max_size=12), st.data())
def test_any_split_gives_the_same(name, cuts, data):
    steps = whole(name)
    if data.draw(st.booleans()):  # the server's answer, unread, in front of the client's request
        steps[-3], steps[-2] = steps[-2], steps[-3]
    expected = play(*steps, (C, "fin"), (S, "rst"))
    assert expected[0].result == "accepted"
    it, facts, at = Decoder(), [], 0
    for side, piece in steps:
        edges = sorted({0, len(piece), *(cut - at for cut in cuts if 0 < cut - at < len(piece))})
        for start, end in pairwise(edges):
            facts += it.feed(side, piece[start:end])
        at += len(piece)
    facts += it.end(C, "fin")
    facts += it.end(S, "rst")
    assert story(it, facts) == story(*expected)


@pytest.mark.parametrize("name", PRELUDES)
def test_one_byte_at_a_time_gives_the_same(name):
    steps = whole(name)
    bytes_of = [(side, data[i : i + 1]) for side, data in steps for i in range(len(data))]
    assert story(*play(*bytes_of)) == story(*play(*steps))


def test_a_101_with_a_body_header_is_followed_by_frames_all_the_same():
    for line in (b"Content-Length: 7\r\n\r\n", b"Transfer-Encoding: chunked\r\n\r\n"):
        it, _ = play((C, UPGRADE), (S, SWITCH[:-2] + line + ANSWER))
        assert frames(it) == {"client": [], "server": [ANSWER]}


# ---- order ----------------------------------------------------------------------------------
def test_the_servers_answer_waits_for_a_request_captured_late():
    it, facts = play((S, SWITCH + ANSWER, (1, 1, None)), (C, UPGRADE + FRAME, (2, 2, None)))
    assert facts == [it.handshake]
    assert it.handshake.request.packet == 2
    assert frames(it) == {"client": [FRAME], "server": [ANSWER]}
    assert it.streams[S].marks == [(1, 1, None)]


def test_frames_that_wait_keep_their_own_marks():
    marks = [(n, n, None) for n in range(5)]
    it, _ = play(
        (C, UPGRADE, marks[0]), (C, FRAME, marks[1]), (C, FRAME, marks[2]), (S, SWITCH, marks[3])
    )
    assert it.streams[C].marks == marks[1:3]


def test_what_waits_is_bounded_and_the_rest_a_gap():
    it, _ = play(
        (C, UPGRADE), *[(C, b"\x82" * 60)] * 4, (C, b"\x82" * 40), (S, SWITCH), (C, b"new"),
        limits=Limits(waiting=100),
    )  # fmt: skip
    assert frames(it)["client"] == [b"\x82" * 120, ("gap", 160), b"new"]


def test_pipelined_requests_that_wait_are_bounded():
    it, facts = play(*[(C, GET)] * 50, (C, UPGRADE), (S, SWITCH), limits=Limits(requests=5))
    assert (facts, it.result) == ([it.handshake], "accepted")
    assert len(it._exchange._pending) <= 5


# ---- early frames ---------------------------------------------------------------------------
def early(*steps):
    _, facts = play(*steps, (C, "fin", NO_MARK))
    return [(f.span.length, f.span.packet, f.acknowledged, f.needed) for f in facts
            if isinstance(f, EarlyFrames)]  # fmt: skip


N = len(SWITCH)


def test_frames_that_do_not_acknowledge_the_101_are_early():
    open_ = (C, UPGRADE, (1, 1, 0))
    assert early(open_, (C, FRAME, (2, 2, 0)), (S, SWITCH, (3, 3, 9))) == [(11, 2, 0, N)]
    # The capture shows the 101 first, the ACK tells the truth.
    assert early(open_, (S, SWITCH), (C, FRAME, (2, 2, N - 1)), (C, FRAME, (3, 3, N))) == [
        (11, 2, N - 1, N)
    ]
    assert early(open_, (S, SWITCH), (C, FRAME, (2, 2, 0)), (C, FRAME, (3, 3, 0))) == [
        (22, 2, 0, N)
    ]
    # The capture shows the frame first, but it was sent after the 101.
    assert early(open_, (C, FRAME, (2, 2, N)), (S, SWITCH)) == []
    assert early(open_, (C, FRAME, (2, 2, None)), (S, SWITCH)) == []
    assert early(open_, (S, SWITCH), (C, FRAME, (2, 2, N)), (C, FRAME, (3, 3, 0))) == []


def test_glued_to_the_request_is_early_too():
    assert early((C, UPGRADE + FRAME, (1, 1, 0)), (S, SWITCH)) == [(11, 1, 0, N)]


def test_needed_counts_from_the_start_of_the_servers_stream():
    steps = [(C, GET), (S, OK), (C, UPGRADE), (S, SWITCH), (C, FRAME, (5, 5, N))]
    assert early(*steps) == [(11, 5, N, N + len(OK))]


def test_bodies_and_further_requests_are_not_early_frames():
    assert early((C, LENGTH, (1, 1, 0)), (S, SWITCH)) == []
    assert early((C, UPGRADE + GET, (1, 1, 0)), (S, SWITCH)) == []


def test_early_frames_that_waited_are_told_with_the_101():
    _, facts = play((C, UPGRADE + FRAME, (1, 1, 0)), (S, SWITCH))
    assert [type(fact) for fact in facts] == [Handshake, EarlyFrames]


def test_without_a_known_border_nothing_is_early():
    assert early((C, UPGRADE), (S, SWITCH[:60]), (S, 9), (C, FRAME, (2, 2, 0))) == []
    assert early((C, None), (S, SWITCH), (C, FRAME, (2, 2, 0))) == []
    assert early((C, LENGTH[:-2]), (S, SWITCH), (C, b"dy", (2, 2, 0))) == []


def test_direct_is_there_once_the_first_frame_is_judged():
    it, _ = play((C, UPGRADE))
    assert it.direct(C) is None
    it.feed(S, SWITCH)
    assert it.direct(S) == it.streams[S].feed
    assert it.direct(C) is None
    it.feed(C, FRAME)
    assert it.direct(C) == it.streams[C].feed


# ---- rejected, unanswered, repeated ---------------------------------------------------------
def test_a_rejected_handshake_is_told_at_the_end():
    it, facts = play((C, UPGRADE), (S, REFUSED))
    assert (facts, it.result) == ([], "rejected")
    assert [*it.end(S), *it.end(C)] == []
    assert it.finish() == [it.handshake]
    assert it.finish() == []
    assert it.handshake.response.status == 401


def test_an_unanswered_handshake_is_told_at_the_end():
    it, facts = play((C, UPGRADE), (C, "fin"))
    assert facts == []
    assert it.finish() == [it.handshake]
    assert (it.result, it.handshake.response, it.is_websocket) == ("no-response", None, True)
    it, facts = play((C, UPGRADE), (C, "rst"))
    assert (facts, it.result) == ([], "no-response")
    assert it.finish() == [it.handshake]


@pytest.mark.parametrize("side", [C, S])
def test_of_two_requests_one_is_told_whoever_hangs_up(side):
    it, facts = play((C, UPGRADE + UPGRADE.replace(b"/chat", b"/two")), (side, "rst"))
    assert facts == []
    assert it.finish() == [it.handshake]


def test_earlier_attempts_are_kept_with_their_answers_up_to_a_limit():
    again = UPGRADE.replace(b"/chat", b"/two")
    it, _ = play((C, UPGRADE), (S, REFUSED), (C, again), (S, SWITCH))
    assert [a.response.status for a in it.attempts] == [401]
    assert it.attempts[0].request.target == "/chat"
    assert (it.handshake.request.target, it.attempts_dropped) == ("/two", 0)
    it, _ = play(*[(C, UPGRADE), (S, REFUSED)] * 5, limits=Limits(attempts=3))
    assert (len(it.attempts), it.attempts_dropped) == (3, 1)


def test_an_answer_that_is_no_http_is_kept_as_evidence():
    it, _ = play((C, UPGRADE), (S, b"\x15\x03\x01\x00\x02\x02\x46"), (S, "fin"))
    assert it.result == "no-response"
    assert it.handshake.response.start_line.startswith("\x15\x03")
    assert not it.handshake.response.complete


@pytest.mark.parametrize(
    ("how", "result"), [("fin", "no-response"), ("rst", "no-response"), ("capture", "not-captured")]
)
def test_a_101_that_is_cut_off_is_no_answer(how, result):
    it, facts = play((C, UPGRADE), (S, SWITCH[:60]), (S, how))
    assert ([*facts, *it.finish()], it.result, it.streams) == ([it.handshake], result, {})
    assert (it.handshake.response.status, it.handshake.response.complete) == (101, False)


H2C = b"HTTP/1.1 101 X\r\nUpgrade: h2c\r\n\r\n"


# ---- no WebSocket ---------------------------------------------------------------------------
@pytest.mark.parametrize(
    "steps",
    [
        [(C, b"\x16\x03\x01\x02\x00")],
        [(C, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")],
        [(S, b"SSH-2.0-x\r\n")],
        [(S, b"220 mail\r\n")],
        [(C, b"OPTIONS sip:a SIP/2.0\r\n\r\n")],
        [(C, GET), (S, b"\x15\x03\x01")],
        [(C, GET.replace(b"Host", b"Upgrade: h2c\r\nHost")), (S, H2C)],
        [(C, UPGRADE.replace(b"websocket", b"websocket, h2c")),
         (S, H2C)],
        [(C, TUNNEL), (S, OPEN), (C, b"\x16\x03\x01\x02\x00")],
        [(C, TUNNEL), (S, OPEN), (S, b"SSH-2.0-x\r\n")],
    ],
)  # fmt: skip
def test_other_protocols_are_dropped_at_once(steps):
    assert play(*steps)[0].is_websocket is False
    it, facts = play(*steps, (C, b"more"), (S, b"more"), (C, 5), (S, None), (C, "fin"), (S, "fin"))
    assert (it.is_websocket, facts, it.streams, it.finish()) == (False, [], {}, [])


def test_plain_http_is_undecided_until_it_ends_and_keeps_nothing():
    it, facts = play(*[(C, GET), (S, OK)] * 50)
    big = b"HTTP/1.1 200 OK\r\nContent-Length: 10000000\r\n\r\n"
    it.feed(C, GET)
    it.feed(S, big)
    for _ in range(50):
        it.feed(S, bytes(10_000))
    assert (it.is_websocket, facts) == (None, [])
    assert (it._exchange.server.queued, len(it._exchange._pending)) == (0, 0)
    assert (it.finish(), it.is_websocket) == ([], False)


# ---- what the capture lacks -----------------------------------------------------------------
def test_a_gap_inside_a_body_costs_nothing():
    body = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n" + bytes(30)
    it, _ = play((C, GET), (S, body), (S, 50), (S, bytes(20)), (C, UPGRADE), (S, SWITCH))
    assert it.result == "accepted"
    assert it.base[S] == len(body) + 70 + len(SWITCH)


def test_a_101_without_a_request_upgrades_when_it_names_websocket():
    for lost in (None, 500):
        it, facts = play((C, lost), (S, SWITCH + ANSWER), (C, FRAME))
        assert (facts, it.result) == ([it.handshake], "accepted")
        assert it.handshake.request is None
        assert frames(it) == {"client": [("gap", None), FRAME], "server": [ANSWER]}
    it, _ = play((C, None), (S, b"HTTP/1.1 101 X\r\nUpgrade: h2c\r\n\r\n"))
    assert it.is_websocket is False


def test_only_the_servers_direction_was_captured():
    it, facts = play((S, SWITCH + ANSWER), (S, "fin"))
    assert facts == []
    assert it.finish() == [it.handshake]
    assert frames(it) == {"client": ["capture"], "server": [ANSWER, "fin"]}
    many = [(S, bytes(1_000))] * 80
    it, facts = play((S, SWITCH), *many)
    assert facts == [it.handshake]
    assert frames(it)["server"] == [bytes(80_000)]


def test_a_request_that_a_gap_cuts_is_kept_as_far_as_it_came():
    it, _ = play((C, UPGRADE[:65]), (C, 100), (S, SWITCH + ANSWER), (C, FRAME))
    assert it.handshake.request.complete is False
    assert [f.name for f in it.handshake.request.fields] == ["Host", "Upgrade"]
    assert (it.result, frames(it)["client"]) == ("accepted", [("gap", None), FRAME])


def test_a_101_to_a_request_whose_upgrade_was_taken_away():
    it, facts = play((C, GET), (C, FRAME), (S, SWITCH), (C, FRAME))
    assert facts == [it.handshake]
    assert it.handshake.request.target == "/"
    assert (it.result, it.base[C]) == ("accepted", len(GET))
    assert frames(it)["client"] == [FRAME + FRAME]


def test_the_base_of_a_lost_side_is_where_reading_goes_on():
    bad = POST.replace(b"3\r\n", b"x\r\n")
    it, _ = play((C, bad), (C, b"more"), (S, OK + SWITCH), (C, FRAME))
    assert it.base[C] == len(bad) + 4
    assert frames(it)["client"] == [("gap", None), FRAME]


def test_the_answer_lies_in_a_gap_and_frames_follow():
    for length in (len(SWITCH), None):
        it, facts = play((C, UPGRADE), (S, length), (S, ANSWER))
        assert (facts, it.result) == ([], "not-captured")
        facts = it.feed(C, FRAME)
        assert facts == [it.handshake]
        assert it.handshake.response is None
        assert it.handshake.agreed == Agreed(known=False)
        assert it.result == "not-captured"
        assert frames(it) == {"client": [FRAME], "server": [("gap", length), ANSWER]}


def test_the_answer_lies_in_a_gap_and_only_the_server_speaks():
    it, facts = play((C, UPGRADE), (S, 100), (S, ANSWER), (S, "fin"))
    assert (facts, it.result) == ([it.handshake], "not-captured")
    assert frames(it)["server"] == [("gap", 100), ANSWER, "fin"]
    it, facts = play((C, UPGRADE), (S, 100), (S, "fin"))
    assert (it.finish(), it.result, it.streams) == ([it.handshake], "not-captured", {})


def test_the_answer_may_stand_before_the_first_byte_of_a_server_without_syn():
    it, facts = play((C, UPGRADE), (S, ANSWER), (C, FRAME), unseen=frozenset({S}))
    assert (facts, it.result) == ([it.handshake], "not-captured")
    assert frames(it) == {"client": [FRAME], "server": [("gap", None), ANSWER]}
    it, facts = play((C, UPGRADE), (S, "fin"), unseen=frozenset({S}))
    assert (facts, it.result) == ([it.handshake], "not-captured")
    it, _ = play((C, UPGRADE), (S, SWITCH), (C, FRAME), (S, ANSWER), unseen=frozenset({C, S}))
    assert it.result == "accepted"
    assert frames(it) == {"client": [FRAME], "server": [ANSWER]}


def test_the_answer_lies_in_a_gap_and_the_client_tries_again():
    it, _ = play((C, UPGRADE), (S, 100), (C, UPGRADE), (C, FRAME))
    assert len(it.attempts) == 1
    assert (it.result, frames(it)["client"]) == ("not-captured", [FRAME])


def test_a_gap_inside_the_101_leaves_what_was_agreed_unknown():
    it, facts = play((C, UPGRADE), (S, SWITCH[:60]), (S, 99), (S, ANSWER))
    assert facts == [it.handshake]
    assert it.handshake.agreed == Agreed(known=False)
    assert it.handshake.response.complete is False
    assert (it.result, frames(it)["server"]) == ("accepted", [("gap", 99), ANSWER])


def test_only_the_clients_direction_was_captured():
    it, _ = play((C, UPGRADE, (1, 1, None)), (C, FRAME, (2, 2, 200)))
    assert it.finish() == [it.handshake]
    assert (it.result, frames(it)["client"]) == ("not-captured", [FRAME, "capture"])
    # The server had sent nothing when the client's bytes left: that is a real silence.
    it, _ = play((C, UPGRADE, (1, 1, 0)), (C, FRAME, (2, 2, 0)))
    assert it.finish() == [it.handshake]
    assert (it.result, it.streams) == ("no-response", {})


def test_a_long_client_stream_is_read_on_once_it_acknowledges_what_is_missing():
    steps = [(C, UPGRADE, (1, 1, 0)), *[(C, FRAME * 10, (2, 2, 200))] * 3]
    it, facts = play(*steps, limits=Limits(waiting=150))
    assert (facts, it.result) == ([it.handshake], "not-captured")
    assert frames(it)["client"] == [FRAME * 30]


def test_many_retries_over_a_lost_server_do_not_recurse():
    it, _ = play((C, UPGRADE * 3_000), (S, None))
    assert len(it.attempts) == Limits().attempts
    assert it.result == "not-captured"


def test_a_gap_behind_the_upgrade_goes_to_the_frames():
    it, _ = play((C, UPGRADE), (S, SWITCH), (S, 7), (C, None))
    assert frames(it) == {"client": [("gap", None)], "server": [("gap", 7)]}


def test_a_lost_side_keeps_nothing():
    it, _ = play((C, GET), (S, 50), *[(S, bytes(1000))] * 20, (C, None), *[(C, bytes(1000))] * 20)
    assert (it._exchange.server.queued, it._exchange.client.queued) == (0, 0)


PIECES = st.sampled_from(
    [GET, UPGRADE, SWITCH, OK, REFUSED, OPEN, TUNNEL, POST, FRAME, ANSWER, HINTS, PROXY_V2, b"\r\n",
     b"\x00", b"G", b"HTTP", SWITCH[:50], SWITCH[50:], UPGRADE[:70], UPGRADE[70:], b"x" * 70_000]
)  # fmt: skip
HOWS = st.sampled_from(["fin", "rst", "capture"])
STEPS = st.tuples(st.sampled_from([C, S]), PIECES | HOWS | st.none() | st.integers(0, 200))


@settings(max_examples=200, deadline=None)
@given(st.lists(STEPS, max_size=14))
def test_nothing_that_happens_raises_and_the_handshake_is_told_once(steps):
    it, facts = play(*steps)
    facts = [*facts, *it.finish()]
    told = [fact for fact in facts if isinstance(fact, Handshake)]
    assert it.is_websocket in {True, False}
    assert told == ([it.handshake] if it.is_websocket else [])
    assert it.result in {"accepted", "rejected", "no-response", "not-captured"}
    assert bool(it.streams) == (it.base != {})
    assert it.finish() == []


def test_a_101_behind_a_refusal_of_the_same_request_is_none_of_the_clients():
    """Two owners of one upgrade: the first writes 404, the second 101; the client reads the 404."""
    refused = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
    it, facts = play((C, UPGRADE), (S, refused), (C, "fin"), (S, SWITCH + ANSWER), (S, "fin"))
    assert it.is_websocket
    assert it.result == "rejected"
    assert it.handshake.response.status == 404
    assert [*facts, *it.finish()] == [it.handshake]
