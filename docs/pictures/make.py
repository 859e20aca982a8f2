"""The pictures of the README, drawn by the program itself: python docs/pictures/make.py"""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

from textual.pilot import Pilot

from wsdebug.analysis.loading import Loader
from wsdebug.tui.app import WsdebugApp
from wsdebug.tui.main_screen import MainScreen
from wsdebug.tui.options import Options

HERE = Path(__file__).parent
CAPTURES = HERE.parent.parent / "captures"
SIZE = (120, 32)

PICTURES = {
    "double-upgrade": ("double-upgrade.pcap", ()),
    "culprit": ("unmasked-client-kills-server.pcap", ()),
    "time-line": ("express-408-after-60s.pcap", ("3", "]")),
}
"""Name of the picture -> the capture, and the keys pressed before it is taken."""


async def picture(capture: str, keys: tuple[str, ...]) -> str:
    """The SVG of the screen."""
    path = str(CAPTURES / capture)
    loader = Loader([path])
    app = WsdebugApp(loader, Options((path,)))
    async with app.run_test(size=SIZE) as pilot:
        await _rest(app, loader, pilot)
        for key in keys:
            await pilot.press(key)
            await _rest(app, loader, pilot)
        svg = app.export_screenshot(title=f"wsdebug {capture}")
    loader.close()
    return _plain(svg)


async def _rest(app: WsdebugApp, loader: Loader, pilot: Pilot[None]) -> None:
    """Until everything is read and drawn."""
    while True:
        await pilot.pause(0.1)
        screen = next(each for each in app.screen_stack if isinstance(each, MainScreen))
        busy = any(not worker.is_finished for worker in app.workers)
        if loader.poll().done and screen.is_settled and not busy:
            await pilot.pause(0.3)
            return


def _plain(svg: str) -> str:
    """No font from the network, and a name that is the same each time."""
    svg = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)
    svg = re.sub(r"terminal-\d+", "terminal", svg)
    return re.sub(r"[ \t]+\n", "\n", svg)


if __name__ == "__main__":
    for name, (capture, keys) in PICTURES.items():
        target = HERE / f"{name}.svg"
        target.write_text(asyncio.run(picture(capture, keys)), encoding="utf-8")
        print(f"{target.name}: {target.stat().st_size} bytes")
