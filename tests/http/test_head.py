"""HTTP heads: every fault is kept with its place, and nothing is refused."""

import h11
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wsdebug.http import parse_head, tokens
from wsdebug.model.handshake import HeadFault
from wsdebug.model.limits import Limits
from wsdebug.model.place import Side

REQUEST = b"GET /chat?a=1 HTTP/1.1\r\nHost: example.com\r\n%b\r\n"


def faults_of(line):
    head = parse_head(REQUEST % line, Side.CLIENT)
    assert head.complete
    assert head.length == len(REQUEST % line)
    at = len(REQUEST % b"") - 2
    return [(fault.kind, fault.offset - at, fault.length) for fault in head.faults]


@pytest.mark.parametrize(
    ("line", "faults"),
    [
        (b"", []),
        (b"X: 1\r\n", []),
        (b"X:\xe9\xff \r\n", []),
        (b"X:\r\n", []),
        (b"X Bad: 1\r\n", [(HeadFault.BAD_NAME, 0, 5)]),
        (b"no colon\r\n", [(HeadFault.BAD_NAME, 0, 8)]),
        (b": 1\r\n", [(HeadFault.BAD_NAME, 0, 0)]),
        (b"X : 1\r\n", [(HeadFault.SPACE_BEFORE_COLON, 1, 1)]),
        (b"X: 1\r\n two\r\n", [(HeadFault.FOLDED, 6, 4)]),
        (b"X: 1\n", [(HeadFault.BARE_LF, 4, 1)]),
        (b"X: a\rb\r\n", [(HeadFault.BARE_CR, 4, 1)]),
        (b"X: a\r\r\n", [(HeadFault.BARE_CR, 4, 1)]),
        (b"X: a\x00\x00b\r\n", [(HeadFault.NUL, 4, 2)]),
        (
            b"X : 1\nY Z: \x00\r\n",
            [
                (HeadFault.SPACE_BEFORE_COLON, 1, 1),
                (HeadFault.BARE_LF, 5, 1),
                (HeadFault.BAD_NAME, 6, 3),
                (HeadFault.NUL, 11, 1),
            ],
        ),
    ],
)
def test_faults_of_a_line(line, faults):
    assert faults_of(line) == faults


def test_fields_stand_where_they_stand():
    data = b"GET / HTTP/1.1\r\nA:  x\t\r\nb:y\r\n  z\r\n\r\nrest"
    head = parse_head(data, Side.CLIENT, offset=7, mark=(3, 4, 5))
    assert [(f.name, f.value) for f in head.fields] == [("A", "x"), ("b", "y z")]
    first, second = head.fields
    assert data[first.offset : first.offset + first.length] == b"A:  x\t"
    assert data[second.offset : second.offset + second.length] == b"b:y\r\n  z"
    assert (head.offset, head.packet, head.time, head.length) == (7, 3, 4, len(data) - 4)


def test_a_faulty_field_is_still_a_field():
    head = parse_head(REQUEST % b"Upgrade : websocket\r\nSec-WebSocket-Key\r\n", Side.CLIENT)
    assert head.all("upgrade")[0].value == "websocket"
    assert head.all("sec-websocket-key")[0].value == ""


def test_only_white_space_is_trimmed_from_a_value():
    head = parse_head(REQUEST % b"X: \t\xa0a\x85 \r\n", Side.CLIENT)
    assert head.all("x")[0].value == "\xa0a\x85"


def test_a_fold_before_the_first_field_is_none_of_a_value():
    head = parse_head(b"GET / HTTP/1.1\r\n x: 1\r\nHost: a\r\n\r\n", Side.CLIENT)
    assert [f.name for f in head.fields] == ["Host"]
    assert [f.kind for f in head.faults] == [HeadFault.FOLDED]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b"GET / HTTP/1.0", ("GET", "/", (1, 0), False)),
        (b"GET /a b HTTP/1.1", ("GET", "/a b", (1, 1), True)),
        (b"GET  / HTTP/1.1", ("GET", "/", (1, 1), True)),
        (b"GET /", ("GET", "/", None, True)),
        (b"GET / http/1.1", ("GET", "/", (1, 1), True)),
        (b"GET / RTSP/1.0", ("GET", "/ RTSP/1.0", None, True)),
        (b"GET / HTTP/1.1 ", ("GET", "/", (1, 1), True)),
    ],
)
def test_request_line(line, expected):
    head = parse_head(line + b"\r\nHost: a\r\n\r\n", Side.CLIENT)
    is_faulty = [f.kind for f in head.faults] == [HeadFault.BAD_START_LINE]
    assert (head.method, head.target, head.version, is_faulty) == expected
    assert (head.status, head.reason, head.start_line) == (None, None, line.decode())


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b"HTTP/1.1 101 Switching Protocols", ((1, 1), 101, "Switching Protocols", False)),
        (b"HTTP/1.1 200", ((1, 1), 200, "", False)),
        (b"HTTP/1.1 200 ", ((1, 1), 200, "", False)),
        (b"HTTP/1.0  404  Nope", ((1, 0), 404, "Nope", True)),
        (b"http/1.1 200 OK", ((1, 1), 200, "OK", True)),
        (b"HTTP/1.1 2000 OK", (None, None, None, True)),
        (b"\x15\x03\x01\x00\x02\x02\x46", (None, None, None, True)),
    ],
)
def test_status_line(line, expected):
    head = parse_head(line + b"\r\n\r\n", Side.SERVER)
    is_faulty = [f.kind for f in head.faults if f.kind is HeadFault.BAD_START_LINE] != []
    assert (head.version, head.status, head.reason, is_faulty) == expected
    assert (head.method, head.target) == (None, None)


