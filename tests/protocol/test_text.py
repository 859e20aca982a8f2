from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wsdebug.protocol.text import Utf8, first_fault


@pytest.mark.parametrize(
    ("text", "offset", "reason", "seen"),
    [
        (b"ab\x80", 2, "invalid-start", b"\x80"),
        (b"\xff", 0, "invalid-start", b"\xff"),
        (b"\xf8\x88", 0, "invalid-start", b"\xf8"),
        (b"\xc0\xaf", 0, "overlong", b"\xc0"),
        (b"\xc1\xbf", 0, "overlong", b"\xc1"),
        (b"x\xe0\x80\xaf", 2, "overlong", b"\xe0\x80"),
        (b"\xf0\x8f\xbf\xbf", 1, "overlong", b"\xf0\x8f"),
        (b"\xed\xa0\x80", 1, "surrogate", b"\xed\xa0"),
        (b"\xed\xbf\xbf", 1, "surrogate", b"\xed\xbf"),
        (b"\xf4\x90\x80\x80", 1, "too-large", b"\xf4\x90"),
        (b"\xf5\x80\x80\x80", 0, "too-large", b"\xf5"),
        (b"\xc3(", 1, "invalid-continuation", b"\xc3("),
        (b"\xe2\x82(", 2, "invalid-continuation", b"\xe2\x82("),
        (b"\xf0\x9f\x98\xc0", 3, "invalid-continuation", b"\xf0\x9f\x98\xc0"),
        (b"ok\xe2\x82", 2, "truncated", b"\xe2\x82"),
    ],
)
def test_first_impossible_byte(text, offset, reason, seen):
    assert first_fault(text) == (offset, reason, seen)


@pytest.mark.parametrize("text", ["", "κόσμε", "\U0010ffff", "\ud7ff\ue000", "\ufffe\x00"])
def test_legal_text(text):
    assert first_fault(text.encode()) is None


@given(st.binary(max_size=12) | st.text(max_size=8).map(str.encode), st.integers(0, 12))
def test_split_changes_nothing(text, cut):
    check = Utf8()
    split = check.feed(text[:cut]) or check.feed(text[cut:]) or check.finish()
    assert split == first_fault(text)


@given(st.binary(max_size=8))
def test_agrees_with_python_on_what_is_text(text):
    try:
        text.decode()
    except UnicodeDecodeError:
        assert first_fault(text) is not None
    else:
        assert first_fault(text) is None


@given(st.binary(min_size=1, max_size=6))
def test_fault_is_the_first_byte_that_cannot_be(text):
    fault = first_fault(text)
    if fault is None or fault.reason == "truncated":
        return
    before = Utf8()
    assert before.feed(text[: fault.offset]) is None
    # With that byte nothing that follows makes it text again.
    assert Utf8().feed(text[: fault.offset + 1]) is not None


def test_long_text_is_checked_across_its_pieces():
    text = b"a" * 16383 + "é".encode() + b"b" * 40_000
    assert first_fault(text) is None
    assert first_fault(text + b"\xff") == (len(text), "invalid-start", b"\xff")
