"""A million rows: opening and the end look at few rows, a filter at each once while keys go on."""

from __future__ import annotations

import asyncio

import pytest

from tests.report.samples import make_connection
from tests.tui.acting import WIDE, main_screen, play, settled
from tests.tui.synthetic import Synthetic
from wsdebug.tui.options import Options

OPTIONS = Options(("made.pcap",))
WINDOW = 40
"""More than the lines of the frames panel."""


def taken(copies: int, *keys: str) -> int:
    """Rows taken apart from opening to the end of the keys."""
    source = Synthetic(copies)
    play(source, keys, WIDE, None, OPTIONS)
    return source.rows(1).taken


@pytest.mark.parametrize("keys", [(), ("2", "G"), ("2", "G", "g", "pagedown")])
def test_what_is_looked_at_does_not_grow_with_the_rows(keys):
    few, many = taken(10, *keys), taken(1000, *keys)
    assert many <= few + 2 * WINDOW


def test_the_end_of_a_million_rows_is_shown():
    text = play(Synthetic(1000), ("2", "G"), WIDE, None, OPTIONS)
    assert "1000000 of 1000000" in text


def test_hiding_pings_looks_at_each_row_once_and_finds_all():
    source = Synthetic(1000)
    source.finish(make_connection(1))
    text = play(source, ("2", "z"), WIDE, None, OPTIONS)
    assert "of 900000 (1000000 without filter)" in text
    assert source.rows(1).taken < 1_100_000  # the window is drawn anew while it works


async def until(is_so):
    """Give way until it is so, or a little has passed."""
    for _ in range(500):
        if is_so():
            return
        await asyncio.sleep(0.01)


def test_keys_work_while_a_filter_looks_at_a_million_rows():
    source = Synthetic(1000)
    source.finish(make_connection(1))
    seen = []

    async def look(screen, pilot):
        await pilot.press("2", "g")  # elsewhere the cursor goes with the filter to where it was
        # Keys as a terminal sends them: `pilot.press` would wait until everything is at rest.
        screen.app.simulate_key("z")
        await until(lambda: 0 < screen.frames.shown.scanned < 1_000_000)
        for key in "jjj":
            screen.app.simulate_key(key)
        await until(lambda: screen.frames.cursor == 3)
        shown = screen.frames.shown
        seen.append((shown.scanned, screen.frames.cursor, shown.is_whole))
        await pilot.press("z")  # what nobody waits for any more is given up
        await settled(screen.app, pilot)

    play(source, (), WIDE, look, OPTIONS)
    after, cursor, whole = seen[0]
    assert cursor == 3
    assert not whole
    assert after < 1_000_000


def test_following_shows_rows_as_they_come():
    source = Synthetic(1)

    async def look(screen, pilot):
        await pilot.press("2", "f")
        assert screen.frames.cursor == 999
        data = source.rows(1)._rows._log.data
        data += data[: len(data) // 2]
        await pilot.pause(0.3)
        assert screen.frames.cursor == 1499
        assert main_screen(screen.app) is screen

    play(source, (), WIDE, look, OPTIONS)