def test_what_a_line_looks_like_goes_before_the_side():
    assert parse_head(b"HTTP/1.1 408 Late\r\n\r\n", Side.CLIENT).status == 408
    assert parse_head(b"POST / HTTP/1.1\r\n\r\n", Side.SERVER).method == "POST"


def test_a_cut_head_keeps_its_whole_lines():
    head = parse_head(b"GET / HTTP/1.1\r\nHost: a\r\nSec-WebSocket-Key: dGhl", Side.CLIENT)
    assert not head.complete
    assert [f.name for f in head.fields] == ["Host"]
    assert head.faults == ()
    start_only = parse_head(b"HTTP/1.1 101 Swit", Side.SERVER)
    assert (start_only.status, start_only.complete, start_only.faults) == (101, False, ())


@pytest.mark.parametrize("end", [b"\r\n\r\n", b"\n\n", b"\r\n\n", b"\n\r\n", b"\r\r\n\r\r\n"])
def test_any_empty_line_ends_a_head(end):
    data = b"GET / HTTP/1.1\r\nHost: a" + end
    head = parse_head(data + b"\r\n\r\n", Side.CLIENT)
    assert (head.complete, head.length) == (True, len(data))
    assert [f.value for f in head.fields] == ["a"]


def test_limits_leave_a_head_incomplete():
    few = Limits(head=100, fields=3)
    long = b"GET / HTTP/1.1\r\nX: " + b"a" * 200 + b"\r\n\r\n"
    head = parse_head(long, Side.CLIENT, limits=few)
    assert (head.complete, head.length, head.fields) == (False, 100, ())
    many = b"GET / HTTP/1.1\r\n" + b"X: a\r\n" * 4 + b"\r\n"
    head = parse_head(many, Side.CLIENT, limits=few)
    assert (head.complete, head.length, len(head.fields)) == (False, len(many), 3)
    nul = b"GET / HTTP/1.1\r\nX: " + b"a\x00" * 5 + b"\r\n\r\n"
    head = parse_head(nul, Side.CLIENT, limits=few)
    assert (head.complete, len(head.faults)) == (False, 3)
    assert parse_head(
        b"GET / HTTP/1.1\r\n" + b"X: a\r\n" * 3 + b"\r\n", Side.CLIENT, limits=few
    ).complete


def test_tokens_are_read_over_all_lines():
    head = parse_head(
        REQUEST % b"Connection: keep-alive ,, Upgrade\r\nconnection: x\r\n", Side.CLIENT
    )
    assert tokens(head, "connection") == ["keep-alive", "Upgrade", "x"]


NAMES = st.from_regex(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,12}", fullmatch=True)
VALUES = st.binary(max_size=20).map(lambda b: bytes(c for c in b if c > 0x20 and c != 0x7F))
SEPARATORS = st.sampled_from([b":", b": ", b":\t ", b" :"])
LINES = st.lists(st.tuples(NAMES, SEPARATORS, VALUES), max_size=6)


@settings(max_examples=150, deadline=None)
@given(LINES, st.sampled_from([b"\r\n", b"\n"]))
def test_agrees_with_h11_where_h11_accepts(lines, ending):
    raw = [b"GET /x HTTP/1.1", b"Host: a", *(n + s + v for n, s, v in lines)]
    data = ending.join([*raw, b"", b""])
    judge = h11.Connection(h11.SERVER)
    judge.receive_data(data)
    head = parse_head(data, Side.CLIENT)
    try:
        event = judge.next_event()
    except h11.RemoteProtocolError:
        return
    assert isinstance(event, h11.Request)
    ours = [(f.name.encode(), f.value.encode("latin-1")) for f in head.fields]
    theirs = [(name, value) for name, value in event.headers.raw_items()]
    assert ours == theirs
    assert {f.kind for f in head.faults} <= {HeadFault.BARE_LF, HeadFault.SPACE_BEFORE_COLON}
    assert (head.method, head.target) == (event.method.decode(), event.target.decode())
    assert judge.trailing_data[0] == data[head.length :]


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200).map(lambda b: b.replace(b"\x01", b"\r\n").replace(b"\x02", b": ")))
def test_any_bytes_give_a_head(data):
    for side in Side:
        head = parse_head(data, side)
        assert head.length <= len(data)
        for place in (*head.fields, *head.faults):
            assert 0 <= place.offset <= place.offset + place.length <= head.length
