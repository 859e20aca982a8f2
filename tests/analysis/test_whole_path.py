"""Rules that need time, acknowledgements or both sides: packets in, finding out; and beside each a
near miss that must stay silent.
"""

import pytest

from tests.analysis.conversation import Conversation, codes, deflated


@pytest.fixture
def talk():
    return Conversation().upgrade()


def only(connection, code):
    """The one finding of that code."""
    (finding,) = [one for one in connection.findings if one.code == code]
    return finding


# ---- HS118 frames-before-101 ------------------------------------------------------------------
@pytest.mark.parametrize("covers_the_101", [False, True])
def test_frame_whose_acknowledgement_does_not_cover_the_101(tmp_path, covers_the_101):
    talk = Conversation().upgrade()
    # Only the acknowledgement number in it tells: both stand behind the 101 in the capture.
    begin = None if covers_the_101 else talk.server.isn + 1
    talk.client.says(talk.wire(talk.client, 1, b"early"), ack=begin)
    talk.server.acks()
    connection = talk.bye().read(tmp_path)
    assert codes(connection) == ([] if covers_the_101 else ["HS118e"])
    assert connection.frames["client"]["text"] == 1


# ---- CL107 close-not-answered -----------------------------------------------------------------
def test_close_that_a_living_peer_never_answers(talk, tmp_path):
    connection = talk.closes(talk.server, 1001).goes_on(6).read(tmp_path)
    assert codes(connection) == ["CL107w"]
    assert only(connection, "CL107").packet == 8
    assert (connection.end.how, connection.end.by) == ("close-one-side", "server")


def test_close_that_a_talking_peer_never_answers(talk, tmp_path):
    talk.closes(talk.server, 1001).waits(100).tells(talk.client, 1, b"more").waits(100)
    talk.client.ends()
    assert codes(talk.read(tmp_path)) == ["CL107w"]


@pytest.mark.parametrize(
    ("code", "heard", "seconds", "hangs_up"),
    [
        pytest.param(1001, True, 4, False, id="the capture ends too soon"),
        pytest.param(1001, False, 60, False, id="it was never acknowledged"),
        pytest.param(1002, True, 60, True, id="the closer failed the connection and hung up"),
    ],
)
def test_close_whose_answer_nobody_can_miss(talk, tmp_path, code, heard, seconds, hangs_up):
    talk.closes(talk.server, code, heard=heard)
    if hangs_up:
        talk.server.ends()
        talk.client.acks()
    assert codes(talk.goes_on(seconds).read(tmp_path)) == []


def test_data_in_flight_when_the_close_came(talk, tmp_path):
    talk.closes(talk.server, 1001, heard=False)
    talk.client.says(talk.wire(talk.client, 1, b"sent before it was heard"))
    talk.server.acks()
    talk.client.acks()
    talk.closes(talk.client, 1001)
    assert codes(talk.hangs_up().read(tmp_path)) == []


# ---- CL108 close-code-not-echoed --------------------------------------------------------------
@pytest.mark.parametrize(
    ("heard", "found"),
    [
        pytest.param(True, ["CL108n"], id="answered"),
        pytest.param(False, [], id="crossed"),
    ],
)
def test_answer_with_another_code(talk, tmp_path, heard, found):
    talk.closes(talk.client, 4001, heard=heard)
    talk.closes(talk.server, 4002, heard=heard)
    connection = talk.hangs_up().read(tmp_path)
    assert codes(connection) == found
    assert ("Two Closes crossed" in connection.end.why) == (not heard)
    seen = connection.end.seen_by_application
    assert (seen.client, seen.server) == (4002, 4001)


# ---- CL109 client-closed-tcp-first ------------------------------------------------------------
@pytest.mark.parametrize(
    ("first", "code", "found"),
    [
        ("client", 1000, ["CL109n"]),
        ("server", 1000, []),
        ("client", 1011, []),
    ],
)
def test_who_ends_tcp_after_both_closes(talk, tmp_path, first, code, found):
    talk.closes(talk.client, code).closes(talk.server, code)
    one = getattr(talk, first)
    one.ends()
    one.peer.acks().ends()
    one.acks()
    assert codes(talk.read(tmp_path)) == found


