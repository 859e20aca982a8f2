"""What is told of connections while they run: endings and their revisions, news, findings."""

from __future__ import annotations

import copy
import sys

import pytest

import wsdebug
from tests.analysis.conversation import REQUEST, RESPONSE, Conversation
from tests.live.replay import SECOND, paced, plain
from wsdebug.analysis.live import watching
from wsdebug.model.place import Side
from wsdebug.query import parse


def kinds(told):
    return [(event[3].kind, event[3].over) for event in told.of("news")]


def test_opened_then_found_then_judged(tmp_path):
    talk = Conversation().upgrade()
    talk.tells(talk.client, 1, b"hello", key=None).waits(2_000).bye()
    _, told = paced(talk.pcap(tmp_path), tmp_path)
    assert [event[1] for event in told.events] == ["opened", "found", "judged"]
    opened, found, judged = (event[2:] for event in told.events)
    assert (opened[0].host, opened[0].path) == ("server.example.com", "/live")
    assert (found[0], found[1].code, found[1].fatal) == (1, "FR104", True)
    assert judged[1] == 1


def test_a_quiet_end_is_judged_at_once(tmp_path):
    talk = Conversation().upgrade().bye()
    last = talk.packets[-1][1]
    _, told = paced(talk.pcap(tmp_path), tmp_path)
    ((time, *_),) = told.of("judged")
    assert time - last <= SECOND // 2


def test_an_end_in_the_midst_of_packets_is_judged_within_a_second(tmp_path):
    talk = Conversation().upgrade()
    talk.server.ends()
    ended = talk.packets[-1][1]
    for _ in range(30):
        talk.waits(100).tells(talk.client, 1, b"still there")
    _, told = paced(talk.pcap(tmp_path), tmp_path)
    time, *_ = told.of("judged")[0]
    assert SECOND // 2 < time - ended <= SECOND


def test_a_report_does_not_depend_on_how_packets_were_batched(tmp_path):
    """It is over 20 s after its last packet, in the midst of a batch or at its end."""
    talk = Conversation().upgrade()
    talk.closes(talk.client).closes(talk.server).waits(8_000)
    talk.hangs_up()
    for _ in range(6):
        talk.goes_on(10)
    capture = talk.pcap(tmp_path)
    got, _ = paced(capture, tmp_path)
    whole = wsdebug.read(capture)
    assert "CL110" in {finding.code for finding in whole.connections[0].findings}
    assert plain(got) == plain(whole)


def test_a_packet_behind_the_verdict_revises_it(tmp_path):
    talk = Conversation().upgrade()
    talk.server.ends()
    talk.client.acks()
    talk.waits(3_000)
    talk.closes(talk.client).waits(5_000)
    got, told = paced(talk.pcap(tmp_path), tmp_path)
    judged = told.of("judged")
    assert [revision for *_, revision in judged] == [1, 2]
    assert judged[0][2].close.client is None
    assert judged[1][2].close.client.code == 1000
    assert judged[1][2] == got.connections[0]


def test_an_end_that_talks_on_is_revised_less_and_less_often(tmp_path):
    talk = Conversation().upgrade()
    talk.server.ends()
    for _ in range(300):
        talk.waits(1_000).tells(talk.client, 1, b"still there")
    _, told = paced(talk.pcap(tmp_path), tmp_path)
    assert 3 <= len(told.of("judged")) <= 11  # 300 s: 1 + 2 + 4 + ... s apart


def test_a_close_alone_is_no_end_before_five_seconds_of_capture(tmp_path):
    talk = Conversation().upgrade()
    talk.closes(talk.client).goes_on(4).goes_on(4)
    _, told = paced(talk.pcap(tmp_path), tmp_path, after=0)
    ((time, _, connection, _),) = told.of("judged")
    closed = connection.start.ns + round(connection.close.client.time * SECOND)
    assert connection.end.how == "close-one-side"
    assert 5 * SECOND < time - closed <= 9 * SECOND


def test_our_clock_alone_ends_nothing(tmp_path):
    """Who writes may hold packets back: what is said of an end rests on packets."""
    talk = Conversation().upgrade()
    talk.closes(talk.client)
    got, told = paced(talk.pcap(tmp_path), tmp_path, after=60 * SECOND)
    assert [event[2].end.how for event in told.of("judged")] == ["capture-end"]
    assert got.connections[0].end.how == "capture-end"


