"""Heads: what decides stays, what tells on somebody does not, and no fault of form moves."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wsdebug.anonymise.secret import Secret
from wsdebug.anonymise.streams import Tools
from wsdebug.http import parse_head
from wsdebug.model.place import Side
from wsdebug.protocol.handshake import accept_value

KEY = "4Tbkc/HJ1fFv5eFtFGaXgw=="


def tools():
    return Tools(Secret(b"a key for tests"))


def replaced(*lines, first=b"GET /live/7?token=abcdef HTTP/1.1"):
    head = b"\r\n".join([first, *lines, b"", b""])
    new = tools().http.replaced(head, Side.CLIENT)
    assert len(new) == len(head)
    return new


@pytest.mark.parametrize("line", [
    b"Upgrade: websocket", b"Connection: keep-alive, Upgrade", b"Sec-WebSocket-Version: 13",
    b"Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits",
    b"Server: nginx/1.22.1", b"User-Agent: Python/3.11 websockets/17.4",
    b"Sec-WebSocket-Protocol: graphql-transport-ws, mqtt",
    b"Content-Length: 117", b"Transfer-Encoding: chunked", b"Retry-After: 30", b"Via: 1.1 vegur",
    b"Keep-Alive: timeout=5", b"Content-Type: text/html; charset=utf-8", b"Host: localhost:8080",
])  # fmt: skip
def test_what_decides_stays(line):
    assert line + b"\r\n" in replaced(line)


@pytest.mark.parametrize(("line", "kept", "gone"), [
    (b"Host: api.acme.example:8443", b":8443\r\n", b"acme"),
    (b"Origin: https://app.acme.example", b"Origin: https://", b"acme"),
    (b"Referer: http://app.acme.example/a?b=secret", b"Referer: http://", b"secret"),
    (b"Cookie: session=hunter22; theme=dark", b"Cookie: ", b"hunter22"),
    (b"Set-Cookie: sid=hunter22; Path=/; HttpOnly; Secure", b"; Path=/; HttpOnly; Secure",
     b"hunter"),
    (b"Authorization: Bearer abc.def.ghi", b"Authorization: Bearer ", b"abc.def"),
    (b"Authorization: Basic aHVudGVyOjIy", b"Authorization: Basic ", b"aHVudGVy"),
    (b"X-Acme-Tenant: acme", b": ", b"cme"),
    (b"Sec-WebSocket-Protocol: mqtt, bearer.abcdefg", b"mqtt, ", b"abcdefg"),
    (b"Via: 1.1 edge7.acme.example", b"Via: 1.1 ", b"acme"),
    (b"Via: 1.0 acme7, 1.1 varnish (Varnish/6.0)", b", 1.1 varnish (Varnish/6.0)", b"acme"),
    (b"X-Forwarded-For: 203.0.113.7, 10.1.2.3", b"X-Forwarded-For: 203.", b"10.1.2.3"),
    (b"Forwarded: for=203.0.113.7;host=a.acme.example", b"Forwarded: for=203.", b"acme"),
    (b"Location: wss://b.acme.example/x", b"Location: wss://", b"acme"),
])  # fmt: skip
def test_what_tells_on_somebody_does_not(line, kept, gone):
    new = replaced(line)
    assert kept in new
    assert gone not in new.lower().replace(kept.lower(), b"")


def test_the_path_keeps_its_form_and_what_marks_engine_io():
    new = replaced(first=b"GET /socket.io/?EIO=4&transport=websocket&sid=s3cr3t HTTP/1.1")
    assert new.startswith(b"GET /socket.io/?EIO=4&transport=websocket&sid=")
    assert b"s3cr3t" not in new
    new = replaced(first=b"GET /rooms/blue?token=abcdef HTTP/1.1")
    assert new.startswith(b"GET /")
    assert new.count(b"/") == 3
    assert b"blue" not in new
    assert b"abcdef" not in new


def test_status_and_reason_stay():
    new = replaced(first=b"HTTP/1.1 502 Bad Gateway")
    assert new.startswith(b"HTTP/1.1 502 Bad Gateway\r\n")
    assert b"acme" not in replaced(first=b"HTTP/1.1 502 acme is down")


def test_the_key_is_another_and_the_answer_is_its():
    nonces = tools().nonces
    nonces.learn(KEY)
    assert nonces.key(KEY) != KEY
    assert len(nonces.key(KEY)) == 24
    assert nonces.accept(accept_value(KEY)) == accept_value(nonces.key(KEY))


def test_a_wrong_answer_stays_wrong():
    nonces = tools().nonces
    nonces.learn(KEY)
    wrong = accept_value("x" + KEY)
    assert nonces.accept(wrong) not in (wrong, accept_value(nonces.key(KEY)))
    assert len(nonces.accept("too short")) == len("too short")
    assert nonces.key("plain text") != "plain text"


def test_an_answer_to_another_connection_s_key_stays_that():
    nonces = tools().nonces
    other = "x3JJHMbDL1EzLkh9GBhXDw=="
    nonces.learn(KEY)
    nonces.learn(other)
    assert nonces.accept(accept_value(other)) == accept_value(nonces.key(other))


LINES = st.lists(st.sampled_from([
    b"Host: a.example", b"Host : a.example", b"X Bad: 1", b"no colon", b": 1", b"X: a\rb",
    b"X: \0\0b",
    b" folded line", b"\tfolded: too", b"X:\xe9\xff", b"Cookie: a=b\n Host: c", b"A: b\nC: d",
    b"Sec-WebSocket-Key:", b"Sec-WebSocket-Key: " + KEY.encode(), b"Upgrade:websocket\x7f",
]), max_size=8)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(LINES, st.sampled_from([
    b"GET /a b HTTP/1.1", b"get  /x", b"GET / HTTP/9", b"HTTP/1.1 2000 x",
    b"HTTP/1.1 101 Yes\xff", b"GET /x HTTP/1.1 ",
]))  # fmt: skip
def test_faults_of_form_stay_where_they_are(lines, first):
    head = b"\r\n".join([first, *lines, b"", b""])
    new = tools().http.replaced(head, Side.CLIENT)
    before, after = parse_head(head, Side.CLIENT), parse_head(new, Side.CLIENT)
    assert after.faults == before.faults
    assert [(one.offset, one.length) for one in after.fields] == [
        (one.offset, one.length) for one in before.fields
    ]
    assert (after.status, after.version, after.complete) == (
        before.status, before.version, before.complete
    )  # fmt: skip


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300), st.sampled_from(list(Side)))
def test_anything_keeps_its_length(data, side):
    assert len(tools().http.replaced(data, side)) == len(data)


def test_bodies_keep_their_framing():
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n1a;x=y\r\n"
    data = chunked + b"abcdefghijklmnopqrstuvwxyz\r\n0\r\n\r\nHTTP/1.1 404 Not Found\r\n\r\n"
    new = tools().http.replaced(data, Side.SERVER)
    assert b"\r\n\r\n5\r\n" in new
    assert b"\r\n1a;x=y\r\n" in new
    assert new.endswith(b"\r\n0\r\n\r\nHTTP/1.1 404 Not Found\r\n\r\n")
    assert b"hello" not in new


def test_what_stands_behind_a_proxy_header_is_looked_at():
    hello = bytes.fromhex("16030100050100000103")
    for header in (b"PROXY TCP4 203.0.113.7 10.1.2.3 50000 443\r\n",
                   b"\r\n\r\n\0\r\nQUIT\n\x21\x11\x00\x0c" + bytes(range(12))):  # fmt: skip
        new = tools().http.replaced(header + hello, Side.CLIENT)
        assert len(new) == len(header + hello)
        assert new[: 11 if header[:1] == b"P" else 16] == header[: 11 if header[:1] == b"P" else 16]
        assert b"203.0.113.7" not in new
        assert new[len(header) :].startswith(hello[:6])
