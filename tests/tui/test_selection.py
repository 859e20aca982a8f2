"""One selection of bytes: what a finding points to is marked in the dump, wherever it stands."""

from __future__ import annotations

import pytest

from tests.analysis.conversation import Conversation, deflated
from tests.tui.acting import SMALLEST, WIDE, act, settled
from wsdebug.tui import keys

BAD = b"\xff"
"""No character begins with it."""


def text_with(at, length, bad=BAD):
    return b"a" * at + bad + b"b" * (length - at - 1)


def capture(tmp_path, *frames, deflate=False):
    """(payload, fields of the frame): text frames of the client, and a clean close."""
    talk = Conversation().upgrade(deflate=deflate)
    for payload, fields in frames:
        given = dict(fields)
        opcode = given.pop("opcode", 1)
        wire = talk.wire(talk.client, opcode, payload, **given)
        for start in range(0, len(wire), 32_000):
            talk.client.says(wire[start : start + 32_000])
            talk.server.acks()
    talk.bye()
    return str(talk.pcap(tmp_path))


def marked(screen):
    """The bytes in reverse in the dump, as hex, and the first line that is seen."""
    lines = [screen.detail.line_at(at, screen.detail.room) for at in range(screen.detail.count)]
    shown = [
        text for each in lines for text, role in each.pieces if "chosen" in role and len(text) == 2
    ]
    return shown, round(screen.detail.scroll_offset.y)


@pytest.mark.parametrize("size", [WIDE, SMALLEST])
@pytest.mark.parametrize("at", [3, 700, 100_000])
def test_the_dump_opens_at_the_byte_of_the_finding(tmp_path, at, size):
    path = capture(tmp_path, (text_with(at, at + 5000), {}))

    async def look(screen, pilot):
        await pilot.press("4", "]")
        await settled(screen.app, pilot)
        header = len(screen.detail.detail.view.header)
        assert screen.detail.chosen.wire == (header + at, 1)
        assert screen.detail.chosen.content == (at, 1)
        line = screen.detail.current
        assert line.run[0] <= header + at < sum(line.run)
        top = round(screen.detail.scroll_offset.y)
        assert top <= screen.detail.cursor <= top + screen.detail.page
        chosen = [text for text, role in line.pieces if "chosen" in role]
        raw = screen.detail.detail.raw
        assert chosen[0] == f"{raw[header + at]:02x}"

    act(path, size=size, then=look)


def test_exactly_those_bytes_are_marked(tmp_path):
    path = capture(tmp_path, (text_with(700, 1400), {}))

    async def look(screen, pilot):
        await pilot.press("4", "]")
        await settled(screen.app, pilot)
        assert marked(screen)[0] == [f"{screen.detail.detail.raw[708]:02x}"]

    act(path, then=look)


def test_the_payload_tab_has_the_same_bytes(tmp_path):
    path = capture(tmp_path, (text_with(700, 1400), {}))

    async def look(screen, pilot):
        await pilot.press("4", "]", "]")
        await settled(screen.app, pilot)
        assert marked(screen)[0] == ["ff"]
        assert any("byte 700: ff" in each.text for each in screen.detail.lines[:4])

    act(path, then=look)


def test_in_a_compressed_message_it_is_the_byte_that_is_inflated(tmp_path):
    path = capture(tmp_path, (deflated(text_with(700, 1400)), {"rsv": 4}), deflate=True)

    async def look(screen, pilot):
        await pilot.press("4", "]", "]")
        await settled(screen.app, pilot)
        assert screen.detail.chosen.content == (700, 1)
        assert marked(screen)[0] == ["ff"]

    act(path, then=look)


def test_another_frame_has_another_selection(tmp_path):
    path = capture(tmp_path, (text_with(700, 1400), {}))
    found = {}

    async def look(screen, pilot):
        await pilot.press("2", "g")
        await settled(screen.app, pilot)
        found["first"] = screen.detail.chosen.wire

    act(path, then=look)
    assert found["first"] == (0, 0)


def test_what_is_chosen_in_one_tab_is_chosen_in_the_others(tmp_path):
    path = capture(tmp_path, (b'{"a": 1}', {}), (b'{"b": 2}', {}))

    async def look(screen, pilot):
        await pilot.press("2", "g", "slash", *"op == text", "enter", "4")
        await settled(screen.app, pilot)
        lines = [each.text for each in screen.detail.lines]
        at = next(at for at, text in enumerate(lines) if "masking key" in text and "└" in text)
        screen.detail.move_to(at)
        assert screen.detail.chosen.wire == (2, 4)
        await pilot.press("]")
        raw = screen.detail.detail.raw
        assert marked(screen)[0] == [f"{each:02x}" for each in raw[2:6]]
        await pilot.press("[")
        assert screen.detail.cursor == at
        await pilot.press("]", "]", "v")
        await settled(screen.app, pilot)
        while "hex" not in screen.detail.lines[0].text.partition("[")[2].partition("]")[0]:
            await pilot.press("v")
        screen.detail.move_to(screen.detail.count - 1)
        assert screen.detail.chosen.content == (0, 8)
        assert screen.detail.chosen.wire == (6, 8)

    act(path, then=look)


def test_a_finding_in_panel_3_leads_to_its_own_bytes(tmp_path):
    path = capture(
        tmp_path, (text_with(700, 900), {"fin": False}), (b"c" * 40, {"opcode": 0, "rsv": 2})
    )

    async def look(screen, pilot):
        lines = list(screen.why.lines)
        at = next(at for at, each in enumerate(lines) if "MS103" in each.text and each.jump)
        screen.why.move_to(at)
        await pilot.press("3", "enter", "]")
        await settled(screen.app, pilot)
        assert screen.panel == keys.DETAIL
        assert screen.frames.row.name == "C0"
        assert screen.detail.chosen.wire == (708, 1)

    act(path, then=look)


def test_a_text_that_was_found_is_chosen():
    async def look(screen, pilot):
        detail = screen.detail
        first, length = detail.chosen.content
        assert detail.detail.content[first : first + length] == b"tick"

    act("shared-socket-json.pcap", "2", "g", "4", "slash", *"tick", "enter", then=look)
