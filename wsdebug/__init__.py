"""wsdebug reads a capture and says why a WebSocket broke.

`wsdebug.read(path)` returns the whole analysis, `wsdebug.frames(path)` every frame, and
`wsdebug.protocol.Decoder` is the strict decoder that anyone can feed. Names load on first use.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from wsdebug.analysis import Session, frames, read
    from wsdebug.model.errors import UserError
    from wsdebug.model.report import Analysis

__version__ = "0.1.0"
__all__ = ["Analysis", "Session", "UserError", "__version__", "frames", "read"]

_HOMES = {
    "Analysis": "wsdebug.model.report",
    "Session": "wsdebug.analysis",
    "UserError": "wsdebug.model.errors",
    "frames": "wsdebug.analysis",
    "read": "wsdebug.analysis",
}


def __getattr__(name: str) -> Any:
    """Loads a public name when it is first used, so that `import wsdebug` stays cheap."""
    if name == "protocol":  # `wsdebug.protocol.Decoder` needs no import of its own
        return importlib.import_module("wsdebug.protocol")
    if name not in _HOMES:
        raise AttributeError(f"module 'wsdebug' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    """The public names, loaded or not."""
    return sorted({*globals(), *__all__, "protocol"})
