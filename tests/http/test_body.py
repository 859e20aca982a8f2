"""Where bodies end (RFC 9112 6.3)."""

from itertools import pairwise

import h11
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wsdebug.http import Body, Framing, body_length, parse_head
from wsdebug.model.place import Side


def request(*lines):
    return parse_head(b"\r\n".join([b"POST / HTTP/1.1", *lines, b"", b""]), Side.CLIENT)


def response(status, *lines):
    return parse_head(b"\r\n".join([b"HTTP/1.1 %d X" % status, *lines, b"", b""]), Side.SERVER)


@pytest.mark.parametrize(
    ("lines", "length"),
    [
        ([], 0),
        ([b"Content-Length: 12"], 12),
        ([b"Content-Length: 12, 12", b"content-length: 12"], 12),
        ([b"Transfer-Encoding: gzip, Chunked", b"Content-Length: 3"], Framing.CHUNKED),
        ([b"Content-Length: 12", b"Content-Length: 13"], Framing.UNTIL_CLOSE),
        ([b"Content-Length: -1"], Framing.UNTIL_CLOSE),
        ([b"Content-Length:"], Framing.UNTIL_CLOSE),
        ([b"Content-Length: " + b"9" * 5000], Framing.UNTIL_CLOSE),
        ([b"Transfer-Encoding: chunked, gzip"], Framing.UNTIL_CLOSE),
    ],
)
def test_request_body(lines, length):
    assert body_length(request(*lines)) == length


@pytest.mark.parametrize(
    ("status", "method", "lines", "length"),
    [
        (200, "GET", [], Framing.UNTIL_CLOSE),
        (200, "GET", [b"Content-Length: 5"], 5),
        (200, "HEAD", [b"Content-Length: 5"], 0),
        (204, "GET", [b"Content-Length: 5"], 0),
        (304, "GET", [b"Transfer-Encoding: chunked"], 0),
        (103, "GET", [], 0),
        (200, "CONNECT", [b"Content-Length: 5"], 0),
        (407, "CONNECT", [b"Content-Length: 5"], 5),
    ],
)
def test_response_body(status, method, lines, length):
    assert body_length(response(status, *lines), method) == length


CHUNKED = b"5;a=b\r\nhello\r\nA \r\n0123456789\r\n000\r\nTrailer: x\r\n\r\n"


@given(st.lists(st.integers(0, len(CHUNKED) + 4), max_size=8))
def test_chunks_end_at_the_same_byte_however_cut(cuts):
    data = CHUNKED + b"rest"
    body, used = Body(Framing.CHUNKED), 0
    edges = sorted({0, len(data), *(cut for cut in cuts if cut <= len(data))})
    for start, end in pairwise(edges):
        used += body.skip(data[start:end])
    assert (used, body.done, body.lost) == (len(CHUNKED), True, False)


@pytest.mark.parametrize(
    "data", [b"x\r\n", b"\r\n", b"-1\r\n", b"1" * 70 + b"\r\n", b"1\r\nab\r\n"]
)
def test_chunks_that_make_no_sense_are_lost(data):
    body = Body(Framing.CHUNKED)
    body.skip(data)
    assert (body.lost, body.done) == (True, False)


def test_gaps_inside_known_bytes_cost_nothing():
    body = Body(10)
    assert body.skip_gap(4)
    assert not body.skip_gap(None)
    assert not body.skip_gap(7)
    assert (body.skip(b"abcdefgh"), body.done) == (6, True)
    assert Body(Framing.UNTIL_CLOSE).skip_gap(None)
    chunked = Body(Framing.CHUNKED)
    assert not chunked.skip_gap(1)
    chunked.skip(b"5\r\n")
    assert chunked.skip_gap(5)
    assert (chunked.skip(b"\r\n0\r\n\r\n"), chunked.done) == (7, True)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.binary(min_size=1, max_size=40), max_size=4), st.booleans())
def test_ends_where_h11_ends(parts, chunked):
    if chunked:
        head = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        payload = b"".join(b"%x\r\n%b\r\n" % (len(p), p) for p in parts) + b"0\r\n\r\n"
    else:
        payload = b"".join(parts)
        head = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % len(payload)
    judge = h11.Connection(h11.SERVER)
    judge.receive_data(head + payload + b"next")
    while not isinstance(judge.next_event(), h11.EndOfMessage):
        pass
    body = Body(body_length(parse_head(head, Side.CLIENT)))
    used = body.skip(payload + b"next")
    assert (payload + b"next")[used:] == judge.trailing_data[0] == b"next"
    assert body.done


def test_a_run_of_body_is_swallowed_up_to_its_last_byte():
    body = Body(10)
    assert [body.swallow(6), body.swallow(4), body.swallow(3)] == [True, False, True]
    assert (body.skip(b"x!"), body.done) == (1, True)
    assert not body.swallow(1)
    assert Body(Framing.UNTIL_CLOSE).swallow(1 << 40)
    assert not Body(Framing.CHUNKED).swallow(1)
    assert not Body(0).swallow(1)
