"""What ClientHello, ServerHello and EncryptedExtensions say (RFC 8446 4.1, RFC 5246 7.4.1).

Read leniently: what is cut or malformed is left out, never raised.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

TLS12, TLS13 = 0x0303, 0x0304
_VERSIONS = {0x0300: "SSL 3.0", 0x0301: "TLS 1.0", 0x0302: "TLS 1.1", TLS12: "TLS 1.2",
             TLS13: "TLS 1.3"}  # fmt: skip
_SERVER_NAME, _ALPN, _ENCRYPT_THEN_MAC, _EARLY_DATA, _SUPPORTED_VERSIONS, _PSK = (
    0,
    16,
    22,
    42,
    43,
    41,
)
_RETRY = bytes.fromhex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c")
"""The random of a HelloRetryRequest (RFC 8446 4.1.3)."""
_LONGEST_NAME = 255
_MOST_PROTOCOLS = 32


def version_name(version: int | None) -> str | None:
    """As people write it."""
    if version is None:
        return None
    return _VERSIONS.get(version, f"0x{version:04X}")


class ClientHello(msgspec.Struct, frozen=True):
    """`alpn`: what the client offers, in its order. `versions`: those it takes."""

    random: bytes
    session_id: bytes
    versions: tuple[int, ...]
    sni: str | None = None
    alpn: tuple[str, ...] = ()
    early_data: bool = False


class ServerHello(msgspec.Struct, frozen=True):
    """`alpn`: what the server took, in TLS 1.2."""

    random: bytes
    session_id: bytes
    version: int
    suite: int
    alpn: str | None = None
    encrypt_then_mac: bool = False
    psk: bool = False

    @property
    def is_retry(self) -> bool:
        """A HelloRetryRequest: another ClientHello and another ServerHello follow."""
        return self.random == _RETRY


class Extensions(msgspec.Struct, frozen=True):
    """EncryptedExtensions of TLS 1.3."""

    alpn: str | None = None
    early_data: bool = False


class _Bytes:
    """Reads forward; beyond the end it gives what there is."""

    __slots__ = ("_at", "_data")

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    def take(self, size: int) -> bytes:
        part = self._data[self._at : self._at + size]
        self._at += size
        return part

    def number(self, size: int) -> int:
        return int.from_bytes(self.take(size))

    def vector(self, size: int) -> bytes:
        """Bytes behind their length in `size` bytes."""
        return self.take(self.number(size))

    @property
    def is_short(self) -> bool:
        """More was asked for than there is."""
        return self._at > len(self._data)

    @property
    def has_more(self) -> bool:
        return self._at < len(self._data)


def client_hello(body: bytes) -> ClientHello | None:
    """None where not even the random is there."""
    read = _Bytes(body)
    legacy, random, session_id = read.number(2), read.take(32), read.vector(1)
    if read.is_short:
        return None
    read.vector(2)  # cipher suites
    read.vector(1)  # compression methods
    found = dict(_extensions(read))
    versions = _Bytes(found.get(_SUPPORTED_VERSIONS, b"")).vector(1)
    pairs = [int.from_bytes(versions[at : at + 2]) for at in range(0, len(versions) - 1, 2)]
    return ClientHello(
        random,
        session_id,
        tuple(pairs) or (legacy,),
        _server_name(found.get(_SERVER_NAME, b"")),
        _protocols(found.get(_ALPN, b"")),
        _EARLY_DATA in found,
    )


def server_hello(body: bytes) -> ServerHello | None:
    """None where it is cut before its cipher suite."""
    read = _Bytes(body)
    version, random, session_id = read.number(2), read.take(32), read.vector(1)
    suite = read.number(2)
    read.take(1)  # compression method
    if read.is_short:
        return None
    found = dict(_extensions(read))
    if _SUPPORTED_VERSIONS in found:
        version = int.from_bytes(found[_SUPPORTED_VERSIONS][:2])
    alpn = _protocols(found.get(_ALPN, b""))
    return ServerHello(
        random,
        session_id,
        version,
        suite,
        alpn[0] if alpn else None,
        _ENCRYPT_THEN_MAC in found,
        _PSK in found,
    )


def encrypted_extensions(body: bytes) -> Extensions:
    """What a server says under its handshake keys."""
    found = dict(_extensions(_Bytes(body)))
    alpn = _protocols(found.get(_ALPN, b""))
    return Extensions(alpn[0] if alpn else None, _EARLY_DATA in found)


def _extensions(read: _Bytes) -> Iterator[tuple[int, bytes]]:
    inner = _Bytes(read.vector(2))
    while inner.has_more:
        kind, data = inner.number(2), inner.vector(2)
        yield kind, data


def _server_name(data: bytes) -> str | None:
    """RFC 6066 3: a list of names, of which only host names (type 0) exist."""
    names = _Bytes(_Bytes(data).vector(2))
    if names.number(1) != 0:
        return None
    name = names.vector(2)[:_LONGEST_NAME]
    return name.decode("ascii", "backslashreplace") or None


def _protocols(data: bytes) -> tuple[str, ...]:
    """RFC 7301 3.1."""
    names = _Bytes(_Bytes(data).vector(2))
    found: list[str] = []
    while names.has_more and len(found) < _MOST_PROTOCOLS:
        found.append(names.vector(1).decode("ascii", "backslashreplace"))
    return tuple(found)
