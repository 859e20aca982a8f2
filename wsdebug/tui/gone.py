"""What is written to a terminal that is gone: a closed window, a lost ssh."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import IO, Any

from textual.app import App
from textual.driver import Driver


class Outlet:
    """The file Textual draws on. Its thread ends at the first error, and then whoever draws waits
    for it for ever: here an error is told once, and what comes after it is dropped.
    """

    def __init__(self, file: IO[str], tell: Callable[[], None]) -> None:
        self._file = file
        self._tell = tell
        self.is_gone = False

    def write(self, text: str) -> None:
        """Write, or drop."""
        self._try(lambda: self._file.write(text))

    def flush(self) -> None:
        """Send what is written."""
        self._try(self._file.flush)

    def _try(self, act: Callable[[], object]) -> None:
        if self.is_gone:
            return
        try:
            act()
        except (OSError, ValueError):  # ValueError: it is closed
            self.is_gone = True
            self._tell()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


def outliving(driver: type[Driver]) -> type[Driver]:
    """The same driver, which tells the program when its terminal is gone."""
    return type("Outliving", (_Telling, driver), {})


class _Telling:
    """Laid over a driver; what it takes differs between platforms."""

    def __init__(self, app: App[Any], *args: Any, **kwargs: Any) -> None:
        super().__init__(app, *args, **kwargs)  # type: ignore[call-arg]  # a driver's
        loop, file = asyncio.get_running_loop(), getattr(self, "_file", None)

        def tell() -> None:
            with contextlib.suppress(RuntimeError):  # it is over already
                loop.call_soon_threadsafe(app.exit)

        if file is not None:
            self._file = Outlet(file, tell)
