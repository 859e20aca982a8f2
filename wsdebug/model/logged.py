"""What one side's library logged, as it stands in the report."""

from __future__ import annotations

import msgspec

from wsdebug.model.place import Side


class Logged(msgspec.Struct, frozen=True, kw_only=True):
    """What one side's library will have said of the end (`causes[].logged`)."""

    side: Side
    library: str
    text: str | None = None
    """None: it says nothing."""
    code: str | None = None
    """Its error code, or the class of its exception."""
    cause: str | None = None
    """What a traceback shows under it."""
    surfaced: int | str | None = None
    """The close code its application sees, or the word for it; None where not known."""
    derived: bool = False
    """Worked out from the order of its checks, not seen from the running library."""
    assumed: bool = False
    """The handshake does not betray the library: this is what it would say if it were that one."""
