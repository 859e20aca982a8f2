"""The window changes its size; the keys stay where they were."""

from __future__ import annotations

import pytest

from tests.tui.acting import NARROW, SMALLEST, WIDE, act, settled
from wsdebug.tui import keys

FAN = "unmasked-client-kills-server.pcap"
TINY = (40, 10)


async def resized(screen, pilot, *sizes):
    for size in sizes:
        await pilot.resize_terminal(*size)
        await settled(screen.app, pilot)
        await pilot.pause(0.1)


@pytest.mark.parametrize("back", [WIDE, NARROW, SMALLEST])
@pytest.mark.parametrize("number", range(4))
def test_after_a_window_that_was_too_small_the_panel_has_the_keys_again(number, back):
    async def look(screen, pilot):
        await resized(screen, pilot, TINY, back)
        assert screen.panel == keys.PANELS[number]
        assert screen.current_panel.has_focus

    act(FAN, str(number + 1), then=look)


def test_what_is_typed_then_lands_in_the_line():
    async def look(screen, pilot):
        await pilot.press("slash", *"op ")
        await resized(screen, pilot, TINY, NARROW)
        await pilot.press(*"== 8")
        await settled(screen.app, pilot)
        assert screen.expression == "op == 8"

    act(FAN, then=look)


@pytest.mark.parametrize("size", [WIDE, NARROW, SMALLEST])
def test_an_error_in_a_filter_is_read_whole_at_every_size(size):
    text = act(FAN, "slash", *"websocket.opcodee == 8", size=size)
    said = " ".join(text.split())
    assert 'error at 1: unknown field "websocket.opcodee" - did you mean websocket.opcode?' in said
