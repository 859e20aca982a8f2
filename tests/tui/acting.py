"""Runs the screen without a terminal: keys go in, text comes out."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from textual.pilot import Pilot

from tests.stored import CAPTURES
from wsdebug.analysis.loading import Loader
from wsdebug.tui.app import WsdebugApp
from wsdebug.tui.main_screen import MainScreen
from wsdebug.tui.options import Options

WIDE, NARROW, SMALLEST = (120, 30), (80, 24), (60, 16)
Act = Callable[[MainScreen, "Pilot[Any]"], Awaitable[None]]


def act(
    capture: str, *keys: str, size: tuple[int, int] = WIDE, then: Act | None = None, **options: Any
) -> str:
    """The text of the screen after the keys; `then` looks at it while it is still there."""
    path = str(CAPTURES / capture)
    return play(Loader([path]), keys, size, then, Options((path,), **options))


def play(
    loader: Any,
    keys: Iterable[str],
    size: tuple[int, int],
    then: Act | None,
    options: Options,
    *,
    notices: bool = False,
) -> str:
    """The same for any loader; with `notices` they are drawn."""

    async def run() -> str:
        app = WsdebugApp(loader, options)
        async with app.run_test(size=size, notifications=notices) as pilot:
            await settled(app, pilot)
            for key in keys:
                await pilot.press(key)
                await settled(app, pilot)
            if then is not None:
                await then(main_screen(app), pilot)
                await settled(app, pilot)
            text = text_of(app)
        assert app.crash is None, app.crash
        return text

    return asyncio.run(asyncio.wait_for(run(), 120))


def main_screen(app: WsdebugApp) -> MainScreen:
    """The screen with the panels, whatever lies over it."""
    return next(each for each in app.screen_stack if isinstance(each, MainScreen))


async def settled(app: WsdebugApp, pilot: Pilot[Any]) -> None:
    """Wait until the capture is read and nothing is left to be done beside the screen."""
    for _ in range(4000):
        await pilot.pause(0.01)
        if app.crash is not None or not app.is_running:
            return
        screen = main_screen(app)
        busy = any(not worker.is_finished for worker in [*app.workers])
        if not busy and not screen.is_loading and screen.is_settled:
            screen.tick()
            await pilot.pause()
            return
    raise AssertionError("the screen does not come to rest")


def text_of(app: WsdebugApp) -> str:
    """What is on the screen, line by line."""
    if not app.is_running:
        return ""
    strips = app.screen._compositor.render_strips()
    return "\n".join(strip.text.rstrip() for strip in strips) + "\n"
