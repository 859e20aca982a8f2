"""The table of keys: each key does what the table says, and all that is made of it agrees."""

from __future__ import annotations

import re

import pytest

from tests.stored import ROOT
from tests.tui.acting import act, settled
from wsdebug.tui import keys, pages
from wsdebug.tui.bindings import bindings, name_of
from wsdebug.tui.commands import commands, palette
from wsdebug.tui.line import plain
from wsdebug.tui.main_screen import MainScreen

FAN = "unmasked-client-kills-server.pcap"


def state(screen: MainScreen) -> dict[str, object]:
    """All that a key may change."""
    return {
        "panel": screen.panel,
        "chosen": screen.trace.chosen,
        "cursors": [each.cursor for each in screen.panels.values()],
        "skips": [each.skip for each in screen.panels.values()],
        "tabs": (screen.why.tab, screen.detail.tab),
        "view": screen.detail.payloads.turned,
        "form": screen.trace.form,
        "pings": screen.trace.hides_pings,
        "marks": frozenset(screen.trace.marks),
        "zoom": screen.has_class("zoomed"),
        "follow": screen.frames.follows,
        "find": screen.find_line.is_open,
        "screens": [type(each).__name__ for each in screen.app.screen_stack],
        "notices": len(screen.app._notifications),
        "running": screen.app.is_running,
    }


# What has to be pressed before a key can do anything: (keys before, capture).
BEFORE = {
    "move(-1)": ("2", "down"),
    "move(1)": ("2", "g"),
    "sideways(-1)": ("2", "l"),
    "page(-1)": ("3", "G"),
    "page(1)": ("3",),
    "edge(0)": ("3", "G"),
    "edge(1)": ("3",),
    "panel(0)": ("2",),
    "out": ("2", "enter"),
    "tab(-1)": ("4",),
    "tab(1)": ("4",),
    "view": ("4",),
    "zoom(False)": ("plus",),
    "next_hit(1)": ("4", "slash", "n", "e", "w", "s", "enter", "1"),
    "next_hit(-1)": ("4", "slash", "n", "e", "w", "s", "enter", "1"),
    "next_mark": ("2", "m", "g"),
    "jump('silence', 1)": ("1", "down", "2", "g"),
    "jump('silence', -1)": ("1", "down", "2", "G"),
    "jump('error', 1)": ("2", "g"),
    "jump('error', -1)": ("2", "G"),
    "follow": ("2", "g"),
}


@pytest.mark.parametrize(
    ("name", "key"), [(name, key) for key in keys.KEYS for name in key.keys], ids=str
)
def test_every_key_of_the_table_does_something(name, key):
    seen = {}

    async def press(screen, pilot):
        seen["before"] = state(screen)
        await pilot.press(name)
        if screen.app.is_running:
            await settled(screen.app, pilot)
        seen["after"] = state(screen)

    act(FAN, *BEFORE.get(key.action, ()), then=press)
    assert seen["before"] != seen["after"], key.action


def test_each_action_of_the_table_is_a_method():
    for key in keys.KEYS:
        name = re.match(r"\w+", key.action)[0]
        assert callable(getattr(MainScreen, f"action_{name}")), key.action


def test_no_key_stands_twice_and_all_have_names_of_their_own():
    every = [name for key in keys.KEYS for name in key.keys]
    assert len(every) == len(set(every))
    assert len({name_of(key) for key in keys.KEYS}) == len(keys.KEYS)


def test_bindings_are_the_table():
    made = {(binding.key, binding.action) for binding in bindings()}
    assert made == {(",".join(key.keys), key.action) for key in keys.KEYS}
    bound = {name for binding in MainScreen.BINDINGS for name in binding.key.split(",")}
    assert bound == {name for key in keys.KEYS for name in key.keys}


def test_no_key_but_palette_and_quit_needs_a_modifier():
    for key in keys.KEYS:
        plain_ones = [name for name in key.keys if not name.startswith("ctrl+")]
        assert plain_ones or key.action == "quit"


def test_the_page_in_docs_is_made_of_the_table():
    assert (ROOT / "docs" / "keys.md").read_text(encoding="utf-8") == keys.page()


@pytest.mark.parametrize("panel", keys.PANELS)
def test_the_help_names_every_key_and_that_panels_first(panel):
    text = plain(pages.help_lines(panel)(80))
    for key in keys.KEYS:
        assert key.shown in text
        assert key.does.split()[0] in text
    own = [key.does for key in keys.KEYS if panel in key.panels]
    if own:
        assert text.startswith("In this panel")


@pytest.mark.parametrize("number", range(4))
def test_the_footer_shows_only_what_the_table_has_for_the_panel(number):
    panel = keys.PANELS[number]
    footer = act(FAN, str(number + 1), size=(160, 40)).splitlines()[-1]
    for key in keys.KEYS:
        if key.footer:
            shown = f" {key.shown.split()[0]} {key.footer} "
            assert (shown in f"{footer} ") == keys.works_in(key, panel)


def test_the_palette_has_every_command_worth_a_line():
    found = []

    async def look(screen, pilot):
        found.extend(name for name, _, _ in commands(screen))

    act("double-upgrade.pcap", then=look)
    for key in keys.KEYS:
        assert (key.does in found) == key.palette
    assert "theme wsdebug-light" in found
    assert "theme ansi-dark" in found


def test_pages_move_by_the_keys_of_the_table():
    of_table = {key.action: set(key.keys) for key in keys.KEYS}
    for binding in pages.MOVES:
        assert set(binding.key.split(",")) == of_table[binding.action]


def test_a_command_of_the_palette_runs():
    async def run(screen, pilot):
        await pilot.press("colon")
        await pilot.pause(0.3)
        await pilot.press(*"mark the frame")
        await pilot.pause(0.5)
        await pilot.press("enter")
        await pilot.pause(0.3)
        assert screen.trace.marks

    act(FAN, "2", then=run)


@pytest.mark.parametrize("key", ["pagedown", "pageup", "up", "ctrl+end", "ctrl+home"])
def test_page_keys_over_a_palette_without_lines_do_nothing(key):
    async def look(screen, pilot):
        screen.app.push_screen(palette(screen))
        for _ in range(3):
            await pilot.press(key)
        await settled(screen.app, pilot)
        await pilot.press(key)
        await pilot.press(*"nothing like it")
        await pilot.press(key, "escape")
        await settled(screen.app, pilot)
        assert screen.app.screen is screen

    act("double-upgrade.pcap", then=look)
