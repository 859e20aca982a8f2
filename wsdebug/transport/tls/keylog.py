"""The NSS key log format (RFC 9850): a line for each secret, `LABEL CLIENT_RANDOM SECRET` in hex.

Programs write it for debugging (SSLKEYLOGFILE). It is read leniently: what is no such line is
counted, and the rest counts all the same.
"""

from __future__ import annotations

import re

_LINE = re.compile(rb"([A-Z][A-Z0-9_]{2,63}) ([0-9A-Fa-f]{64}) ([0-9A-Fa-f]{32,192})")
_SESSION = re.compile(rb"RSA Session-ID:([0-9A-Fa-f]{2,64}) Master-Key:([0-9A-Fa-f]{96})")
"""What OpenSSL's s_client prints of a session."""
_UNUSED = re.compile(
    rb"RSA [0-9A-Fa-f]{16} [0-9A-Fa-f]{96}|ECH_CONFIG [0-9A-Fa-f]{64} [0-9A-Fa-f]+"
)
"""Whole lines that open nothing here: OpenSSL writes the first beside the CLIENT_RANDOM line of a
TLS 1.2 session without (EC)DHE, and what the second says of ECH may be long.
"""
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
"""Windows editors put it before the first line."""
MASTER = "CLIENT_RANDOM"
"""TLS 1.2: the master secret."""
CLIENT_EARLY = "CLIENT_EARLY_TRAFFIC_SECRET"
CLIENT_HANDSHAKE = "CLIENT_HANDSHAKE_TRAFFIC_SECRET"
SERVER_HANDSHAKE = "SERVER_HANDSHAKE_TRAFFIC_SECRET"
CLIENT_TRAFFIC = "CLIENT_TRAFFIC_SECRET_0"
SERVER_TRAFFIC = "SERVER_TRAFFIC_SECRET_0"
LABELS = (
    MASTER,
    CLIENT_EARLY,
    CLIENT_HANDSHAKE,
    SERVER_HANDSHAKE,
    CLIENT_TRAFFIC,
    SERVER_TRAFFIC,
)
"""Those that decrypt records; EXPORTER_SECRET and others are known and left alone."""
_MOST_BAD = 20
_LONGEST = 512
"""Bytes of a line; the longest that means something has 261."""


class KeyLog:
    """Secrets by the client random of their session. `bad_lines`: the numbers of lines that are
    none, the first 20 of `bad`.
    """

    def __init__(self, most: int) -> None:
        """`most`: bytes of secrets kept."""
        self._most = most
        self._size = 0
        self._secrets: dict[bytes, dict[str, bytes]] = {}
        self._masters: dict[bytes, bytes] = {}
        self._rest = b""
        self._line = 0
        self.bad = 0
        self.bad_lines: list[int] = []
        self.is_full = False

    @property
    def sessions(self) -> int:
        """Sessions of which there is a secret."""
        return len(self._secrets) + len(self._masters)

    def feed(self, data: bytes) -> None:
        """The next bytes of a log; a line may be cut anywhere between two calls."""
        *lines, rest = (self._rest + data).split(b"\n")
        # Of a line without an end no more is kept than any line needs.
        self._rest = rest[: 2 * _LONGEST]
        for line in lines:
            self._take(line)

    def end(self) -> None:
        """No more will come: the last line may lack its end."""
        rest, self._rest = self._rest, b""
        if rest.strip():
            self._take(rest)

    def block(self, data: bytes) -> None:
        """A whole log in itself, as a secrets block of a capture holds it."""
        self.end()
        self.feed(data)
        self.end()

    def secrets(self, random: bytes) -> dict[str, bytes]:
        """The secrets of a session by label; empty where there are none."""
        return self._secrets.get(random, {})

    def lines(self, random: bytes) -> bytes:
        """The lines of one session, as they may stand in a key log."""
        texts = [
            f"{label} {random.hex()} {secret.hex()}\n"
            for label, secret in self.secrets(random).items()
        ]
        return "".join(texts).encode()

    def master(self, session_id: bytes) -> bytes | None:
        """The master secret of a TLS 1.2 session by its ID, where that was logged."""
        return self._masters.get(session_id) if session_id else None

    def _take(self, line: bytes) -> None:
        self._line += 1
        text = (line.removeprefix(_BYTE_ORDER_MARK) if self._line == 1 else line).strip()
        if not text or text.startswith(b"#"):
            return
        found = _LINE.fullmatch(text) if len(text) <= _LONGEST else None
        if found is not None and len(found[3]) % 2 == 0:
            label, random = found[1].decode(), bytes.fromhex(found[2].decode())
            if label in LABELS and self._has_room(len(text)):
                secret = bytes.fromhex(found[3].decode())
                self._secrets.setdefault(random, {})[label] = secret
        elif session := _SESSION.fullmatch(text):
            if self._has_room(len(text)):
                self._masters[bytes.fromhex(session[1].decode())] = bytes.fromhex(
                    session[2].decode()
                )
        elif not _UNUSED.fullmatch(text):
            self.bad += 1
            if len(self.bad_lines) < _MOST_BAD:
                self.bad_lines.append(self._line)

    def _has_room(self, size: int) -> bool:
        self._size += size
        self.is_full = self._size > self._most
        return not self.is_full
