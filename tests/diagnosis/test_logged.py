"""What wsdebug says that each side logged is what the endpoints of the stories did log."""

from __future__ import annotations

import re
from typing import Any

import pytest

import wsdebug
from tests.analysis.conversation import Conversation
from tests.diagnosis.causes.scripts import fin, opened
from tests.stored import ALL, STORIES
from wsdebug.diagnosis.logged import SideEnd, libraries_of, logged, logged_by
from wsdebug.knowledge.libraries import Event, Situation
from wsdebug.model.place import Side
from wsdebug.model.report import Analysis, CloseReport, Connection, Logged
from wsdebug.report.cause_words import who_logged

SOFTWARE = {
    "ws": "ws",
    "websockets": "websockets",
    "socket.io-client": "ws",
    "tornado": "tornado",
    "aiohttp": "aiohttp",
}
"""First word of `[software]` -> the library whose words the story holds."""

EXCEPTIONS = {
    "write after end": "an error of Node's stream: the program wrote on a socket it had ended",
    "Parse Error: ": "Node's HTTP parser, before ws is asked",
    "SSL routines:": "OpenSSL, before ws is asked",
    "[SSL: ": "OpenSSL, before websockets is asked",
    "Unexpected server response: 101": "Node hands a 101 without Upgrade to ws as a refusal; the"
    " report has it as accepted",
    "did not receive a valid HTTP response": "the parser's own sentence is the cause behind it",
    "(<CloseReason.": "httpx-ws: what wsproto told it, in brackets",
    "sent 1011 (internal error) keepalive ping timeout; no close frame received": "of a client"
    " whose link was down: its ping and its Close never came to the capture",
}
"""How a text begins that is not foretold, and why."""

UNTOLD = {"handshakes-to-ws-client", "handshakes-to-websockets-client"}
"""Stories of answers broken in ways of which the facts say nothing: no text is right, a wrong one
is not.
"""
SILENT = {"torn-down-at-once"}
"""Stories whose client had stopped receiving: Python websockets then raises to nobody."""


def is_loud(entry: Logged) -> bool:
    """A text that a program cannot overlook. Python websockets raises ConnectionClosedOK, and
    `sent ...; then received ...`, only to who goes on receiving; `async for` swallows the former.
    """
    swallowed = entry.code == "ConnectionClosedOK" or "; then received " in str(entry.text)
    return entry.text is not None and not swallowed


@pytest.fixture(scope="module")
def analyses() -> dict[str, Analysis]:
    return {name: wsdebug.read(ALL[name]) for name in STORIES}


def sayings(name: str, analysis: Analysis) -> list[tuple[Connection, dict[str, Any], str | None]]:
    """(connection, what was said, by which library) for each error of a story."""
    found = {connection.tcp_stream: connection for connection in analysis.connections}
    software = STORIES[name].get("software", {})
    return [
        (
            found[truth["tcp_stream"]],
            said,
            said.get("library") or library_of(software, said["side"], found[truth["tcp_stream"]]),
        )
        for truth in STORIES[name].get("connection", [])
        for said in truth.get("said", [])
    ]


def library_of(software: dict[str, str], side: str, connection: Connection) -> str | None:
    """Of a story with clients of several kinds, the one that this connection's request betrays."""
    words = software.get(side, "").replace(",", "").split()
    named = [SOFTWARE[word] for word in reversed(words) if word in SOFTWARE]
    if len(named) < 2:
        return next(iter(named), None)
    betrayed = [each for each in libraries_of(connection, Side(side))[0] if each in named]
    return next(iter(betrayed or named), None)


def entries(connection: Connection, side: str) -> list[Logged]:
    listed = connection.causes[0].logged or logged(connection)
    return [each for each in listed if each.side.value == side]


def is_said(text: str | None, logged: str) -> bool:
    """Whether a text, with `<name>` for what is not known, is what was logged."""
    parts = re.split(r"<\w+>", text or "")
    return re.fullmatch(".+".join(map(re.escape, parts)), logged) is not None


@pytest.mark.parametrize("name", list(STORIES))
def test_what_was_logged_is_foretold(analyses, name: str) -> None:
    for connection, said, library in sayings(name, analyses[name]):
        if said["event"] != "error":
            continue
        listed: dict[str, list[Logged]] = {}
        for each in entries(connection, said["side"]):
            listed.setdefault(each.library, []).append(each)
        is_known = name not in UNTOLD and not said["text"].startswith(tuple(EXCEPTIONS))
        if library not in listed and not is_known:
            continue
        assert library in listed, (connection.id, said, list(listed))
        told = [(one.text, one.code) for one in listed[library]]
        fitting = [code for text, code in told if is_said(text, said["text"])]
        assert said.get("code") in fitting, (connection.id, said, told)
        assert len(told) == 1 or connection.end.how == "handshake-timeout"  # one of two
        if not listed[library][0].assumed:
            assert list(listed) == [library]


