"""What decides which byte takes the place of which: a key that nobody keeps.

The same content becomes the same content everywhere, so that a pong is still its ping's and both
legs of a proxy still carry the same message; without the key nobody gets back.
"""

from __future__ import annotations

import hashlib
import secrets

_PREFIXES = 16
"""Bytes whose shift depends only on what stands before them: short contents that differ stay
different, and the beginning of a content that was cut off is that of the whole one."""


class Secret:
    """One export's key. `key`: for tests only."""

    def __init__(self, key: bytes | None = None) -> None:
        self._key = secrets.token_bytes(32) if key is None else key

    def shifts(self, content: bytes) -> bytes:
        """A byte for each byte of `content`, to be taken as a number of steps in an alphabet."""
        first = bytes(
            self.digest(b"prefix", content[:at])[0] for at in range(min(len(content), _PREFIXES))
        )
        if len(content) <= _PREFIXES:
            return first
        return first + self.stream(b"rest", content, len(content) - _PREFIXES)

    def stream(self, label: bytes, content: bytes, size: int) -> bytes:
        """So many bytes that depend on the content."""
        return hashlib.shake_256(self.digest(label, content)).digest(size)

    def digest(self, label: bytes, content: bytes) -> bytes:
        """32 bytes that depend on the content."""
        return hashlib.blake2b(
            content, digest_size=32, key=self._key, person=label[:16].ljust(16, b"\0")
        ).digest()

    def number(self, label: bytes, content: bytes, below: int) -> int:
        """0 to `below` - 1."""
        return int.from_bytes(self.digest(label, content)[:8], "big") % below
