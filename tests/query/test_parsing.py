"""What is a filter, what is none, and where the fault is."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.query.records import CONNECTIONS, FRAMES, json_frame
from wsdebug.query import QueryError, parse
from wsdebug.query.fields import FIELDS
from wsdebug.query.patterns import LOOKED_AT

FINE = CONNECTIONS["fine"]

# filter, what stands under the carets, the sentence (a part of it), the hint (a part)
WRONG = [
    ("opcod == 8", "opcod", 'unknown field "opcod" - did you mean opcode?', None),
    ("op == clsoe", "clsoe", "did you mean close?", None),
    ("op = 8", "=", "did you mean ==?", None),
    ("op == 16", "16", "none of its values", "cont"),
    ("op close", "close", 'An operator is missing behind "op"', None),
    ("op ==", "", "A value is missing", None),
    ("op == )", ")", "A value is missing", None),
    ("(op == 8", "", "The parenthesis at 1 is not closed", None),
    ("op == 8)", ")", "was not opened", None),
    ("op == 8 len > 3", "len", '"and" or "or" is missing', None),
    ("and", "and", "A field", None),
    ("", "", "The filter is empty", "op == close"),
    ("   ", "", "The filter is empty", None),
    ("len > 3q", "3q", "no number", "64k"),
    ("len > 0.5", "0.5", "no whole number", None),
    ("len contains 3", "contains", '"contains" does not go with len', "=="),
    ("text > 3", ">", '">" does not go with text', "contains"),
    ("gap > soon", "soon", "no number", "30s"),
    ("fin == 2", "2", "neither 0 nor 1", None),
    ("from == proxy", "proxy", "none of its values", "client, server"),
    ("rule == FR1O4", "FR1O4", "did you mean FR104?", None),
    ("cause == proxy-idle-timout", "proxy-idle-timout", "did you mean proxy-idle-timeout?", None),
    ("client == 10.0.0", "10.0.0", "no IP address", "10.0.0.1"),
    ("frame == X3", "X3", "no frame", "S38"),
    ("key == zz", "zz", "no masking key", None),
    ("key == 00:00", "00:00", "no masking key, which has 4 bytes", "37:fa:21:3d"),
    ("key == 37fa21", "37fa21", "no masking key, which has 4 bytes", "37:fa:21:3d"),
    ("key == 0:0:0:0", "0:0:0:0", "no masking key, which has 4 bytes", "37:fa:21:3d"),
    ("path == /live", "/live", "no end", 'path == "/live"'),
    ("path == /live/", "/live/", "A pattern goes with matches", None),
    ('text == "abc', '"abc', "no end", None),
    ("op in ping", "ping", "in braces", "{ping pong}"),
    ("op in {}", "", "braces are empty", None),
    ("op in {ping", "", "A value is missing", None),
    ("op not == 8", "==", "not goes with in", None),
    ("json == 3", "json", "1 to 32 steps", "json.type"),
    ("json.a..b == 3", "..b", "breaks off", None),
    ("text matches /(/", "/(/", "The pattern is wrong", None),
    ('text matches "(a+)+"', '"(a+)+"', "repeat inside a repeat", "contains"),
    ("op == 8 # no", "#", '"and" or "or"', None),
    ("op == 8 ; no", ";", '"and" or "or"', None),
    ("op == 8 [", "[", "no meaning", "quotes"),
    ("zzzzz == 1", "zzzzz", 'unknown field "zzzzz".', "explain filter"),
    ("(" * 60 + "op", "(", "More than 50 levels", None),
    ("!" * 60 + "op", "!", "More than 50 levels", None),
    ("op in {" + "1 " * 300 + "}", "1", "More than 200 values", None),
    ("op == 8 or " * 1000 + "op == 8", "", "longer than", None),
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "under", "sentence", "hint"), WRONG, ids=[w[0][:30] for w in WRONG]
)
def test_a_fault_is_named_at_its_place(text, under, sentence, hint):
    with pytest.raises(QueryError) as raised:
        parse(text)
    error = raised.value
    assert sentence in str(error)
    assert hint is None or hint in (error.hint or "")
    assert text[error.at : error.at + error.length].startswith(under)
    shown, carets = error.place
    column = carets.index("^")
    assert set(carets.strip()) == {"^"}
    assert shown[column : column + len(under)] == under


def test_a_long_filter_is_shown_near_the_place_and_nothing_in_it_steers_the_terminal():
    with pytest.raises(QueryError) as raised:
        parse("op == 8 and " * 20 + "\x1b[31mopx == 1 and " + "op == 8 and " * 20)
    shown, carets = raised.value.place
    assert shown.isprintable()
    assert len(shown) < 100
    assert carets.index("^") < len(shown)


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("op == ping or op == text and len > 100", "op == ping or (op == text and len > 100)"),
        ("not op == ping and len > 3", "(not op == ping) and len > 3"),
        ("op == ping && len > 3 || fin", "op == ping and len > 3 or fin"),
        ("op==ping&&len>3", "op == ping and len > 3"),
        ("NOT op EQ ping AND len GT 3", "not op == ping and len > 3"),
        ("not not fin", "fin"),
        ("op\n==\tping", "op == ping"),
    ],
)
def test_words_signs_and_what_binds_more(text, means):
    one, other = parse(text), parse(means)
    for frame in FRAMES.values():
        assert one.frame(frame, FINE) is other.frame(frame, FINE)


NAMES = [name for field in FIELDS for name in field.names]


def parsed(text):
    """The filter, or what is wrong with it."""
    try:
        return parse(text), None
    except QueryError as error:
        return None, error


PIECES = [
    *NAMES, "json.a", "json[", '["', "==", "!=", "<", ">=", "in", "not", "!", "and", "or", "(", ")",
    "{", "}", ",", "..", '"', "'", "/", "\\", "contains", "matches", "~", "64k", "1..5",
    "10.0.0.0/8",
    "FR104", "(a+)+", "[", "]", "*", "\x00", "é", "\ud800", "0x", "-1", "1e999",
]  # fmt: skip


@given(st.one_of(st.text(), st.lists(st.sampled_from(PIECES), max_size=20).map(" ".join),
                 st.lists(st.sampled_from(PIECES), max_size=20).map("".join)))  # fmt: skip
def test_no_text_raises_anything_but_a_query_error(text):
    wanted, error = parsed(text)
    if wanted is None:
        assert 0 <= error.at <= len(text)
        assert error.length > 0
        assert len(error.place) == 2
        return
    for frame in FRAMES.values():
        assert wanted.frame(frame, FINE) in (True, False)
    for connection in CONNECTIONS.values():
        assert wanted.connection(connection) in (True, False, None)


@given(st.text(max_size=40))
def test_no_pattern_raises_anything_but_a_query_error(pattern):
    quoted = '"' + pattern.replace("\\", "\\\\").replace('"', "") + '"'
    for text in (f"text matches {quoted}", f"/{pattern}/"):
        wanted, _ = parsed(text)
        assert wanted is None or wanted.frame(FRAMES["text"], FINE) in (True, False)


REFUSED = [
    "(a+)+$", "(a*)*b", "(a|a)*b", "(a|ab)*c", "(.*a){9}", "(a?b?)*c",
    "a?" * 30 + "a" * 30, "(a{1,9}){1,9}",
    ".*.*.*.*x", r"(a)\1", "(?:a|b|ab)+c", "((a+)b?)*", "a" * 501, "(" * 300 + ")" * 300,
    "x{1,9}" * 9,
]  # fmt: skip
TAKEN = [
    "^42\\[",
    "a.*b",
    "foo|bar",
    "(foo|bar)+",
    "[a-z]+@[a-z]+",
    "(ab){3}",
    "(foo.*)?bar",
    "\\d{1,3}",
]


@pytest.mark.parametrize("pattern", REFUSED)
def test_a_pattern_that_may_run_for_ever_is_refused(pattern):
    with pytest.raises(QueryError):
        parse(f'text matches "{pattern}"')


@pytest.mark.parametrize("pattern", TAKEN)
def test_ordinary_patterns_are_taken(pattern):
    assert parse(f'text matches "{pattern}"').fields == {"text"}


@pytest.mark.parametrize("pattern", ["x*y", "x*x*y", "x*x*x*y", "(x|z)*y", "x?x?x?x?x?x?y"])
def test_the_worst_text_for_a_pattern_ends_soon(pattern):
    wanted, frame = parse(f'text matches "{pattern}"'), json_frame("x" * (1 << 18))
    begun = time.process_time()
    assert not wanted.frame(frame, FINE)
    assert time.process_time() - begun < 15  # without limits: hours
    assert wanted.cut == 1


def test_how_much_of_a_text_a_pattern_sees():
    for repeats, limit in enumerate(LOOKED_AT):
        wanted = parse(f'text matches "end{"q*" * repeats}"')
        assert wanted.frame(json_frame(" " * (limit - 3) + "end"), FINE)
        assert not wanted.frame(json_frame(" " * limit + "end"), FINE)
        assert wanted.cut == 1
