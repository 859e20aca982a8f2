"""Chosen bytes are marked in the views that lay a payload's own text out anew."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.analysis.conversation import Conversation
from tests.tui.acting import act, settled
from wsdebug.tui.detail import Pointed
from wsdebug.tui.line import line
from wsdebug.tui.marking import marked, places
from wsdebug.views import views_of


def shown(content, run, view, width=60):
    """What is marked in a view of a text message, over all its lines."""
    texts = dict(views_of(content, 1))[view]
    at = places(texts, content)
    if at is None:
        return None
    lines = [marked(line(text), one, content, run) for text, one in zip(texts, at, strict=True)]
    return [text for each in lines for text, role in each.pieces if "chosen" in role.split()]


@pytest.mark.parametrize(
    ("content", "part"),
    [
        (b'{"type":"price","bid":1.5}', b'"price"'),
        (b'{ "a" : [ 1, 2 ] , "b" : { } }', b"2"),
        (b'{"a":"two  blanks","b":"\\n x"}', b"two  blanks"),
        ('{"grüße":"✓ für ü"}'.encode(), "✓".encode()),
        ('{"grüße":"✓ für ü"}'.encode(), "für".encode()),
        (b'{"a":"\x7f","b":12}', b"12"),
    ],
)
@pytest.mark.parametrize("view", ["json", "text"])
def test_the_chosen_bytes_are_marked_and_nothing_else(content, part, view):
    run = (content.index(part), len(part))
    assert shown(content, run, view) == [part.decode()]


def test_a_byte_inside_a_character_marks_the_character():
    content = "aü✓b".encode()
    assert shown(content, (4, 1), "text") == ["✓"]


def test_over_several_lines():
    content = b'{"a":1,"b":2}'
    assert shown(content, (5, 6), "json") == ["1,", '"b":']


def test_what_is_spelt_out_is_marked_whole():
    assert shown(b"one\x07two", (3, 1), "text") == ["\\x07"]


def test_beyond_what_is_shown_nothing_is_marked():
    content = b"x" * 3000 + b"y" + b"x" * 3000
    assert shown(content, (3000, 1), "text") == []


def test_a_view_that_unpacks_is_not_marked():
    content = b'42["price",{"bid":1}]'
    names = dict(views_of(content, 1, None, "/socket.io/"))
    assert "socket.io" in {name.lower() for name in names}
    texts = next(texts for name, texts in names.items() if name.lower() == "socket.io")
    assert places(texts, content) is None


@given(
    st.recursive(
        st.none() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | (st.dictionaries(st.text(), inner)),
    ),
    st.integers(0, 4),
)
def test_each_byte_of_json_finds_its_own_character(value, indent):
    content = json.dumps({"v": value}, ensure_ascii=False, indent=indent).encode(
        errors="backslashreplace"
    )
    views = dict(views_of(content, 1))
    if "json" not in views or any(len(each) > 900 for each in views["json"]):
        return
    at = places(views["json"], content)
    assert at is not None
    told = {offset for one in at for offset in one}
    text, offset = content.decode(), 0
    for character in text:
        if not character.isspace():
            assert offset in told
        offset += len(character.encode())


def capture(tmp_path, *payloads):
    talk = Conversation().upgrade()
    for payload in payloads:
        talk.client.says(talk.wire(talk.client, 1, payload))
        talk.server.acks()
    talk.bye()
    return str(talk.pcap(tmp_path))


def chosen_texts(screen):
    lines = [screen.detail.line_at(at, screen.detail.room) for at in range(screen.detail.count)]
    return [text for each in lines for text, role in each.pieces if "chosen" in role.split()]


def test_bytes_chosen_in_the_dump_are_marked_in_json(tmp_path):
    path = capture(tmp_path, b'{"type":"price","symbol":"EURUSD","bid":1.5}')

    async def look(screen, pilot):
        await pilot.press("2", "g", "slash", *"op == text", "enter", "4", "]")
        await settled(screen.app, pilot)
        screen.detail.move_to(1)
        first, length = screen.detail.chosen.content
        await pilot.press("]")
        await settled(screen.app, pilot)
        assert "[json]" in screen.detail.lines[0].text
        content = screen.detail.detail.content
        want = content[first : first + length].decode()
        assert "".join("".join(chosen_texts(screen)).split()) == "".join(want.split())
        assert not any("chosen" in each.text for each in screen.detail.lines)

    act(path, then=look)


def test_a_line_of_json_is_chosen_in_the_dump_as_well(tmp_path):
    path = capture(tmp_path, b'{"type":"price","bid":1.5}')

    async def look(screen, pilot):
        await pilot.press("2", "g", "slash", *"op == text", "enter", "4", "]", "]")
        await settled(screen.app, pilot)
        at = next(at for at, each in enumerate(screen.detail.lines) if '"bid"' in each.text)
        screen.detail.move_to(at)
        assert screen.detail.cursor == at
        assert screen.detail.chosen.content == (16, 9)
        assert screen.detail.chosen.wire[1] == 9

    act(path, then=look)


def test_the_cursor_stays_on_its_line_where_a_line_above_names_the_bytes(tmp_path):
    path = capture(tmp_path, b"a" * 40)

    async def look(screen, pilot):
        await pilot.press("2", "g", "slash", *"op == text", "enter", "4", "]", "]", "v")
        await settled(screen.app, pilot)
        assert "[hex]" in screen.detail.lines[0].text
        at = next(
            at for at, each in enumerate(screen.detail.lines) if each.run in ((16, 16), (8, 8))
        )
        screen.detail.move_to(at)
        assert screen.detail.current.run == screen.detail.chosen.content

    act(path, then=look)


def test_a_text_that_was_found_is_marked_in_the_text(tmp_path):
    path = capture(tmp_path, b"hello world, hello moon")

    async def look(screen, pilot):
        await pilot.press("2", "g", "4", "slash", *"moon", "enter")
        await settled(screen.app, pilot)
        screen.detail.turn_to("payload")
        assert chosen_texts(screen) == ["moon"]

    act(path, then=look)


def test_symbols_of_the_wire_are_spelt_out_in_ascii(tmp_path):
    path = capture(tmp_path, "done ✓ ▸".encode())

    async def look(screen, pilot):
        await pilot.press("2", "g", "slash", *"op == text", "enter", "4", "]", "]")
        await settled(screen.app, pilot)

    text = act(path, ascii=True, then=look)
    assert text.isascii()
    assert "done +" not in text
    assert text.count("done \\u2713 \\u25b8") >= 2  # in the list and in the view


def test_a_hole_or_another_frame_does_not_keep_the_mark():
    content = b"abc"
    at = places(["abc"], content)
    assert marked(line("abc"), at[0], content, (0, 0)).run == (0, 3)
    assert Pointed(1, 2).text == b""
