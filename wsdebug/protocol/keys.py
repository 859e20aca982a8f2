"""The Sec-WebSocket-Keys of a capture, to tell whose answer a wrong Sec-WebSocket-Accept is."""

from __future__ import annotations

import binascii
import hashlib
from functools import lru_cache

GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_LONGEST = 64
"""Characters of a key that is remembered; 24 are right (RFC 6455 4.1)."""
_MOST = 100_000


@lru_cache(maxsize=4)  # who reads the answer asks, and then the rule that judges it
def accept_value(key: str) -> str:
    """The Sec-WebSocket-Accept that answers a Sec-WebSocket-Key (RFC 6455 4.2.2, item 5)."""
    digest = hashlib.sha1((key + GUID).encode("latin-1", "replace"), usedforsecurity=False).digest()
    return binascii.b2a_base64(digest, newline=False).decode("ascii")


class Keys:
    """Takes every key; what each asks for is worked out when an answer fits no key of its own."""

    __slots__ = ("_asked", "_count", "_new")

    def __init__(self) -> None:
        self._new = bytearray()
        """Keys not looked at yet, each behind a line end: no header value holds one."""
        self._count = 0
        self._asked: dict[str, str] = {}
        """Accept value -> the key that asks for it."""

    def note(self, key: str) -> None:
        """Remember a key of this capture; of very many only the first."""
        if self._count < _MOST and len(key) <= _LONGEST:
            self._count += 1
            self._new += b"\n" + key.encode("latin-1", "replace")

    def asking_for(self, accept: str) -> str | None:
        """The key whose answer `accept` is, None if it is that of none."""
        new, self._new = self._new.decode("latin-1"), bytearray()
        for key in new.split("\n")[1:]:
            self._asked[accept_value(key)] = key
        return self._asked.get(accept)
