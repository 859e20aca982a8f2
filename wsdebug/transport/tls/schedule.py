"""From secrets to keys: HKDF-Expand-Label (RFC 8446 7) and the PRF of TLS 1.2 (RFC 5246 5)."""

from __future__ import annotations

import hashlib
import hmac

from wsdebug.transport.tls.suites import Suite

_BLOCK = {"sha256": 32, "sha384": 48}


def expand_label(hash_name: str, secret: bytes, label: str, length: int) -> bytes:
    """HKDF-Expand-Label with an empty context (RFC 8446 7.1)."""
    name = b"tls13 " + label.encode()
    info = length.to_bytes(2) + bytes([len(name)]) + name + b"\0"
    block, out = b"", b""
    for index in range(1, -(-length // _BLOCK[hash_name]) + 1):
        block = hmac.digest(secret, block + info + bytes([index]), hash_name)
        out += block
    return out[:length]


def traffic_keys(suite: Suite, secret: bytes) -> tuple[bytes, bytes]:
    """Key and IV of a traffic secret (RFC 8446 7.3)."""
    key = expand_label(suite.hash, secret, "key", suite.key_length)
    return key, expand_label(suite.hash, secret, "iv", 12)


def next_secret(suite: Suite, secret: bytes) -> bytes:
    """The secret after a key update (RFC 8446 7.2)."""
    return expand_label(suite.hash, secret, "traffic upd", _BLOCK[suite.hash])


def secret_length(suite: Suite) -> int:
    """Bytes of a traffic secret of TLS 1.3."""
    return _BLOCK[suite.hash]


class SideKeys:
    """What one side protects its records with in TLS 1.2: key, fixed part of the nonce, MAC key."""

    __slots__ = ("fixed", "key", "mac_key")

    def __init__(self, key: bytes, fixed: bytes, mac_key: bytes) -> None:
        self.key, self.fixed, self.mac_key = key, fixed, mac_key


def key_block(
    suite: Suite, master: bytes, client_random: bytes, server_random: bytes
) -> tuple[SideKeys, SideKeys]:
    """The keys of client and server (RFC 5246 6.3). With an extended master secret (RFC 7627) it is
    the same: the key log has that one.
    """
    mac = hashlib.new(suite.mac).digest_size if suite.mac else 0
    # RFC 7905 2: 12 bytes for ChaCha20; RFC 5288 3 and 6655 3: 4; CBC takes its IV from the record.
    fixed = {"CHACHA20": 12, "CBC": 0}.get(suite.mode, 4)
    sizes = [mac, mac, suite.key_length, suite.key_length, fixed, fixed]
    block = _prf(suite.hash, master, b"key expansion" + server_random + client_random, sum(sizes))
    parts = []
    for size in sizes:
        parts.append(block[:size])
        block = block[size:]
    return SideKeys(parts[2], parts[4], parts[0]), SideKeys(parts[3], parts[5], parts[1])


def _prf(hash_name: str, secret: bytes, seed: bytes, length: int) -> bytes:
    """P_hash (RFC 5246 5)."""
    out, a = b"", seed
    while len(out) < length:
        a = hmac.digest(secret, a, hash_name)
        out += hmac.digest(secret, a + seed, hash_name)
    return out[:length]
