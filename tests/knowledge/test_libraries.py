"""The data of the libraries holds together, and the small language of `when` does what it says."""

from __future__ import annotations

import string

import msgspec
import pytest

from wsdebug.knowledge.libraries import (
    LIBRARIES,
    Event,
    Situation,
    all_libraries,
    betrayed,
    library,
    what_it_logs,
)
from wsdebug.knowledge.libraries.conditions import compiled, holds
from wsdebug.knowledge.libraries.model import DERIVED, EXECUTED, SOURCE, UNVERIFIED
from wsdebug.knowledge.libraries.saying import close_words
from wsdebug.model.place import Side

EVIDENCE = {EXECUTED, DERIVED, SOURCE, UNVERIFIED}
every_library = pytest.mark.parametrize("name", list(LIBRARIES))


@every_library
def test_a_library_holds_together(name: str) -> None:
    one = library(name)
    assert one.name == name
    assert one.evidence in EVIDENCE
    assert bool(one.checks) is bool(one.roles)
    for check in (*one.checks, *one.on.values()):
        compiled(check.when)  # every word is known
        assert (check.evidence or EXECUTED) in EVIDENCE
        if check.text:
            list(string.Formatter().parse(check.text))  # every brace has its fellow
    assert one.checks or one.on or one.says


def test_executed_and_derived_are_told_apart() -> None:
    kinds = {one.name: one.evidence for one in all_libraries()}
    assert kinds["ws"] == EXECUTED
    assert kinds["chromium"] == DERIVED
    assert kinds["bun"] == SOURCE


HTTP = Situation(role=Side.CLIENT, header=0x4854, length=84, received=47)


@pytest.mark.parametrize(
    ("when", "truth"),
    [
        ("", True),
        ("rsv1", True),
        ("rsv2", False),
        ("rsv1 !deflate", True),
        ("rsv1 deflate or control", True),
        ("server or mask", False),
        ("opcode=8", True),
        ("opcode=0-7,9-", False),
        ("length=84", True),
        ("received=0-47 partial", True),
        ("code=0-", False),
        ("over-limit", False),
    ],
)
def test_conditions(when: str, truth: bool) -> None:
    assert holds(when, HTTP, 1000) is truth


def test_a_word_that_is_not_known_is_an_error() -> None:
    with pytest.raises(KeyError):
        compiled("rsv4")


def test_the_whole_frame_and_one_byte_less() -> None:
    whole = msgspec.structs.replace(HTTP, received=86)
    assert not holds("partial", whole, None)
    assert holds("partial", msgspec.structs.replace(HTTP, received=85), None)


def test_a_limit_that_is_known_goes_before_the_default() -> None:
    big = Situation(role=Side.SERVER, header=0x82FE, length=20_000)
    assert what_it_logs(library("websockets"), big) is None
    said = what_it_logs(library("websockets"), msgspec.structs.replace(big, limit=16_384))
    assert said is not None
    assert "frame with 20000 bytes exceeds limit of 16384 bytes" in str(said.text)


def test_a_role_or_an_extension_it_does_not_have_gives_nothing() -> None:
    assert (
        what_it_logs(library("chromium"), msgspec.structs.replace(HTTP, role=Side.SERVER)) is None
    )
    assert what_it_logs(library("tungstenite"), msgspec.structs.replace(HTTP, deflate=True)) is None
    assert what_it_logs(library("nginx"), HTTP) is None
    assert what_it_logs(library("ws"), Event(role=Side.CLIENT, name="idle")) is None


def test_what_it_objects_to_in_unknown_words_gives_nothing() -> None:
    ping = Situation(role=Side.CLIENT, header=0xA900)  # RSV2 on a ping
    assert what_it_logs(library("jetty"), ping) is None
    assert what_it_logs(library("ws"), ping) is not None


def test_an_open_message_of_unknown_kind_gives_what_both_kinds_give() -> None:
    more = Situation(role=Side.CLIENT, header=0xC001, length=1, deflate=True, open="either")
    assert what_it_logs(library("websockets"), more) is None
    said = what_it_logs(library("ws"), more)
    assert said is not None
    assert said.text == "Invalid WebSocket frame: RSV1 must be clear"


def test_figures_that_are_not_known_are_left_open() -> None:
    said = what_it_logs(library("ws"), Event(role=Side.CLIENT, name="rejected"))
    assert said is not None
    assert said.text == "Unexpected server response: <status>"


def test_closes_are_named_as_websockets_names_them() -> None:
    from websockets.frames import CLOSE_CODE_EXPLANATIONS

    for code, words in CLOSE_CODE_EXPLANATIONS.items():
        assert close_words(int(code)) == words
    assert close_words(3000) == "registered"
    assert close_words(4000) == "private use"


# ---- signs --------------------------------------------------------------------------------------
WS_REQUEST = [
    ("Sec-WebSocket-Version", "13"),
    ("Sec-WebSocket-Key", "x"),
    ("Connection", "Upgrade"),
    ("Upgrade", "websocket"),
    ("Host", "example.com"),
]


@pytest.mark.parametrize(
    ("side", "headers", "names", "weak"),
    [
        (Side.CLIENT, WS_REQUEST, ["ws"], False),
        (Side.CLIENT, [("User-Agent", "Python/3.11 websockets/17.4")], ["websockets"], False),
        (Side.CLIENT, [("User-Agent", "Mozilla/5.0 (X11) Chrome/130.0 Safari/537.36")],
         ["chromium"], False),
        (Side.CLIENT, [("User-Agent", "curl/8.5"), *WS_REQUEST], [], False),
        (Side.CLIENT, [], [], False),
        (Side.SERVER, [("Server", "Python/3.11 aiohttp/3.14.5")], ["aiohttp"], False),
        (Side.SERVER, [("Server", "nginx/1.22.1")], ["nginx"], False),
        (Side.SERVER, [("server", "uvicorn")], ["websockets", "wsproto"], False),
        (Side.SERVER, [("Upgrade", "websocket"), ("Connection", "Upgrade"),
                       ("Sec-WebSocket-Accept", "x")], ["ws"], True),
    ],
)  # fmt: skip
def test_signs(side: Side, headers: list[tuple[str, str]], names: list[str], weak: bool) -> None:
    found = betrayed(side, headers)
    assert [one.name for one in found.libraries] == names
    assert not names or found.weak is weak
