"""One timeout of one product, and the words for what it leaves on the wire."""

from __future__ import annotations

import msgspec

SHAPES = {
    "fin-both": "FIN to both sides",
    "fin-client-rst-backend": "FIN to the client and RST to the backend",
    "fin": "FIN",
    "rst": "RST",
    "rst-both": "RST to both sides",
    "silent-then-rst": "nothing, and RST to the next packet of either side",
    "silent": "nothing: what comes next is never acknowledged",
    "close-1001": "a Close 1001, then FIN",
    "close-1011": "a Close 1011, then FIN",
    "close": "a Close, then FIN",
    "unknown": "not known",
}
"""What a timeout leaves on the wire, in words."""


class Timeout(msgspec.Struct, frozen=True, kw_only=True):
    """One timeout of one product as it is unless somebody changed it."""

    product: str
    setting: str
    seconds: float | None
    """None: there is no default, the number is whatever was configured."""
    kind: str
    """idle: since the last payload that resets it. age: since the 101, whatever flows.
    ping: from the ping that nobody answered to the end. close: from the own Close that nobody
    answered to the end.
    """
    resets: str
    """Whose bytes begin an idle time anew: either, client, server, each (one clock a direction,
    and the first to run out ends it) or none.
    """
    shape: str
    """What it leaves on the wire: a key of `SHAPES`."""
    verified: str
    """executed (seen on loopback with the version named), documented (its documentation or source
    says so) or unverified (hearsay). It speaks of the number; `shape` is unknown where nobody saw
    it.
    """
    change: str
    """The line that changes it; empty where nothing can."""
    every: float | None = None
    """Of a ping: seconds between two."""
    late: float = 1.5
    """Seconds by which it may strike later than its number says."""
    note: str = ""

    @property
    def is_fixed(self) -> bool:
        """Nobody can configure it."""
        return not self.change

    def fits(self, seconds: float, early: float) -> bool:
        """Whether a wait of `seconds` can be this timeout; `early`: how much sooner it may be."""
        return self.seconds is not None and -early <= seconds - self.seconds <= self.late
