"""Choosing while frames pass gives what asking afterwards gives."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from tests.query.records import CONNECTIONS, FRAMES
from wsdebug.model.errors import UserError
from wsdebug.query import Sieve, parse
from wsdebug.query.sieve import MOST_RESTS

FINE = CONNECTIONS["fine"]
TERMS = [
    "op == ping", "from == client", "len > 64k", "compressed", "code == 1006", "rule == FR101",
    "host == api.example:8443", "cause == DX202", "gap > 30s", '"hello"',
]  # fmt: skip
expressions = st.recursive(
    st.sampled_from(TERMS),
    lambda inner: st.one_of(
        inner.map("not ({})".format),
        st.tuples(inner, inner).map(lambda two: f"({two[0]}) and ({two[1]})"),
        st.tuples(inner, inner).map(lambda two: f"({two[0]}) or ({two[1]})"),
    ),
    max_leaves=8,
)


@given(
    expressions,
    st.lists(st.sampled_from(sorted(FRAMES)), max_size=5),
    st.sampled_from(sorted(CONNECTIONS)),
)
def test_as_asked_afterwards(text, names, connection):
    """Rules are those of the whole connection while it is chosen; so are they here."""
    wanted, whole = parse(text), CONNECTIONS[connection]
    sieve = Sieve(wanted)
    for name in names:
        sieve.frame(3, FRAMES[name])
    found = wanted.connection(whole)
    if found is None:
        frames = [structs.replace(FRAMES[name], findings=whole.findings) for name in names]
        found = any(wanted.frame(frame, whole) for frame in frames)
    assert sieve.wants(3, whole) is found


@given(expressions, st.sampled_from(sorted(FRAMES)), st.sampled_from(sorted(CONNECTIONS)))
def test_a_connection_decides_only_what_no_frame_changes(text, name, connection):
    if "rule" in text:
        return  # of a frame they are the frame's own
    wanted, whole = parse(text), CONNECTIONS[connection]
    found = wanted.connection(whole)
    assert found is None or wanted.frame(FRAMES[name], whole) is found


@pytest.mark.parametrize(
    ("text", "frames", "connection", "wanted"),
    [
        ("op == ping", ["text"], "fine", False),
        ("op == ping", ["text", "ping"], "fine", True),
        ("op == ping", [], "fine", False),
        ("not op == ping", [], "fine", False),
        ("code == 1006", [], "cut", True),
        ("op == ping and code == 1006", ["ping"], "cut", True),
        ("op == ping and code == 1006", ["ping"], "fine", False),
        ("op == ping or code == 1006", ["text"], "cut", True),
        ("op == ping or code == 1006", ["ping"], "fine", True),
        ("op == ping and len > 64k", ["ping", "large"], "fine", False),
        ("!(code == 1006 and op == text)", ["text"], "cut", False),
        ("!(code == 1006 and op == text)", ["text"], "fine", True),
        ("rule == FR101 and op == ping", ["ping"], "found", True),
    ],
)
def test_one_frame_must_meet_all_conditions_on_frames(text, frames, connection, wanted):
    sieve = Sieve(parse(text))
    for name in frames:
        sieve.frame(1, FRAMES[name])
    assert sieve.wants(1, CONNECTIONS[connection]) is wanted


def test_connections_are_kept_apart_and_forgotten():
    sieve = Sieve(parse("op == ping"))
    sieve.frame(1, FRAMES["ping"])
    assert not sieve.wants(2, FINE)
    assert sieve.wants(1, FINE)
    assert not sieve.wants(1, FINE)


def test_what_is_kept_of_a_connection_does_not_grow_with_its_frames():
    sieve = Sieve(parse("(op == ping or len > 3) and code == 1006 and from == server"))
    for _ in range(1000):
        for frame in FRAMES.values():
            sieve.frame(1, frame)
    assert len(sieve._rests[1]) == 1


def test_a_filter_that_leaves_too_much_is_refused():
    """Of n pairs joined by `and`, frames may leave any of 2^n rests."""
    sieve = Sieve(parse(" and ".join(f"(rsv == {at % 8} or number == {at} or conn == {at})"
                                     for at in range(12))))  # fmt: skip
    keep = Sieve(parse("frame == 1 and conn == 1 or frame == 2 and conn == 2"))
    for number in (1, 2, 3):
        keep.frame(1, structs.replace(FRAMES["text"], number=number))
    assert len(keep._rests[1]) == 2
    sieve._rests[1] = set(range(MOST_RESTS))
    with pytest.raises(UserError, match="too many conditions"):
        sieve.frame(1, FRAMES["text"])
