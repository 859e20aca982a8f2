"""TLS records (RFC 8446 5.1) without keys: headers stay, of a hello what tells the protocol."""

from __future__ import annotations

from wsdebug.anonymise.hosts import Hosts
from wsdebug.anonymise.secret import Secret
from wsdebug.anonymise.substitute import scrambled

_HANDSHAKE, _ALERT, _CHANGE = 22, 21, 20
_CLIENT_HELLO, _SERVER_HELLO = 1, 2
_SERVER_NAME, _ALPN, _VERSIONS = 0, 16, 43


def tls_replaced(data: bytes, secret: Secret, hosts: Hosts) -> bytes:
    """As many bytes; what is no record becomes anything."""
    told, at = bytearray(), 0
    while at < len(data):
        if len(data) - at < 5 or data[at] not in range(20, 25) or data[at + 1] != 3:
            return bytes(told) + scrambled(data[at:], secret)
        stop = at + 5 + int.from_bytes(data[at + 3 : at + 5], "big")
        told += data[at : at + 5]
        body = data[at + 5 : stop]
        if data[at] == _HANDSHAKE and body[:1] in (b"\x01", b"\x02"):
            told += _hello(body, secret, hosts)
        elif data[at] in (_ALERT, _CHANGE) and len(body) <= 2:
            told += body  # not encrypted: a level and what it is
        else:
            told += scrambled(body, secret)
        at = stop
    return bytes(told[: len(data)])


def _hello(body: bytes, secret: Secret, hosts: Hosts) -> bytes:
    """RFC 8446 4.1.2, 4.1.3: version, lengths and types stay, random and session do not."""
    new = bytearray(scrambled(body, secret))
    new[:6] = body[:6]
    at = 38  # behind type, length, version and random
    at = _vector(body, new, at, 1)
    if body[0] == _CLIENT_HELLO:
        at = _vector(body, new, at, 2)
        at = _vector(body, new, at, 1, keep=True)
    else:
        new[at : at + 3] = body[at : at + 3]
        at += 3
    new[at : at + 2] = body[at : at + 2]
    at += 2
    while at + 4 <= len(body):
        kind, size = (int.from_bytes(body[at + n : at + n + 2], "big") for n in (0, 2))
        new[at : at + 4] = body[at : at + 4]
        start, stop = at + 4, min(len(body), at + 4 + size)
        if kind == _SERVER_NAME and stop - start > 5:
            name = body[start + 5 : stop].decode("latin-1")
            new[start : start + 5] = body[start : start + 5]
            new[start + 5 : stop] = hosts.name(name).encode("latin-1", "replace")
        elif kind in (_ALPN, _VERSIONS):
            new[start:stop] = body[start:stop]
        at = start + size
    return bytes(new[: len(body)])


def _vector(body: bytes, new: bytearray, at: int, width: int, *, keep: bool = False) -> int:
    """A length and what it counts; the length stays. Where it ends."""
    size = int.from_bytes(body[at : at + width], "big")
    stop = at + width + (size if keep else 0)
    new[at : min(stop, len(body))] = body[at : min(stop, len(body))]
    return at + width + size
