"""What a side opens with, told from four bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wsdebug.http import (
    Opening,
    opens_like_client,
    proxy_header_length,
    recognise,
    starts_like_request,
    starts_like_response,
)

V2 = b"\r\n\r\n\x00\r\nQUIT\n\x21\x11\x00\x0c" + bytes(12)


@pytest.mark.parametrize(
    ("data", "opening"),
    [
        (b"GET ", Opening.REQUEST),
        (b"get / HTTP/1.1", Opening.REQUEST),
        (b"OPTIONS", Opening.REQUEST),
        (b"CONNECT a:1 HTTP/1.1", Opening.REQUEST),
        (b"\r\nGET / HTTP/1.1", Opening.REQUEST),
        (b"HTTP/1.1 101", Opening.RESPONSE),
        (b"PROXY TCP4 1.2.3.4", Opening.PROXY),
        (V2, Opening.PROXY),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", Opening.HTTP2),
        (b"GE", None),
        (b"\r\n", None),
        (V2[:8], None),
        (b"", None),
        (b"\x16\x03\x01", Opening.OTHER),
        (b"SSH-2.0-OpenSSH", Opening.OTHER),
        (b"GETX / HTTP/1.1", Opening.OTHER),
        (b"\x81\x85", Opening.OTHER),
    ],
)
def test_opening(data, opening):
    assert recognise(data) is opening


@given(
    st.sampled_from([b"GET / HTTP/1.1", b"HTTP/1.1 2", b"PROXY T", V2, b"PRI * H", b"\r\nPUT /x"])
)
def test_more_bytes_never_change_the_answer(data):
    answers = [recognise(data[:n]) for n in range(len(data) + 1)]
    known = [answer for answer in answers if answer is not None]
    assert len(set(known)) == 1
    assert answers == [None] * (len(answers) - len(known)) + known


def test_a_few_bytes_may_be_either_or_neither():
    assert starts_like_request(b"H")
    assert starts_like_response(b"H")
    assert not starts_like_request(b"HTTP")
    assert not starts_like_response(b"HEAD")
    assert not starts_like_request(b"\x81")
    assert not starts_like_request(b"PROXY TCP4")
    assert opens_like_client(b"PROXY TCP4")
    assert not opens_like_client(b"HTTP/1.1")


@pytest.mark.parametrize(
    ("data", "length"),
    [
        (b"PROXY TCP4 1.1.1.1 2.2.2.2 1 2\r\nGET /", 32),
        (b"PROXY TCP4 1.1.1.1", None),
        (b"PROXY " + b"x" * 200, 0),
        (b"PROXIMITY\r\n", 0),
        (V2, 28),
        (V2[:15], None),
    ],
)
def test_proxy_header_length(data, length):
    assert proxy_header_length(data) == length
