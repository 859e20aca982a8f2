"""How the HTTP phase of a connection ended."""

from __future__ import annotations

import enum


class Outcome(enum.Enum):
    """How the HTTP phase ended."""

    UPGRADED = "upgraded"
    OTHER = "other"
    """The connection carries something else: not HTTP, or HTTP that switched elsewhere."""
    UNREADABLE = "unreadable"
    """The capture lacks the heads that would tell, or parts of them."""
