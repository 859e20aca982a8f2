"""Heads of one kind are what they would be if each were parsed by itself."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from wsdebug.http import parse_head
from wsdebug.http.kinds import Alike, head_like
from wsdebug.model.handshake import Head
from wsdebug.model.limits import Limits
from wsdebug.model.place import Side

LIMITS = Limits()
KEYS = ("dGhlIHNhbXBsZSBub25jZQ==", "AAAAAAAAAAAAAAAAAAAAAA==")
LINES = [
    *(f"Sec-WebSocket-Key: {key}" for key in KEYS),
    *(f"sec-websocket-key: {key}" for key in KEYS),
    "Sec-WebSocket-Key: short",
    "Sec-WebSocket-Key:dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
    "Sec-WebSocket-Accept: AAAALMBiTxaQ9kYGzzhZRbK+xOo=",
    "Date: Mon, 30 Nov 2026 22:20:00 GMT",
    "Date: Tue, 01 Dec 2026 00:25:00 GMT",
    "Date: today",
    " folded",
    "Host: a",
    "no colon",
    "bad name : x",
    "Upgrade: websocket",
    "",
]
heads = st.builds(
    lambda start, lines, end: (end.join([start, *lines]) + end * 2).encode("latin-1"),
    st.sampled_from(["GET / HTTP/1.1", "HTTP/1.1 101 Switching Protocols", "nonsense"]),
    st.lists(st.sampled_from(LINES), max_size=6),
    st.sampled_from(["\r\n", "\n"]),
)
marks = st.tuples(st.integers(1, 9), st.integers(0, 9), st.none())


def named(head: Head) -> dict[str, object]:
    return {field.key: head.all(field.key) for field in head.fields}


@given(heads, st.sampled_from(Side), st.integers(0, 99), marks, st.integers(1, 5))
def test_a_head_is_the_same_either_way(data, side, offset, mark, most):
    for limits in (LIMITS, Limits(fields=most)):
        alone = parse_head(data, side, offset, mark, limits)
        like = head_like(data, side, offset, mark, limits)
        assert like == alone
        assert named(like) == named(alone)


def request(key: str, extra: str = "") -> bytes:
    return f"GET / HTTP/1.1\r\nSec-WebSocket-Key: {key}\r\n{extra}\r\n".encode()


def kind(data: bytes) -> object:
    return head_like(data, Side.CLIENT, 0, (1, 2, None), LIMITS).kind


def test_only_what_is_drawn_anew_makes_no_difference():
    assert kind(request(KEYS[0])) is kind(request(KEYS[1]))
    assert kind(request(KEYS[0])) is not kind(request(KEYS[0], "Origin: a\r\n"))
    assert kind(request(KEYS[0])) is not kind(request("short"))
    twice = f"Sec-WebSocket-Key: {KEYS[1]}\r\n"
    assert kind(request(KEYS[0], twice)) is not kind(request(KEYS[1], twice))


def test_a_long_head_is_of_no_kind():
    long = f"Cookie: {'x' * 5_000}\r\n"
    assert kind(request(KEYS[0], long)) is not kind(request(KEYS[0], long))


@given(heads, heads, st.integers(0, 400), st.integers(0, 255))
def test_heads_of_one_kind_are_known_by_their_bytes(
    one: bytes, other: bytes, place: int, byte: int
) -> None:
    """Also one of which a byte is another, or that is cut or goes on."""
    first = head_like(one, Side.CLIENT, 0, (1, 1, None), LIMITS)
    if not first.kind.drawn:
        return
    alike = Alike(first.kind, first.fields)
    changed = one[:place] + bytes([byte]) + one[place + 1 :]
    for data in (one, other, changed, one[:place], one + other):
        second = head_like(data, Side.CLIENT, 0, (1, 1, None), LIMITS)
        drawn = tuple(second.fields[index].value for index in second.kind.drawn)
        assert alike.values(data) == (drawn if second.kind == first.kind else None)
