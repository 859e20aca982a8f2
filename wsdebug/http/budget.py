"""What waits in the readers of all connections, within a limit."""

from __future__ import annotations


class Budget:
    """`held` is what the readers say they keep, in bytes (`Limits.total_waiting`)."""

    __slots__ = ("_most", "held")

    def __init__(self, most: int) -> None:
        self._most = most
        self.held = 0

    @property
    def is_spent(self) -> bool:
        """Whether nothing more may wait."""
        return self.held >= self._most
