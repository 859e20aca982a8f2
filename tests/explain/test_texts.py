"""Lines from logs, as people paste them, find the library that wrote them and the bytes behind."""

from __future__ import annotations

import time
import tomllib
from pathlib import Path
from typing import Any

import pytest

from wsdebug.diagnosis.causes import all_causes
from wsdebug.diagnosis.fleet import all_fleet_causes
from wsdebug.explain import explain
from wsdebug.explain.texts import find, lines, nearest
from wsdebug.knowledge.cases import cases
from wsdebug.knowledge.libraries import all_libraries
from wsdebug.knowledge.libraries.model import EVENTS
from wsdebug.model.errors import UserError

CAUSE_NAMES = {each.code: each.name for each in (*all_causes(), *all_fleet_causes())}

PASTED = tomllib.loads((Path(__file__).parent / "pasted.toml").read_text(encoding="utf-8"))["line"]


@pytest.mark.parametrize("line", PASTED, ids=[line["asked"][:40] for line in PASTED])
def test_what_people_paste(line: dict[str, Any]) -> None:
    asked, library, words = line["asked"], line["library"], line["words"]
    names = {match.line.library for match in find(asked)}
    assert library in names
    assert len(names) <= 4
    text = explain(asked)
    for word in words:
        assert word in text, text
    assert [line for line in text.splitlines() if len(line) > 80] == []


def shown(template: str) -> str:
    """A text with some figure in the place of each word in braces."""
    return "".join(part.partition("}")[2] if at else part for at, part in enumerate(
        template.replace("}", "}7").split("{")
    ))  # fmt: skip


def test_every_text_that_is_known_is_found_in_a_line_with_other_words_round_it() -> None:
    missed = []
    for line in lines():
        if len(shown(line.text)) < 12 or line.text.startswith("{"):
            continue  # two or three words: found alone, as below
        found = {match.line.library for match in find(f"[14:02:11] error: {shown(line.text)} (x)")}
        if line.library not in found:
            missed.append((line.library, line.text, found))
    assert missed == []


def test_short_texts_are_found_where_they_stand_alone() -> None:
    for text, library in (
        ("frag ctl", "libwebsockets-server"),
        ("bad cont", "libwebsockets-server"),
    ):
        assert [match.line.library for match in find(text)] == [library]
        assert find(f"x {text}ed y") == []


def test_the_longer_text_hides_the_one_it_holds() -> None:
    found = find("websocket: close 1006 (abnormal closure): unexpected EOF")
    assert {match.line.library for match in found} == {"gorilla/websocket"}


def test_the_figures_choose_among_the_bytes() -> None:
    seven, thirteen = explain("invalid opcode 7"), explain("invalid opcode 13")
    assert "an HTTP request" in seven
    assert "an HTTP request" not in thirteen
    assert "a line break" in thirteen


def test_many_texts_are_only_listed() -> None:
    text = explain("ConnectionClosedError")
    assert "texts of websockets may be meant" in text
    assert "sent 1002 (protocol error) incorrect masking; no close frame received" in " ".join(
        text.split()
    )


def test_a_saying_tells_when_it_is_said() -> None:
    assert "send() was called after the connection had ended" in " ".join(
        explain("WebSocket is not open: readyState 2 (CLOSING)").split()
    )


@pytest.mark.parametrize(
    "asked", ["pings", "RST", "1002 was sent here", "hello world", "the error"]
)
def test_plain_words_are_no_text(asked: str) -> None:
    with pytest.raises(UserError):
        explain(asked)


def test_the_nearest_of_an_unknown_text() -> None:
    assert nearest("Invalid frame haeder")[0].text == "Invalid frame header"
    assert nearest("zzzz qqqq") == []


def test_a_long_paste_is_quick() -> None:
    begin = time.perf_counter()
    with pytest.raises(UserError):
        explain("invalid opcodes everywhere, RSV bits and 1002 " * 2000)
    assert time.perf_counter() - begin < 2


