"""Runs the screen and leaves the terminal as it was found, whatever happens."""

from __future__ import annotations

from wsdebug.tui.app import WsdebugApp
from wsdebug.tui.options import Options
from wsdebug.tui.source import Loader


def run_screen(loader: Loader, options: Options) -> str | None:
    """Until somebody quits; the traceback of what broke it, None where nothing did."""
    app = WsdebugApp(loader, options)
    try:
        app.run()
    finally:
        loader.stop()
        loader.close()
    return app.crash