@pytest.mark.parametrize("name", [name for name in STORIES if name not in SILENT])
def test_who_logged_nothing_is_not_said_to_have(analyses, name: str) -> None:
    """A side whose library is known, whose close was noted and which reported no error."""
    noted: dict[tuple[int, str, str], set[str]] = {}
    found = {}
    for connection, said, library in sayings(name, analyses[name]):
        if library is not None:
            found[connection.id] = connection
            noted.setdefault((connection.id, said["side"], library), set()).add(said["event"])
    for (number, side, library), events in noted.items():
        if "error" in events or "close" not in events:
            continue
        said_to = [each for each in entries(found[number], side) if each.library == library]
        assert [each for each in said_to if is_loud(each)] == [], (number, side)


@pytest.mark.parametrize("name", list(STORIES))
def test_the_code_its_application_saw(analyses, name: str) -> None:
    for connection, said, library in sayings(name, analyses[name]):
        if said["event"] not in ("close", "surfaced") or library is None:
            continue
        for entry in entries(connection, said["side"]):
            if entry.library == library and entry.surfaced is not None:
                assert entry.surfaced == said["status"], (connection.id, said, entry)


# ---- without captures ---------------------------------------------------------------------------
HTTP = Situation(role=Side.CLIENT, header=0x4854, length=84, received=160)
FIN = Event(role=Side.CLIENT, name="fin")


def said(*libraries: str, **known: Any) -> dict[str, Logged]:
    end = SideEnd(side=Side.CLIENT, libraries=libraries, **{"assumed": False, **known})
    return {each.library: each for each in logged_by(end)}


def closing(code: int, reason: str = "") -> CloseReport:
    return CloseReport(frame=3, code=code, reason=reason, body="code", packet=9, time=1.0)


def test_a_library_that_would_have_sent_another_close_is_left_out() -> None:
    asked = ("ws", "chromium", "websockets", "firefox")
    known = {"situations": (HTTP,), "assumed": True}
    assert set(said(*asked, **known)) == set(asked)
    on_wire = closing(1002, "reserved bits must be 0")
    assert set(said(*asked, **known, close=on_wire)) == {"chromium", "websockets", "firefox"}
    assert set(said(*asked, **known, close=closing(1008))) == set()


def test_a_library_that_the_handshake_betrays_says_what_the_wire_shows_it_did() -> None:
    event = Event(
        role=Side.CLIENT, name="sent-only", values={"sent_close": "1008 (policy violation) no"}
    )
    entry = said("websockets", situations=(HTTP,), events=(event,), close=closing(1008, "no"))
    assert entry["websockets"].text == "sent 1008 (policy violation) no; no close frame received"


def test_what_it_takes_as_good_leaves_the_end_to_speak() -> None:
    masked = Situation(role=Side.CLIENT, header=0x8185, length=5)
    entry = said("websockets", "aiohttp", situations=(masked,), events=(FIN,))
    assert "incorrect masking" in str(entry["websockets"].text)
    assert entry["aiohttp"].text is None
    assert entry["aiohttp"].surfaced == 1006


def test_who_waits_for_the_rest_says_what_the_end_of_the_stream_makes_it_say() -> None:
    short = Situation(role=Side.CLIENT, header=0x4854, length=84, received=51)
    entry = said("websockets", situations=(short,), events=(FIN,))["websockets"]
    assert entry.text == "no close frame received or sent"
    assert entry.cause == "EOFError: stream ends after 49 bytes, expected 84 bytes"
    assert said("websockets", situations=(short,)) == {}


def test_where_the_bytes_may_be_read_in_two_ways_only_what_both_give_is_said() -> None:
    heads = [0x8A01, 0x8A81]
    both = tuple(Situation(role=Side.CLIENT, header=head, length=1) for head in heads)
    assert said("ws", situations=both) == {}
    feeds = tuple(Situation(role=Side.CLIENT, header=head, length=1) for head in (0x0A01, 0x0A81))
    assert said("ws", situations=feeds)["ws"].text == "Invalid WebSocket frame: FIN must be set"


