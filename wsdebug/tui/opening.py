"""Runs the screen and leaves the terminal as it was found, whatever happens."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterator
from types import FrameType

from wsdebug.tui.app import WsdebugApp
from wsdebug.tui.options import Options
from wsdebug.tui.source import Loader

_ENDS = ("SIGTERM", "SIGHUP")
"""Signals that end a program and that Textual does not look at."""


def run_screen(loader: Loader, options: Options) -> str | None:
    """Until somebody quits; the traceback of what broke it, None where nothing did. Raises
    `UserError` where nothing of what was asked for is in the capture.
    """
    app = WsdebugApp(loader, options)
    with _ended_by_signals(app):
        try:
            app.run()
        finally:
            loader.stop()
            loader.close()
    if app.refusal is not None:
        raise app.refusal
    return app.crash


@contextlib.contextmanager
def _ended_by_signals(app: WsdebugApp) -> Iterator[None]:
    """A signal that ends the program ends the screen first, which gives the terminal back; then
    it does what it would have done.
    """
    came: list[int] = []

    def end(number: int, _: FrameType | None) -> None:
        came.append(number)
        app.exit()

    found = [getattr(signal, name) for name in _ENDS if hasattr(signal, name)]  # Windows has one
    # What `nohup` had ignored stays ignored.
    old = {each: signal.getsignal(each) for each in found}
    old = {each: before for each, before in old.items() if before is not signal.SIG_IGN}
    for each in old:
        signal.signal(each, end)
    try:
        yield
    finally:
        for each, before in old.items():
            signal.signal(each, before)
    if came:
        signal.raise_signal(came[0])
