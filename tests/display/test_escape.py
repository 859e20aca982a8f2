"""Nothing from the wire may steer a terminal."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wsdebug.display.escape import in_ascii, printable


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        (b"plain", "plain"),
        (b"\x1b[31mred", r"\x1b[31mred"),
        (b"a\r\nb\tc\0", r"a\x0d\x0ab\x09c\x00"),
        (b"\x7f", r"\x7f"),
        (b"\xc2\x9b31m", r"\xc2\x9b31m"),  # C1: CSI
        (b"\xe4", r"\xe4"),
        ("äöü € 漢", "äöü € 漢"),
        ("\u202egnp.exe", r"\xe2\x80\xaegnp.exe"),  # bidi control
        ("a\u200bb\ufeff", r"a\xe2\x80\x8bb\xef\xbb\xbf"),
        ("\u2028", r"\xe2\x80\xa8"),
        ("a\u00a0b", r"a\xc2\xa0b"),
        ("\ud800", r"\xed\xa0\x80"),
        (bytearray(b"\n"), r"\x0a"),
        (memoryview(b"\n"), r"\x0a"),
    ],
)
def test_shown(raw, shown):
    assert printable(raw) == shown


@pytest.mark.parametrize(("limit", "shown"), [(6, "abcdef"), (5, "abcd…"), (1, "…"), (0, "")])
def test_cut(limit, shown):
    assert printable("abcdef", limit) == shown
    assert printable(b"abcdef", limit) == shown


def test_a_long_input_is_not_read_to_its_end():
    assert printable(b"\xf0\x9f\x98\x80" * 1_000_000, 3) == "😀😀…"


@settings(max_examples=200, deadline=None)
@given(st.one_of(st.binary(), st.text(st.characters())), st.integers(0, 40))
def test_always_printable_and_never_beyond_the_limit(raw, limit):
    whole = printable(raw)
    assert whole.isprintable()
    assert printable(whole) == whole
    assert len(printable(raw, limit)) <= limit


def test_in_ascii_a_character_is_never_taken_for_a_byte():
    assert in_ascii("gr\u00fc\u00df \u2713 \U0001f600 plain") == (
        r"gr\u00fc\u00df \u2713 \U0001f600 plain"
    )
    assert in_ascii(printable(b"\xfc")) == r"\xfc"  # the byte that is no character
