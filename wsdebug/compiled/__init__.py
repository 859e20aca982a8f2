"""Hot loops in C, each beside the Python code that does the same.

The Python code is the reference and the fallback. What is compiled takes what is plain and leaves
the rest to it; which of the two runs makes no difference to any fact (`tests/compiled`). Here alone
it is decided, once, when the process starts: a module is None where it was not built (no
compiler, no headers) or `WSDEBUG_PURE` is set to anything but "0".
"""

from __future__ import annotations

import importlib
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import ModuleType

IS_PURE = os.environ.get("WSDEBUG_PURE", "0") not in ("", "0")
"""Whether the user wants nothing but Python: in tests, and to tell whether a fault lies in C."""


def _loaded(name: str) -> ModuleType | None:
    if IS_PURE:
        return None
    try:
        return importlib.import_module(f"wsdebug.compiled.{name}")
    except ImportError:
        return None


frames = _loaded("_frames")
"""The inner loop of `wsdebug.protocol.frames`, and small compressed messages."""
parked = _loaded("_parked")
"""`wsdebug.transport.parked`, `wsdebug.protocol.plain_side` and `plain_way`, and the loop that asks
them.
"""
moulds = _loaded("_moulds")
"""`wsdebug.report.moulds`."""
records = _loaded("_records")
"""The loops of `wsdebug.capture.pcap` and `wsdebug.capture.pcapng`."""
