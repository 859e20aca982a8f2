"""The keys of one direction, and which record number fits when records are missing."""

from __future__ import annotations

from wsdebug.transport.tls.protection import Opened, Protection

_SHORTEST = 22
"""Bytes of the shortest record on the wire: header, one byte, the tag of CCM_8 and more."""
_FURTHEST = 4_096
"""Record numbers tried beyond the next one."""
_MOST_TRIES = 100_000
"""Of a connection: each costs a decryption."""


class Direction:
    """Record numbers count from 0 under each key (RFC 8446 5.3, RFC 5246 6.1)."""

    __slots__ = ("_reach", "_tries", "current", "failed", "later", "lost", "number", "opened")

    def __init__(self) -> None:
        self.current: Protection | None = None
        self.later: list[Protection] = []
        """What the keys may have changed to unseen, in the order in which that happens."""
        self.number = 0
        self.opened = 0
        """Records read under any key."""
        self.failed = 0
        """Records that no key fits, since the last one that was read."""
        self.lost = 0
        """Records that the numbers say are missing."""
        self._reach = 0
        self._tries = _MOST_TRIES

    def change(self, protection: Protection | None) -> None:
        """The next record has other keys."""
        self.current, self.number = protection, 0
        if protection is not None and protection in self.later:
            del self.later[: self.later.index(protection) + 1]

    def missing(self, length: int | None) -> None:
        """Bytes of this direction are missing: the next record may have a later number."""
        more = _FURTHEST if length is None else length // _SHORTEST + 2
        self._reach = min(_FURTHEST, self._reach + more)

    def open(self, kind: int, body: bytes, *, is_record: bool = True) -> Opened | None:
        """A record without its protection; None where nothing fits. Where it is not even sure that
        it `is_record`, that means nothing.
        """
        if self.current is not None:
            opened = self.current.open(kind, body, self.number)
            if opened is not None:
                self.number += 1
                self._found()
                return opened
        opened = self._search(kind, body)
        if opened is not None:
            self._found()
            return opened
        if not is_record:
            return None
        self.failed += 1
        if self._reach == 0 and self.opened and self.current is not None:
            self.number += 1  # it is damaged, and counts
        return None

    def _found(self) -> None:
        self.opened += 1
        self.failed = self._reach = 0

    def _search(self, kind: int, body: bytes) -> Opened | None:
        if self.current is not None and self._reach:
            opened = self._try(self.current, kind, body, self.number + 1)
            if opened is not None:
                return opened
        for protection in self._candidates():
            opened = self._try(protection, kind, body, 0)
            if opened is not None:
                self.change_to(protection)
                return opened
        return None

    def _candidates(self) -> list[Protection]:
        if self.later:
            return list(self.later)
        # A key update itself was missing.
        after = self.current.after() if self.current is not None and self._reach else None
        return [after] if after is not None else []

    def change_to(self, protection: Protection) -> None:
        """As `change`, with the number that `_try` has found."""
        number = self.number
        self.change(protection)
        self.number = number

    def _try(self, protection: Protection, kind: int, body: bytes, first: int) -> Opened | None:
        """The record under one of the next numbers; sets the number behind it."""
        for number in range(first, first + self._reach + (first == 0)):
            if self._tries <= 0:
                return None
            self._tries -= 1
            opened = protection.open(kind, body, number)
            if opened is not None:
                self.lost += number - first + (first != 0)
                self.number = number + 1
                return opened
        return None
