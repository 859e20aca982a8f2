"""What is asked is recognised and answered, or refused with a next step."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wsdebug.explain import explain, rules_table
from wsdebug.explain.lookup import bytes_from_hex
from wsdebug.model.errors import UserError
from wsdebug.rules import RULES, all_rules


@pytest.mark.parametrize("rule", all_rules(), ids=lambda rule: rule.code)
def test_a_rule_by_name_and_by_code(rule):
    text = explain(rule.code)
    assert text == explain(f" {rule.code.lower()} ")
    assert explain(rule.name).startswith(text)  # a cause may have the same name
    assert text.startswith(f"{rule.code}  {rule.name}\n")
    assert rule.severity.value in text
    assert rule.fix.split()[0] in text


def test_underscores_are_dashes():
    assert explain("client_frame_not_masked") == explain("FR104")


@pytest.mark.parametrize(
    "asked", [*RULES, "1000", "1006", "4001", "502", "101", "8185", "48545450", "hs", "ff"]
)
def test_a_page_fits_80_columns(asked):
    assert [line for line in explain(asked).splitlines() if len(line) > 80] == []


def test_a_family():
    text = explain("fr")
    assert text.startswith("FR  frames\n")
    assert [line[:5] for line in text.splitlines() if line.startswith("FR1")] == [
        rule.code for rule in all_rules() if rule.code.startswith("FR")
    ]


@pytest.mark.parametrize("asked", ["FR10", "fr1", "CL11"])
def test_the_beginning_of_codes(asked):
    lines = [line[:5] for line in explain(asked).splitlines() if line[2:5].isdigit()]
    assert lines == [rule.code for rule in all_rules() if rule.code.startswith(asked.upper())]


# ---- numbers ----------------------------------------------------------------------------------
def test_1006_is_never_on_the_wire():
    text = explain("1006")
    assert text.startswith("1006  Abnormal Closure\n")
    assert "never; a Close with it breaks CL102 close-code-not-allowed-on-wire" in text


def test_1006_says_where_to_look_and_what_libraries_call_it():
    text = explain("1006")
    for word in ("idle timeout", "RST", "no close frame received or sent", "unexpected EOF"):
        assert word in text


@pytest.mark.parametrize(
    ("asked", "same"),
    [
        ("code 1006", "1006"),
        ("Close code: 1001", "1001"),
        ("HTTP 502", "502"),
        ("status 426", "426"),
    ],
)
def test_a_number_may_come_with_its_label(asked, same):
    assert explain(asked) == explain(same)


@pytest.mark.parametrize("code", ["1002", "1007", "1009", "1011"])
def test_what_to_do_about_a_failure(code):
    assert "What to do" in explain(code)


@pytest.mark.parametrize(
    ("code", "wire"),
    [("1000", "on the wire  yes"), ("4999", "on the wire  yes"), ("1004", "CL103"),
     ("2500", "CL103"), ("1015", "CL102")],
)  # fmt: skip
def test_close_codes(code, wire):
    text = explain(code)
    assert text.startswith(f"{code}  ")
    assert wire in text


def test_an_http_status():
    assert explain("502").startswith("HTTP 502  Bad Gateway, as the answer to a WebSocket")


def test_no_http_status():
    with pytest.raises(UserError, match="999 is no HTTP status"):
        explain("999")


@pytest.mark.parametrize("asked", ["8185", "0999", "5000", "0x1000"])
def test_other_four_digits_are_a_header(asked):
    assert "FIN" in explain(asked)


def test_digits_that_look_like_a_close_code_and_are_none():
    assert "5000 is no close code" in explain("5000")
    assert "no close code" not in explain("8185")
    with pytest.raises(UserError, match="65535 is no close code") as raised:
        explain("65535")
    assert raised.value.hint.startswith("Ask for")


# ---- headers in hex ---------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("asked", "raw"),
    [
        ("8185", "8185"),
        ("81 85", "8185"),
        ("81:85", "8185"),
        ("0x81 0x85", "8185"),
        ("0x81, 0x85", "8185"),
        ("0x8185", "8185"),
        ("0x8 0x85", "0885"),
        ("81\n85", "8185"),
    ],
)
def test_hex_in_many_hands(asked, raw):
    assert bytes_from_hex(asked) == bytes.fromhex(raw)


@pytest.mark.parametrize("asked", ["", "818", "8 1", "xyz", "81 8g", "0x", "0x818"])
def test_no_hex(asked):
    assert bytes_from_hex(asked) is None


def test_a_header_is_drawn_and_judged_for_both_roles():
    text = explain("81 85 37 fa 21 3d 7f 9f 4d 51 58")
    assert "  1 000 0001 1 0000101 37 fa 21 3d\n" in text
    assert 'Payload: "Hello" (5 of 5 bytes)' in text
    assert "Sent by a client: breaks nothing." in text
    client, server = text.split("Sent by a server")
    assert "FR105" not in client
    assert "FR105  server-frame-masked" in server
    assert "saw MASK bit 1; wanted MASK bit 0" in server


def test_a_header_in_ascii():
    assert explain("8185", ascii_only=True).isascii()


def test_text_is_recognised():
    text = explain("48 54 54 50")
    assert "HTTP response" in text
    assert "FR101  reserved-bits-set" in text
    assert "FR103  control-frame-fragmented" in text
    assert 'As text they read "{"id"' in explain(b'{"id"'.hex())
    assert "TLS handshake record" in explain("16 03 01")


def test_rsv1_is_right_where_compression_was_agreed():
    assert "with permessage-deflate agreed: nothing" in explain("c1 05")


def test_a_long_form_is_judged_by_its_real_length():
    text = explain("82 7f 00 00 00 00 00 00 00 05")
    assert "FR107  length-not-minimal" in text
    assert "length 5 in the 64-bit form" in text
    assert "FR107" not in explain("82 7f 00 00 00 00 00 01 00 00")


def test_whether_a_message_is_open_is_not_judged():
    assert "MS101" not in explain("80 00")


# ---- what is not known ------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("asked", "near"),
    [
        ("FR194", "FR104"),
        ("client-frame-not-maskd", "client-frame-not-masked"),
        ("Foreign Bytes!", "foreign-bytes"),
        ("utf8", "invalid-utf8"),
        ("Invalid frame haeder", '"Invalid frame header"'),
        ("mask must set", '"Invalid WebSocket frame: MASK must be set"'),
        ("could not connect to the sever at wss", "Ask for a rule"),
    ],
)
def test_the_nearest_names_are_offered(asked, near):
    with pytest.raises(UserError) as raised:
        explain(asked)
    assert near in raised.value.hint


def test_nothing_near_says_what_may_be_asked():
    with pytest.raises(UserError, match="Nothing is known by the name") as raised:
        explain("zzzz")
    assert "a header in hex" in raised.value.hint


@settings(max_examples=200, deadline=None)
@given(st.one_of(st.text(), st.binary(min_size=1, max_size=20).map(bytes.hex)))
def test_any_text_gives_a_page_or_a_sentence_and_nothing_steers_the_terminal(asked):
    try:
        text = explain(asked)
    except UserError as error:
        text = f"{error} {error.hint}"
    assert all(character == "\n" or character.isprintable() for character in text)


def test_a_very_long_text_is_quick():
    with pytest.raises(UserError):
        explain("x" * 1_000_000)
    assert explain("81" * 100_000).startswith("81 81")


# ---- the table --------------------------------------------------------------------------------
def test_the_table_has_a_line_for_every_rule():
    lines = rules_table().split("\n\n")[0].splitlines()
    assert [line.split()[:3] for line in lines] == [
        [rule.code, rule.name, rule.severity.value] for rule in all_rules()
    ]
    assert all(rule.title in line for rule, line in zip(all_rules(), lines, strict=True))


@pytest.mark.parametrize("width", [80, 100])
def test_the_table_fits_a_terminal(width):
    assert max(map(len, rules_table(width).splitlines())) <= width
    lines = rules_table(width).split("\n\n")[0].splitlines()
    assert [line[:5] for line in lines[::2]] == [rule.code for rule in all_rules()]
    assert [line.strip() for line in lines[1::2]] == [rule.title for rule in all_rules()]


@pytest.mark.parametrize("word", ["keylog", "KEYLOG", "sslkeylogfile", "wss"])
def test_how_to_get_keys_in_one_screen(word):
    page = explain(word)
    for name in ("Node", "Chromium", "Firefox", "Python", "Go", "Java", "curl", "haproxy", "Envoy"):
        assert f"  {name} " in page, name
    assert "--tls-keylog=keys.log" in page
    assert len(page.splitlines()) <= 45
    assert max(map(len, page.splitlines())) <= 78
