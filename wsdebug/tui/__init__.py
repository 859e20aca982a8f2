"""The screen: panels over a capture that is being read. It shows what other rooms have found.

A panel's lines are plain functions of the report and the rows (`*_text.py`), a widget shows them by
number (`line_list.py`), and every key is a row of one table (`keys.py`). Text never goes through
markup: pieces and roles become segments, so nothing from the wire can colour, link or steer.
"""

from typing import TYPE_CHECKING

from wsdebug.tui.options import Options

if TYPE_CHECKING:
    from wsdebug.tui.opening import run_screen

__all__ = ["Options", "run_screen"]


def __getattr__(name: str) -> object:
    """Textual is loaded when the screen opens, not before."""
    if name != "run_screen":
        raise AttributeError(name)
    from wsdebug.tui import opening  # noqa: PLC0415 - heavy

    return opening.run_screen
