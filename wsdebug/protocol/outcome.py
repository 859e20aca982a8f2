"""How the HTTP phase of a connection ended."""

from __future__ import annotations

import enum


class Outcome(enum.Enum):
    """How the HTTP phase ended."""

    UPGRADED = "upgraded"
    OTHER = "other"
    """The connection carries something else: not HTTP, or HTTP that switched elsewhere."""
    HTTP2 = "http2"
    """It goes on in HTTP/2: the client's preface stands here, or a 101 switched to h2c."""
    UNREADABLE = "unreadable"
    """The capture lacks the heads that would tell, or parts of them."""
