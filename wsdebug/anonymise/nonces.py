"""Sec-WebSocket-Key and Sec-WebSocket-Accept: another key, and the value that is as right or as
wrong as it was (RFC 6455 4.2.2).
"""

from __future__ import annotations

import base64
import binascii

from wsdebug.anonymise.roles import secret_roles
from wsdebug.anonymise.secret import Secret
from wsdebug.anonymise.substitute import substituted
from wsdebug.protocol.keys import accept_value

_SAMPLE = "dGhlIHNhbXBsZSBub25jZQ=="
"""The key of RFC 6455 1.3, which hand-written clients send."""


class Nonces:
    """Keys of all connections: an accept value may belong to another one's."""

    def __init__(self, secret: Secret) -> None:
        self._secret = secret
        self._accepts: dict[str, str] = {}

    def learn(self, key: str) -> None:
        """A request asks with this key."""
        self._accepts[accept_value(key)] = accept_value(self.key(key))

    def key(self, value: str) -> str:
        """Another key, of as many bytes if it is base64."""
        return value if value == _SAMPLE else self._other(value)

    def accept(self, value: str) -> str:
        """The answer to the new key, where it was that to the old one."""
        return self._accepts.get(value) or self._other(value)

    def _other(self, value: str) -> str:
        raw = value.encode("latin-1", "replace")
        try:
            data = base64.b64decode(raw, validate=True)
        except (binascii.Error, ValueError):
            data = b""
        if data and base64.b64encode(data) == raw:
            other = self._secret.stream(b"nonce", data, len(data))
            return base64.b64encode(other).decode("ascii")
        return substituted(raw, secret_roles(raw), self._secret).decode("latin-1")