def test_who_sends_a_close_and_sent_none_did_not_complain() -> None:
    """But for versions that hang up: their application sees the code of the complaint."""
    known = {"situations": (HTTP,), "events": (FIN,)}
    asked = said("ws", "websockets", "uWebSockets", **known, reaction="hung-up")
    old, other = asked["ws"], asked["websockets"]
    assert (old.text, old.code, old.surfaced) == (
        "Invalid WebSocket frame: RSV1 must be clear",
        None,
        1002,
    )
    assert other.text == "no close frame received or sent"
    garbage = Situation(role=Side.CLIENT, header=0xC105, length=5, deflate=True, fault="deflate")
    old = said("ws", situations=(garbage,), reaction="hung-up")["ws"]
    assert (old.code, old.surfaced) == ("Z_DATA_ERROR", 1007)  # zlib's, in every version


def test_who_let_a_violation_pass_logged_nothing_of_it(tmp_path) -> None:
    """ws 6 and 7.0 take text that is no UTF-8; the server hung up later, for its own reasons."""
    talk = opened()
    talk.tells(talk.server, 1, b"bad \xff").waits(1400)
    quiet = fin(talk).read(tmp_path).causes[0]
    assert quiet.code == "DX209"
    assert not any("invalid UTF-8" in (one.text or "") for one in quiet.logged)
    talk = opened()
    talk.tells(talk.server, 1, b"bad \xff").waits(10)
    prompt = fin(talk).read(tmp_path).causes[0]
    assert prompt.code == "DX209"  # the offender itself hung up behind it
    assert any("invalid UTF-8" in (one.text or "") for one in prompt.logged)


def test_what_gave_up_an_upgrade_is_one_of_two_unless_it_is_a_librarys_own_time(analyses) -> None:
    texts = {}
    for name in ("handshake-unanswered", "handshake-given-up"):
        for connection in analyses[name].connections:
            texts[name, connection.tcp_stream] = [one.text for one in entries(connection, "client")]
    closed = "WebSocket was closed before the connection was established"
    one_of_two = ["Opening handshake has timed out", closed]
    assert texts == {
        ("handshake-unanswered", 0): one_of_two,
        ("handshake-unanswered", 1): ["timed out during opening handshake", None],
        ("handshake-given-up", 0): one_of_two,
        ("handshake-given-up", 1): ["timed out during opening handshake"],
    }


def test_the_second_of_two_stands_behind_an_or(analyses) -> None:
    cause = analyses["handshake-given-up"].connections[0].causes[0]
    assert [who for who, _ in who_logged(cause)] == ["client", "or client"]


def test_what_differs_between_versions_is_left_open(analyses) -> None:
    """aiohttp's word before the 8: since 3.14 the FIN of the last data frame, if there was one."""
    texts = [entries(one, "server")[0].text for one in analyses["aiohttp-half-a-code"].connections]
    assert texts == [
        "Invalid close frame: True 8 bytearray(<body>)",
        "Invalid close frame: <fin> 8 bytearray(<body>)",
    ]


def test_of_an_unfinished_message_the_last_fin_is_not_set(tmp_path) -> None:
    talk = Conversation().upgrade(answer=b"Server: Python/3.11 aiohttp/3.14.5\r\n")
    talk.tells(talk.client, 1, b"whole").tells(talk.client, 1, b"half", fin=False)
    talk.tells(talk.client, 8, b"\x03").closes(talk.server, 1002)
    connection = talk.hangs_up().read(tmp_path)
    assert entries(connection, "server")[0].text == "Invalid close frame: <fin> 8 bytearray(<body>)"


def test_a_library_of_whose_programs_nothing_is_known_says_its_own_time_alone() -> None:
    assert "autobahn" in said("autobahn", gave_up=5.0)
    assert said("autobahn", gave_up=3.0) == {}


def test_a_derived_text_is_marked() -> None:
    assert said("chromium", situations=(HTTP,))["chromium"].derived
    assert not said("ws", situations=(HTTP,))["ws"].derived


def test_nobody_is_a_browser_who_sends_no_origin(analyses) -> None:
    (connection,) = analyses["unmasked-client"].connections[:1]
    assert libraries_of(connection, Side.CLIENT) == (("ws", "websockets"), True)
    (connection,) = analyses["chromium"].connections[:1]
    assert libraries_of(connection, Side.CLIENT) == (("chromium",), False)


@pytest.mark.parametrize("name", ["killed-client", "ws-terminate"])
def test_who_ended_tcp_itself_is_said_to_have_logged_nothing(analyses, name: str) -> None:
    (connection,) = analyses[name].connections
    assert connection.end.by == "client"
    assert entries(connection, "client") == []
    assert [each.text for each in entries(connection, "server")] == [
        "no close frame received or sent"
    ]


def test_what_the_capture_cannot_tell_is_not_said(analyses) -> None:
    (connection,) = analyses["capture-cut-early"].connections
    assert logged(connection) == []
