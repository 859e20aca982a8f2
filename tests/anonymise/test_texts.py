"""Texts: JSON stays JSON, UTF-8 stays as good or bad as it was, short contents stay different."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wsdebug.anonymise.mqtt import mqtt_roles
from wsdebug.anonymise.roles import text_roles
from wsdebug.anonymise.secret import Secret
from wsdebug.anonymise.substitute import scrambled, substituted
from wsdebug.protocol.text import first_fault
from wsdebug.views import view_of

SECRET = Secret(b"a key for tests")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


def text(data):
    return substituted(data, text_roles(data), SECRET)


def shape(value):
    """What kind of value stands where."""
    if isinstance(value, list):
        return [shape(each) for each in value]
    if isinstance(value, dict):
        return [shape(each) for each in value.values()]
    return type(value).__name__


@settings(max_examples=300, deadline=None)
@given(JSON, st.booleans(), st.sampled_from([None, 2]))
def test_json_stays_json(value, ascii_only, indent):
    data = json.dumps(value, ensure_ascii=ascii_only, indent=indent).encode(
        "utf-8", "surrogatepass"
    )
    new = text(data)
    assert len(new) == len(data)
    told = json.loads(new.decode("utf-8", "surrogatepass"), object_pairs_hook=list)
    plain = json.loads(data.decode("utf-8", "surrogatepass"), object_pairs_hook=list)
    assert shape(_pairs(told)) == shape(_pairs(plain))


def _pairs(value):
    if isinstance(value, list):
        return [_pairs(each[1]) if isinstance(each, tuple) else _pairs(each) for each in value]
    return value


@settings(max_examples=400, deadline=None)
@given(
    st.one_of(
        st.binary(max_size=60),
        st.text(max_size=30).map(lambda each: each.encode("utf-8", "surrogatepass")),
    )
)
def test_utf8_is_as_good_or_bad_as_before(data):
    def fault(raw):
        found = first_fault(raw)
        return None if found is None else (found.offset, found.reason)

    assert fault(text(data)) == fault(data)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=50))
def test_no_byte_of_a_binary_stays(data):
    assert all(old != new for old, new in zip(data, scrambled(data, SECRET), strict=True))


@settings(max_examples=200, deadline=None)
@given(
    st.text(alphabet=st.characters(categories=["Lu", "Ll", "Nd"], max_codepoint=127), max_size=40)
)
def test_no_letter_or_digit_of_a_text_stays(word):
    data = f"x{word}y7".encode()
    assert all(old != new for old, new in zip(data, text(data), strict=True))


def test_short_contents_stay_different_and_equal_ones_equal():
    """A pong belongs to the ping that says the same."""
    for roles in (text, lambda data: scrambled(data, SECRET)):
        told = [roles(str(number).encode()) for number in range(3_000)]
        assert len(set(told)) == 3_000
        assert told == [roles(str(number).encode()) for number in range(3_000)]


def test_the_beginning_of_a_cut_content_is_that_of_the_whole():
    data = b"the quick brown fox"
    assert scrambled(data[:10], SECRET) == scrambled(data, SECRET)[:10]


@pytest.mark.parametrize(("data", "opcode", "path", "subprotocol", "name"), [
    (b'42["chat","hello jane"]', 1, "/socket.io/?EIO=4", None, "socket.io"),
    (b'0{"sid":"lv_VI97HAXpY6yYWAAAC","upgrades":[],"pingInterval":25000,"pingTimeout":20000}', 1,
     "/socket.io/?EIO=4", None, "socket.io"),
    (b"2probe", 1, "/socket.io/?EIO=4", None, "socket.io"),
    (b"CONNECT\naccept-version:1.2\nhost:acme.example\nheart-beat:10000,0\n\n\0", 1, "/",
     "v12.stomp", "stomp"),
    (b'{"type":1,"target":"Send","arguments":["jane"]}\x1e', 1, "/hub", None, "signalr"),
    (b'{"id":"1","type":"subscribe","payload":{"query":"{ user { card } }"}}', 1, "/",
     "graphql-transport-ws", "graphql"),
    (b'{"jsonrpc":"2.0","id":7,"method":"pay","params":["4111"]}', 1, "/", None, "json-rpc"),
    (b"\x10\x1b\x00\x04MQTT\x04\xc2\x00\x3c\x00\x04jane\x00\x01u\x00\x04pass", 2, "/", "mqtt",
     "mqtt"),
])  # fmt: skip
def test_views_still_know_it(data, opcode, path, subprotocol, name):
    roles = mqtt_roles(data) if name == "mqtt" else text_roles(data)
    new = substituted(data, roles, SECRET)
    assert view_of(data, opcode, subprotocol, path)[0] == name
    assert view_of(new, opcode, subprotocol, path)[0] == name
    assert not any(word in new for word in (b"jane", b"acme", b"card", b"4111", b"lv_VI97"))


def test_figures_of_protocols_stay():
    new = text(b'0{"sid":"abc","pingInterval":25000,"pingTimeout":20000}')
    assert b'"pingInterval":25000,"pingTimeout":20000}' in new
    assert b"\nheart-beat:10000,500\n" in text(b"CONNECTED\nheart-beat:10000,500\n\n")


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=80))
def test_any_bytes_may_be_taken_for_mqtt(data):
    assert len(mqtt_roles(data)) == len(data)


def test_what_libraries_say_stays_only_where_they_may_say_it():
    reason = b"invalid UTF-8 sequence for Jane"
    said = substituted(reason, text_roles(reason, is_said=True), SECRET)
    assert said.startswith(b"invalid UTF-8 sequence ")
    assert b"Jane" not in said
    assert not text(reason).startswith(b"invalid UTF-8")
