"""Keys that come at once, as from a paste or a slow line, do what they would one by one."""

from __future__ import annotations

import pytest
from textual import events

from tests.stored import CAPTURES
from tests.tui.acting import WIDE, act, play, settled
from wsdebug.analysis.loading import Loader
from wsdebug.tui import keys
from wsdebug.tui.options import Options

FAN = "unmasked-client-kills-server.pcap"


def burst(app, text):
    names = {"/": "slash", "\r": "enter", " ": "space", "=": "equals_sign", "'": "apostrophe"}
    for each in text:
        app.post_message(events.Key(names.get(each, each), None if each == "\r" else each))


@pytest.mark.parametrize("panel", ["1", "2", "3"])
def test_what_is_typed_behind_the_slash_lands_in_the_line(panel):
    async def look(screen, pilot):
        burst(screen.app, panel + "/op == text and n zEeqm")
        await settled(screen.app, pilot)
        assert screen.find_line.query_one("#find-text").value == "op == text and n zEeqm"
        assert not screen.trace.marks
        assert screen.app.is_running

    act(FAN, then=look)


def test_the_panel_that_was_just_chosen_decides_what_is_looked_for():
    async def look(screen, pilot):
        burst(screen.app, "4/tick")
        await settled(screen.app, pilot)
        assert screen.find_line.mode == "find"
        assert screen.find_line.query_one("#find-text").value == "tick"

    act("shared-socket-json.pcap", then=look)


def test_moves_come_before_what_is_done_where_they_lead():
    async def look(screen, pilot):
        burst(screen.app, "2gjjjm")
        await settled(screen.app, pilot)
        assert screen.frames.cursor == 3
        assert [row for _, row in screen.trace.marks] == [3]

    act(FAN, then=look)


def test_a_pasted_filter_opens_the_line():
    async def look(screen, pilot):
        screen.app.post_message(events.Paste("/op == text\nrm -rf"))
        await settled(screen.app, pilot)
        assert screen.find_line.query_one("#find-text").value == "op == text"
        screen.app.post_message(events.Paste(" and fin"))
        await settled(screen.app, pilot)
        assert screen.find_line.query_one("#find-text").value == "op == text and fin"

    act(FAN, then=look)


@pytest.mark.parametrize(
    ("key", "panel"),
    [(name, at) for name in ("f", "v", "[", "]") for at in range(4)],
)
def test_keys_act_only_in_the_panels_of_the_table(key, panel):
    def state(screen):
        return (
            screen.why.tab, screen.detail.tab, screen.frames.follows, screen.frames.cursor,
            screen.detail.payloads.turned, screen.panel,
        )  # fmt: skip

    async def look(screen, pilot):
        await pilot.press(str(panel + 1), "2", "g", str(panel + 1))
        await settled(screen.app, pilot)
        before = state(screen)
        await pilot.press(key)
        await settled(screen.app, pilot)
        works = keys.works_in(keys.key_named(key), keys.PANELS[panel])
        assert (state(screen) != before) == works

    act(FAN, then=look)


def test_the_palette_goes_where_a_command_works():
    async def look(screen, pilot):
        from wsdebug.tui.commands import commands

        run = next(run for name, _, run in commands(screen) if "newest frame" in name)
        await run()
        assert screen.panel == keys.FRAMES
        assert screen.frames.follows

    act(FAN, "1", then=look)


def test_a_notice_does_not_cover_the_line_that_is_typed_in():
    async def look(screen, pilot):
        screen.say("There is no other warning, and this is a long notice that says so.")
        await pilot.press("slash", *"op == text")
        await settled(screen.app, pilot)

    path = str(CAPTURES / FAN)
    text = play(Loader([path]), (), WIDE, look, Options((path,)), notices=True)
    typed, verdict, _ = text.splitlines()[-3:]
    assert typed == " filter  op == text"
    assert verdict.startswith(" ✓ ok, ")
    assert "no other warning" in text
