"""Taking the protection off a record: AEAD of TLS 1.3 and 1.2, CBC with HMAC of 1.2.

Each kind has `open(kind, body, number)`: a record's content type and plaintext, or None where the
key, the record number or the bytes are wrong. `cryptography` is loaded when the first one is made.
"""

from __future__ import annotations

import hmac
import struct
from typing import Any, NamedTuple, Protocol

from wsdebug.transport.tls.schedule import SideKeys, next_secret, secret_length, traffic_keys
from wsdebug.transport.tls.suites import Suite

Opened = tuple[int, bytes]
"""Content type and plaintext."""

_VERSION_12 = b"\x03\x03"
_SEQUENCE = struct.Struct("!Q")
_BLOCK = 16


class Protection(Protocol):
    """The keys of one direction from one change of keys to the next."""

    def open(self, kind: int, body: bytes, number: int) -> Opened | None:
        """Record `number` without its protection; `kind` is the type in its header."""

    def after(self) -> Protection | None:
        """What comes behind a key update (TLS 1.3)."""

    def starts(self) -> int:
        """Bytes of a record's body before the first one that stands for plaintext."""


class Aead13:
    """TLS 1.3 (RFC 8446 5.2)."""

    __slots__ = ("_decrypt", "_iv", "_secret", "_suite", "_wrong")

    def __init__(self, suite: Suite, secret: bytes) -> None:
        self._suite, self._secret = suite, secret
        key, iv = traffic_keys(suite, secret)
        self._iv = int.from_bytes(iv)
        self._decrypt, self._wrong = _aead(suite, key)

    def open(self, kind: int, body: bytes, number: int) -> Opened | None:
        """RFC 8446 5.2: the header is the additional data; the type stands before the padding."""
        if kind != 23:
            return None
        nonce = (self._iv ^ number).to_bytes(12)
        try:
            inner = self._decrypt(nonce, body, b"\x17\x03\x03" + len(body).to_bytes(2))
        except (self._wrong, ValueError):
            return None
        if inner and inner[-1]:  # without padding
            return inner[-1], inner[:-1]
        text = inner.rstrip(b"\0")
        return (text[-1], text[:-1]) if text else (0, b"")

    def after(self) -> Aead13:
        """RFC 8446 7.2."""
        return Aead13(self._suite, next_secret(self._suite, self._secret))

    def starts(self) -> int:
        """The body is ciphertext from its first byte on."""
        return 0


class Aead12:
    """GCM (RFC 5288), CCM (RFC 6655) and ChaCha20-Poly1305 (RFC 7905) of TLS 1.2."""

    __slots__ = ("_decrypt", "_explicit", "_fixed", "_tag", "_whole", "_wrong")

    def __init__(self, suite: Suite, keys: SideKeys) -> None:
        self._fixed = keys.fixed
        self._whole = int.from_bytes(keys.fixed)
        self._explicit = 0 if suite.mode == "CHACHA20" else 8
        self._tag = suite.tag
        self._decrypt, self._wrong = _aead(suite, keys.key)

    def open(self, kind: int, body: bytes, number: int) -> Opened | None:
        """RFC 5246 6.2.3.3."""
        length = len(body) - self._explicit - self._tag
        if length < 0:
            return None
        nonce = self._fixed + body[:8] if self._explicit else (self._whole ^ number).to_bytes(12)
        header = _SEQUENCE.pack(number) + bytes([kind]) + _VERSION_12 + length.to_bytes(2)
        try:
            return kind, self._decrypt(nonce, body[self._explicit :], header)
        except (self._wrong, ValueError):
            return None

    def after(self) -> None:
        """TLS 1.2 has no key update."""

    def starts(self) -> int:
        """Behind the explicit nonce."""
        return self._explicit


class Cbc12:
    """CBC with HMAC, the MAC inside (RFC 5246 6.2.3.2) or outside (RFC 7366)."""

    __slots__ = ("_ciphers", "_is_outside", "_key", "_mac", "_mac_key", "_size")

    def __init__(self, suite: Suite, keys: SideKeys, *, is_outside: bool) -> None:
        from cryptography.hazmat.primitives import ciphers  # noqa: PLC0415 - only with keys

        self._ciphers = ciphers
        self._key, self._mac_key, self._mac = keys.key, keys.mac_key, suite.mac
        self._size = len(hmac.digest(b"", b"", suite.mac))
        self._is_outside = is_outside

    def open(self, kind: int, body: bytes, number: int) -> Opened | None:
        """Checks the MAC where the handshake agreed that it stands."""
        content = body[: -self._size] if self._is_outside else body
        if len(content) < 2 * _BLOCK or len(content) % _BLOCK:
            return None
        if self._is_outside and not self._fits(kind, content, number, body[-self._size :]):
            return None
        plain = self._decrypted(content)
        size = len(plain) - plain[-1] - 1
        # RFC 5246 6.2.3.2: every byte of the padding is its length.
        if size < 0 or plain[size:] != bytes([plain[-1]]) * (plain[-1] + 1):
            return None
        if self._is_outside:
            return kind, plain[:size]
        end = size - self._size
        if end < 0 or not self._fits(kind, plain[:end], number, plain[end:size]):
            return None
        return kind, plain[:end]

    def _decrypted(self, content: bytes) -> bytes:
        ciphers: Any = self._ciphers
        mode = ciphers.modes.CBC(content[:_BLOCK])
        decryptor = ciphers.Cipher(ciphers.algorithms.AES(self._key), mode).decryptor()
        plain: bytes = decryptor.update(content[_BLOCK:]) + decryptor.finalize()
        return plain

    def _fits(self, kind: int, content: bytes, number: int, mac: bytes) -> bool:
        head = _SEQUENCE.pack(number) + bytes([kind]) + _VERSION_12 + len(content).to_bytes(2)
        return hmac.digest(self._mac_key, head + content, self._mac) == mac

    def after(self) -> None:
        """TLS 1.2 has no key update."""

    def starts(self) -> int:
        """Behind the IV."""
        return _BLOCK


class _Aead(NamedTuple):
    decrypt: Any
    wrong: type[Exception]


def _aead(suite: Suite, key: bytes) -> _Aead:
    from cryptography.exceptions import InvalidTag  # noqa: PLC0415 - only with keys
    from cryptography.hazmat.primitives.ciphers import aead  # noqa: PLC0415

    cipher: Any
    if suite.mode == "CHACHA20":
        cipher = aead.ChaCha20Poly1305(key)
    elif suite.mode == "GCM":
        cipher = aead.AESGCM(key)
    else:
        cipher = aead.AESCCM(key, tag_length=suite.tag)
    return _Aead(cipher.decrypt, InvalidTag)


def protection_13(suite: Suite, secret: bytes | None) -> Aead13 | None:
    """Of a traffic secret; None where it is missing or has not the length it must have."""
    if secret is None or len(secret) != secret_length(suite) or suite.code >> 8 != 0x13:
        return None
    return Aead13(suite, secret)


def protection_12(suite: Suite, keys: SideKeys, *, is_outside: bool) -> Protection:
    """Of one side's keys; `is_outside`: encrypt-then-MAC was agreed (it concerns CBC alone)."""
    if suite.mode == "CBC":
        return Cbc12(suite, keys, is_outside=is_outside)
    return Aead12(suite, keys)
