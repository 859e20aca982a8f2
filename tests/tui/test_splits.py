"""The mouse drags the borders between panels."""

from __future__ import annotations

import pytest
from textual import events

from tests.tui.acting import NARROW, act, settled
from wsdebug.tui.splits import _LEAST

FAN = "unmasked-client-kills-server.pcap"


async def drag(screen, pilot, start, *ways):
    await pilot.mouse_down(offset=start)
    for way in ways:
        await pilot._post_mouse_events([events.MouseMove], offset=way, button=1)
    await pilot.mouse_up(offset=ways[-1])
    await settled(screen.app, pilot)


@pytest.mark.parametrize("side", [0, 1])
@pytest.mark.parametrize("to", [20, 70])
def test_a_border_between_two_panels_follows(side, to):
    async def look(screen, pilot):
        border = screen.frames.region.x
        await drag(screen, pilot, (border - 1 + side, 5), (border + 3, 5), (to, 6))
        assert screen.frames.region.x == to + 1
        assert screen.connections.region.width == to + 1
        assert screen.frames.region.right == 120
        assert screen.why.region.width == 60

    act(FAN, then=look)


def test_the_border_between_the_rows_follows():
    async def look(screen, pilot):
        border = screen.lower.region.y
        await drag(screen, pilot, (40, border - 1), (40, border + 4))
        assert screen.lower.region.y == border + 5
        assert screen.lower.region.bottom == 29

    act(FAN, then=look)


def test_a_panel_keeps_some_room():
    async def look(screen, pilot):
        border = screen.frames.region.x
        await drag(screen, pilot, (border, 5), (119, 5))
        assert screen.frames.region.width == _LEAST["x"]
        await drag(screen, pilot, (40, screen.lower.region.y - 1), (40, 0))
        assert screen.upper.region.height == _LEAST["y"]

    act(FAN, then=look)


def test_it_is_let_go_and_a_click_elsewhere_moves_nothing():
    async def look(screen, pilot):
        border = screen.frames.region.x
        await drag(screen, pilot, (border, 5), (50, 5))
        await drag(screen, pilot, (10, 4), (30, 4))
        assert screen.frames.region.x == 51
        assert screen.app.mouse_captured is None

    act(FAN, then=look)


def test_where_one_panel_is_seen_there_is_no_border():
    async def look(screen, pilot):
        await drag(screen, pilot, (79, 5), (40, 5))
        assert screen.why.region.width == 80

    act(FAN, size=NARROW, then=look)
