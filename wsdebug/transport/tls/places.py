"""Which byte of a stream an acknowledged byte of what carries it stands for, and back."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right

_MOST = 2_048


class Places:
    """Ends of records, in the TCP stream and in the plaintext, in order.

    Where there are too many, every other one of the older half goes: what is acknowledged then
    looks acknowledged later, by some records, and never earlier.
    """

    __slots__ = ("_plain", "_wire")

    def __init__(self) -> None:
        self._wire = array("Q")  # a connection may be one of very many
        self._plain = array("Q")

    def add(self, wire: int, plain: int) -> None:
        """A record ended at `wire`, and with it the first `plain` bytes of the plaintext."""
        self._wire.append(wire)
        self._plain.append(plain)
        if len(self._wire) > _MOST:
            half = _MOST // 2
            self._wire[:half] = self._wire[1:half:2]
            self._plain[:half] = self._plain[1:half:2]

    def plain(self, wire: int) -> int:
        """How much plaintext is complete in the first `wire` bytes."""
        at = bisect_right(self._wire, wire)
        return self._plain[at - 1] if at else 0

    def wire(self, plain: int) -> int | None:
        """How many bytes bring the first `plain` bytes of the plaintext; None: not yet there."""
        at = bisect_left(self._plain, plain)
        return self._wire[at] if at < len(self._wire) else None
