"""Handshake messages out of the records that carry them (RFC 8446 4, 5.1).

Messages may share a record and may be cut by records. Only the few that matter are kept whole.
"""

from __future__ import annotations

from collections.abc import Iterator

HELLO_REQUEST, CLIENT_HELLO, SERVER_HELLO = 0, 1, 2
END_OF_EARLY_DATA, ENCRYPTED_EXTENSIONS, FINISHED, KEY_UPDATE = 5, 8, 20, 24
_KEPT = frozenset((CLIENT_HELLO, SERVER_HELLO, ENCRYPTED_EXTENSIONS))
_LONGEST = 1 << 16
"""Bytes of a message that is kept; a ClientHello with post-quantum keys has about 2 000."""
_KINDS = frozenset((0, 1, 2, 4, 5, 8, 11, 12, 13, 14, 15, 16, 20, 21, 22, 24, 25))
"""Types that exist (IANA TLS HandshakeType)."""


class Messages:
    """The messages of one side."""

    __slots__ = ("_head", "_kept", "_kind", "_left")

    def __init__(self) -> None:
        self._head = b""
        self._kind = -1
        self._left = 0
        self._kept = b""

    @property
    def is_inside(self) -> bool:
        """The last record ended within a message."""
        return self._kind >= 0 or bool(self._head)

    def lose(self) -> None:
        """A record did not come."""
        self._head, self._kept = b"", b""
        self._kind, self._left = -1, 0

    def feed(self, data: bytes) -> Iterator[tuple[int, bytes]]:
        """Type and body of each message that is complete; the body of those that do not matter is
        left empty.
        """
        while data or (self._kind >= 0 and not self._left):
            if self._kind < 0:
                need = 4 - len(self._head)
                self._head += data[:need]
                data = data[need:]
                if len(self._head) < 4:
                    return
                self._kind, self._left = self._head[0], int.from_bytes(self._head[1:])
                self._head = b""
                if self._kind not in _KINDS:
                    self.lose()
                    return
            part, data = data[: self._left], data[self._left :]
            self._left -= len(part)
            if self._kind in _KEPT and len(self._kept) < _LONGEST:
                self._kept += part
            if not self._left:
                kind, kept = self._kind, self._kept
                self._kind, self._kept = -1, b""
                yield kind, kept