# ---- bytes --------------------------------------------------------------------------------------
def test_http_at_a_frame_border() -> None:
    text = " ".join(explain("48545450").split())
    for words in (
        "the beginning of an HTTP response",
        "FIN 0, RSV1 1, RSV2 0, RSV3 0, opcode 8 (Close), MASK 0, length 84",
        "DX101 double-upgrade",
        "ws without deflate: Invalid WebSocket frame: RSV1 must be clear",
        "with deflate: Invalid WebSocket frame: FIN must be set",
        "as server: sent 1002 (protocol error) incorrect masking; no close frame received",
        "chromium * Invalid frame header",
        "* worked out from its source",
    ):
        assert words in text, text
    assert text.index("HTTP response") < text.index("DX101") < text.index("Sent by a client")


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("HTTP/1.1 408 Request Timeout", "beginning of an HTTP response"),
        ('{"type":"welcome"}', '"{"type":"welcome"}"'),
        ("GET /live HTTP/1.1", "As text they read"),
    ],
)
def test_the_bytes_themselves_may_be_pasted(asked: str, words: str) -> None:
    text = explain(asked)
    assert words in text
    assert "Read as the bytes that were received" in text
    assert "What a library logs that gets this" in text


def test_what_the_bytes_say_decides_which_cause_comes_first() -> None:
    for asked, code in (
        ("HTTP/1.1 408 x", "DX103"),
        ("HTTP/1.1 101 x", "DX101"),
        ("HTTP", "DX101"),
    ):
        first = explain(asked if " " in asked else asked.encode().hex()).partition("behind it\n  ")[
            2
        ]
        assert first.startswith(code), asked


def test_a_sound_header_is_refused_in_one_role_only() -> None:
    text = " ".join(explain("8185").split())
    assert "ws as client: Invalid WebSocket frame: MASK must be clear" in text
    assert "MASK must be set" not in text
    assert "aiohttp" not in text  # it never looks


def test_of_a_continuation_it_says_what_it_takes_for_granted() -> None:
    assert "gets this with no message open" in explain("8000")


# ---- causes -------------------------------------------------------------------------------------
@pytest.mark.parametrize("code", list(CAUSE_NAMES))
def test_a_cause_by_code_and_by_name(code: str) -> None:
    text = explain(code)
    name = CAUSE_NAMES[code]
    assert text.startswith(f"{code}  {name}\n")
    assert text in explain(name)
    assert [line for line in text.splitlines() if len(line) > 80] == []


def test_causes_of_a_family() -> None:
    listed = [line[:5] for line in explain("DX5").splitlines() if line[:4] == "DX50"]
    assert listed == [code for code in CAUSE_NAMES if code.startswith("DX5")]


def test_wrong_accept_is_a_rule_and_a_cause() -> None:
    text = explain("wrong-accept")
    assert text.startswith("HS108  wrong-accept\n")
    assert "\nDX309  wrong-accept\n" in text


def test_every_cause_and_rule_that_is_referred_to_exists() -> None:
    from wsdebug.explain.causes import EVENT_CAUSES
    from wsdebug.rules import all_rules

    codes = {code for case in cases().values() for code in case.causes}
    codes |= {code for case in cases().values() for one in case.by.values() for code in one.causes}
    codes |= {code for one in all_libraries() for saying in one.says for code in saying.causes}
    codes |= {code for found in EVENT_CAUSES.values() for code in found}
    assert codes <= set(CAUSE_NAMES)
    rules = {code for case in cases().values() for code in case.rule.split(", ") if code}
    assert rules <= {rule.code for rule in all_rules()}
    assert {case.variant for case in cases().values()} - {""} <= set(cases())
    used = {event for one in all_libraries() for event in one.on}
    assert used <= set(EVENTS)
    assert set(EVENT_CAUSES) <= set(EVENTS)


# ---- close codes --------------------------------------------------------------------------------
def test_1006_names_causes_and_libraries() -> None:
    text = explain("1006")
    for words in ("DX202  proxy-idle-timeout", "gorilla/websocket  websocket: close 1006"):
        assert words in text


def test_1009_names_the_limits() -> None:
    assert "ws                   104 857 600 bytes" in explain("1009")
    assert "1 048 576 bytes" in explain("1009")
