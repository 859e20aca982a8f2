"""What is written to a terminal that is gone: a closed window, a lost ssh."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import IO, Any

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

    class Outliving(driver):  # type: ignore[valid-type,misc] - it differs between platforms
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            if hasattr(self, "_file"):
                self._file = Outlet(self._file, self._tell)

        def _tell(self) -> None:
            with contextlib.suppress(RuntimeError):  # it is over already
                self._loop.call_soon_threadsafe(self._app.exit)

    return Outliving