def test_a_refusal_that_is_followed_by_another_try_is_taken_back(tmp_path):
    """RFC 7235 4.1: 401, and the same request with credentials on the same connection."""
    talk = Conversation().handshake()
    talk.client.says(REQUEST + b"\r\n")
    talk.server.acks()
    talk.server.says(b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n")
    talk.client.acks()
    talk.waits(3_000)
    talk.client.says(REQUEST + b"Authorization: Basic Zm9v\r\n\r\n")
    talk.server.acks()
    talk.server.says(RESPONSE + b"\r\n")
    talk.client.acks()
    talk.waits(4_000)
    talk.tells(talk.client, 1, b"in").waits(4_000)
    _, told = paced(talk.pcap(tmp_path), tmp_path)
    ends = [event[2].end.how for event in told.of("judged")]
    assert ends[0] == "handshake-rejected"
    assert ends[-1] == "capture-end"
    assert len(told.of("opened")) == 1


def test_a_filter_tells_of_what_it_lets_through_alone(tmp_path):
    talk = Conversation().upgrade()
    talk.tells(talk.client, 1, b"hello").bye()
    capture = talk.pcap(tmp_path)
    _, told = paced(capture, tmp_path, wanted=parse("op == binary"))
    assert told.events == []
    _, told = paced(capture, tmp_path, wanted=parse("op == text"))
    assert [(event[1], event[3]) for event in told.events] == [("judged", 1)]


def test_a_connection_met_in_the_middle_is_marked(tmp_path):
    talk = Conversation()
    talk.client.heard, talk.server.heard = talk.server.seq, talk.client.seq
    for _ in range(40):
        talk.tells(talk.client, 1, b"hello there")
        talk.tells(talk.server, 1, b"hello to you")
    _, told = paced(talk.pcap(tmp_path), tmp_path)
    ((_, _, opened),) = told.of("opened")
    assert opened.host is None
    assert opened.recognised.by == "masking"


# ---- news ------------------------------------------------------------------------------------
def test_a_ping_without_a_pong_is_news_until_it_comes(tmp_path):
    talk = Conversation().upgrade()
    talk.tells(talk.server, 9, b"1").waits(8_000)
    talk.tells(talk.client, 10, b"1").waits(1_000).noise(1)
    _, told = paced(talk.pcap(tmp_path), tmp_path)
    assert kinds(told) == [("ping-unanswered", False), ("ping-unanswered", True)]
    begun = told.of("news")[0][3]
    assert (begun.side, begun.frame) == (Side.SERVER, 0)
    assert 5 <= begun.seconds <= 5.2


def test_silence_is_news_before_known_timeouts_and_each_is_told_once(tmp_path):
    talk = Conversation().upgrade()
    for _ in range(3):
        talk.tells(talk.server, 1, b"tick").waits(58_000)
    talk.noise(1)
    _, told = paced(talk.pcap(tmp_path), tmp_path)
    assert kinds(told) == [("idle", False), ("idle", False)]
    assert [round(event[3].seconds) for event in told.of("news")] == [45, 54]
    assert "nginx" in told.of("news")[1][3].text


def test_a_closed_window_is_news(tmp_path):
    talk = Conversation().upgrade()
    talk.client.acks(window=0)
    talk.waits(4_000)
    talk.client.acks()
    talk.waits(500).noise(1)
    _, told = paced(talk.pcap(tmp_path), tmp_path)
    assert kinds(told) == [("zero-window", False), ("zero-window", True)]
    assert told.of("news")[0][3].side is Side.CLIENT


def test_retransmissions_without_an_answer_are_news(tmp_path):
    talk = Conversation().upgrade()
    data = talk.wire(talk.server, 1, b"anybody?")
    offset = talk.server.seq - talk.server.isn - 1
    talk.server.says(data)
    for wait in (200, 400, 800):
        talk.waits(wait).server.repeats(offset, data)
    talk.waits(500).client.acks()
    talk.waits(500).noise(1)
    _, told = paced(talk.pcap(tmp_path), tmp_path)
    assert kinds(told) == [("retransmission", False), ("retransmission", True)]
    assert told.of("news")[0][3].side is Side.SERVER


def test_a_request_without_an_answer_is_news(tmp_path):
    talk = Conversation().handshake()
    talk.client.says(REQUEST + b"\r\n")
    talk.server.acks()
    talk.waits(7_000).noise(1)
    _, told = paced(talk.pcap(tmp_path), tmp_path, after=0)
    assert kinds(told) == [("request-unanswered", False)]


@pytest.mark.parametrize("pause", [1, 3])
def test_what_goes_well_is_no_news(tmp_path, pause):
    talk = Conversation().upgrade()
    for _ in range(10):
        talk.tells(talk.server, 9, b"x").tells(talk.client, 10, b"x").waits(pause * 1_000)
    _, told = paced(talk.bye().pcap(tmp_path), tmp_path)
    assert kinds(told) == []


def test_news_of_one_connection_are_limited(tmp_path):
    talk = Conversation().upgrade()
    for _ in range(60):
        talk.client.acks(window=0)
        talk.waits(3_000)
        talk.client.acks()
        talk.waits(100)
    _, told = paced(talk.pcap(tmp_path), tmp_path)
    assert 50 <= len(kinds(told)) <= 51


def test_a_mistake_in_judging_at_once_leaves_it_to_the_end_and_is_said(tmp_path, monkeypatch):
    def breaks(*_):
        raise TypeError("cannot pickle 'module' object")

    monkeypatch.setattr(watching, "rehearsed", breaks)
    talk = Conversation().upgrade().bye()
    got, told = paced(talk.pcap(tmp_path), tmp_path)
    assert [(event[2].end.how, event[3]) for event in told.of("judged")] == [("clean", 1)]
    assert [note.kind for note in got.captures[0].warnings] == ["judged-late"]


def test_a_copy_to_be_judged_is_small(tmp_path, monkeypatch):
    """Tables that all connections share are not copied: one has 65 536 rows."""
    copied, made = [0], []

    def count(frame, event, _):
        copied[0] += event == "call" and frame.f_code is copy.deepcopy.__code__

    def counted(*args):
        sys.setprofile(count)
        try:
            return rehearsed(*args)
        finally:
            sys.setprofile(None)
            made.append(copied[0])
            copied[0] = 0

    rehearsed = watching.rehearsed
    monkeypatch.setattr(watching, "rehearsed", counted)
    talk = Conversation().upgrade(deflate=True)
    for _ in range(20):
        talk.tells(talk.client, 1, b"hello").tells(talk.server, 1, b"hello")
    paced(talk.bye().pcap(tmp_path), tmp_path)
    assert made
    assert max(made) < 5_000