# ---- CL110 tcp-left-open ----------------------------------------------------------------------
@pytest.mark.parametrize(
    ("ended", "seconds", "found"),
    [
        ("", 6, ["CL110n", "CL110w"]),
        ("server", 6, ["CL110n"]),
        ("client", 6, ["CL109n", "CL110w"]),
        ("", 4, []),
        ("server client", 6, []),
    ],
)
def test_tcp_left_open_after_both_closes(talk, tmp_path, ended, seconds, found):
    talk.closes(talk.client).closes(talk.server)
    for name in ended.split():
        getattr(talk, name).acks().ends()
    assert sorted(codes(talk.goes_on(seconds).read(tmp_path))) == found


@pytest.mark.parametrize(("seconds", "found"), [(6, ["CL110w"]), (4, [])])
def test_tcp_ended_late_by_the_server(talk, tmp_path, seconds, found):
    talk.closes(talk.client).closes(talk.server)
    talk.client.acks().ends()
    talk.goes_on(seconds)
    talk.server.acks().ends()
    talk.client.acks()
    got = codes(talk.goes_on(1).read(tmp_path))
    assert [code for code in got if code.startswith("CL110")] == found


@pytest.mark.parametrize("lost", ["server", "client", "server client"])
def test_fin_that_the_capture_lacks(talk, tmp_path, lost):
    talk.closes(talk.client).closes(talk.server)
    talk.server.sends("FA", captured="server" not in lost)
    talk.client.acks().sends("FA", captured="client" not in lost)
    talk.server.acks()  # its number says that the client's FIN came
    assert codes(talk.goes_on(30).read(tmp_path)) == []


# ---- PP101 ping-not-answered ------------------------------------------------------------------
def test_ping_that_a_living_peer_never_answers(talk, tmp_path):
    connection = talk.tells(talk.server, 9, b"?").goes_on(21).read(tmp_path)
    assert codes(connection) == ["PP101w"]
    assert connection.liveness.pings == 1


@pytest.mark.parametrize(
    "what", ["soon", "unheard", "closed", "late", "writing", "was-writing", "full", "lost"]
)
def test_ping_whose_pong_nobody_can_miss(talk, tmp_path, what):
    talk.tells(talk.server, 9, b"?", heard=what != "unheard")
    if what == "closed":
        talk.waits(1000).closes(talk.client).closes(talk.server).hangs_up()
    if what == "late":
        talk.waits(30_000).tells(talk.client, 10, b"?")
    if what == "writing":  # a frame on its way all the time
        talk.client.says(talk.wire(talk.client, 2, bytes(1000))[:500])
        talk.server.acks()
    if what == "was-writing":  # a long frame, over not long before the end
        frame = talk.wire(talk.client, 2, bytes(1000))
        talk.client.says(frame[:500])
        talk.server.acks()
        talk.waits(50_000)
        talk.client.says(frame[500:])
        talk.server.acks()
    if what == "full":
        talk.server.acks(window=0)
    if what == "lost":  # the capture lacks bytes that were acknowledged
        talk.client.says(talk.wire(talk.client, 10, b"?"), captured=False)
        talk.waits(1000).tells(talk.client, 1, b"behind it")
    connection = talk.goes_on({"soon": 19, "was-writing": 10}.get(what, 60)).read(tmp_path)
    assert codes(connection, notes=False) == []


def test_one_pong_answers_every_ping_before_it(talk, tmp_path):
    for payload in (b"1", b"2", b"3"):
        talk.tells(talk.server, 9, payload)
    connection = talk.tells(talk.client, 10, b"3").goes_on(60).read(tmp_path)
    assert codes(connection) == []


# ---- PP102 pong-payload-differs ---------------------------------------------------------------
@pytest.mark.parametrize(
    ("pongs", "found"),
    [
        pytest.param([b""], ["PP102w"], id="empty"),
        pytest.param([b"mine", b"theirs"], ["PP103n"], id="its own pong came too"),
        pytest.param([b"theirs"], [], id="echo"),
    ],
)
def test_pong_with_a_payload_that_no_ping_had(talk, tmp_path, pongs, found):
    talk.tells(talk.server, 9, b"theirs")
    for payload in pongs:
        talk.tells(talk.client, 10, payload)
    assert codes(talk.bye().read(tmp_path)) == found


def test_pong_that_was_on_its_way_before_the_ping_came(talk, tmp_path):
    # .NET sends pongs unasked; one of them crosses a ping, and then the connection is closed.
    talk.tells(talk.server, 9, b"theirs", heard=False)
    talk.client.says(talk.wire(talk.client, 10))
    talk.server.acks()
    talk.closes(talk.client).closes(talk.server).hangs_up()
    assert codes(talk.read(tmp_path)) == ["PP103n"]


# ---- MS105 deflate-bomb -----------------------------------------------------------------------
@pytest.mark.parametrize(
    ("limit", "text", "found"),
    [
        (100_000, b"a" * 300_000, ["MS105w"]),
        (100_000, bytes(range(97, 123)) + b"".join(b"%05d" % n for n in range(40_000)), ["MS105n"]),
        (400_000, b"a" * 300_000, []),
    ],
    ids=["1000 to 1", "3 to 1", "within the limit"],
)
def test_message_that_inflates_beyond_the_limit(tmp_path, limit, text, found):
    talk = Conversation().upgrade(deflate=True)
    wire = talk.wire(talk.server, 1, deflated(text), rsv=4)
    for at in range(0, len(wire), 1400):
        talk.server.says(wire[at : at + 1400])
        talk.client.acks()
    connection = talk.bye().read(tmp_path, message=limit)
    assert codes(connection) == found
    assert connection.messages["server"] == 1


# ---- MS106, FR111: cut short ------------------------------------------------------------------
@pytest.mark.parametrize("how", ["fin", "rst"])
@pytest.mark.parametrize("sent", [1, 3, 40])
def test_connection_that_ends_inside_a_frame(talk, tmp_path, how, sent):
    talk.server.says(talk.wire(talk.server, 2, bytes(100))[:sent])
    talk.client.acks()
    talk.server.ends() if how == "fin" else talk.server.resets()
    connection = talk.goes_on(1).read(tmp_path)
    assert codes(connection, notes=False) == ["FR111w"]
    assert how.upper() in only(connection, "FR111").saw


@pytest.mark.parametrize("what", ["open", "gap", "snap", "reset by the other side"])
def test_frame_that_only_the_capture_cuts(talk, tmp_path, what):
    if what == "snap":
        talk.server.says(talk.wire(talk.server, 2, bytes(100)), cut=40)
    else:
        talk.server.says(talk.wire(talk.server, 2, bytes(100))[:40])
        talk.client.acks()
    if what == "gap":
        talk.server.says(bytes(62), captured=False)
    if what == "reset by the other side":
        talk.client.resets()
    elif what != "open":
        talk.client.acks()
        talk.server.ends()
        talk.client.acks()
    assert codes(talk.goes_on(60).read(tmp_path), notes=False) == []


@pytest.mark.parametrize(("close", "found"), [(False, ["MS106w"]), (True, ["MS106n"])])
def test_connection_that_ends_inside_a_message(talk, tmp_path, close, found):
    talk.tells(talk.server, 1, b"first half", fin=0)
    if close:
        talk.closes(talk.server).closes(talk.client)
    talk.hangs_up()
    assert codes(talk.read(tmp_path)) == found


def test_message_that_is_still_open_when_the_capture_ends(talk, tmp_path):
    assert codes(talk.tells(talk.server, 1, b"first half", fin=0).read(tmp_path)) == []


# ---- TC101, TC102 -----------------------------------------------------------------------------
@pytest.mark.parametrize(("again", "found"), [(b"hellO", ["TC101w"]), (b"hello", [])])
def test_segment_sent_again_with_other_bytes(talk, tmp_path, again, found):
    begin = talk.server.seq - talk.server.isn - 1
    talk.tells(talk.server, 1, b"hello").waits(300)
    talk.server.repeats(begin, talk.wire(talk.server, 1, again))
    talk.client.acks()
    connection = talk.bye().read(tmp_path)
    assert codes(connection) == found
    assert connection.frames["server"] == {"total": 2, "text": 1, "close": 1}


def test_bytes_that_the_capture_lacks(talk, tmp_path):
    talk.server.says(talk.wire(talk.server, 1, b"lost"), captured=False)
    talk.client.acks()
    connection = talk.tells(talk.server, 1, b"seen").goes_on(1).read(tmp_path)
    assert codes(connection) == ["TC102n"]
    assert [(gap.side.value, gap.offset, gap.length) for gap in connection.gaps] == [
        ("server", 0, 6)
    ]


def test_segment_captured_late_is_no_gap(talk, tmp_path):
    begin = talk.server.seq - talk.server.isn - 1
    late = talk.wire(talk.server, 1, b"late")
    talk.server.says(late, captured=False)
    talk.server.says(talk.wire(talk.server, 1, b"seen"))
    talk.server.repeats(begin, late)
    talk.client.acks()
    connection = talk.bye().read(tmp_path)
    assert codes(connection) == []
    assert connection.frames["server"]["text"] == 2
