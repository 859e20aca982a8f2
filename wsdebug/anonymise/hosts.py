"""Names of hosts and addresses wherever they stand in a header."""

from __future__ import annotations

import re

from wsdebug.anonymise.addresses import Addresses
from wsdebug.anonymise.roles import secret_roles
from wsdebug.anonymise.secret import Secret
from wsdebug.anonymise.substitute import substituted

_ADDRESS = re.compile(
    r"(?<![\w.:/])(?:\d{1,3}(?:\.\d{1,3}){3}(?![\w.])"
    r"|(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f]{0,4}(?![\w.]))"
)
# The name of a product (`Boost.Beast/266`) and its version are no host.
_DOTTED = re.compile(r"(?<![\w./-])(?:[\w-]+\.)+[A-Za-z][\w-]*(?![\w.-])(?!/\d)")
_AUTHORITY = re.compile(r"(?<=://)(?:[^/@\s\"']*@)?(\[[^\]\s]+\]|[^/:\s\"',;?#\[\]]+)")
_KEPT = frozenset({"localhost", "null", "node.js", "asp.net", "socket.io"})


class Hosts:
    """The same name becomes the same name, in as many letters."""

    def __init__(self, secret: Secret, addresses: Addresses) -> None:
        self._secret = secret
        self._addresses = addresses

    def authority(self, value: str) -> str:
        """`api.example:80` or `[2001:db8::1]:80`; the port stays."""
        bare, mark, port = value.rpartition(":")
        if not (mark and port.isdigit() and (":" not in bare or bare.endswith("]"))):
            bare, mark, port = value, "", ""
        if bare.startswith("[") and bare.endswith("]"):
            return f"[{self.name(bare[1:-1])}]{mark}{port}"
        return self.name(bare) + mark + port

    def name(self, name: str) -> str:
        """A host, or an address as it is in the packets."""
        if name.lower() in _KEPT:
            return name
        return self._addresses.text(name) or self._letters(name)

    def within(self, value: str) -> str:
        """The hosts and addresses in a text, the rest as it was."""
        value = _AUTHORITY.sub(lambda found: self._named(found[0], found[1]), value)
        value = _ADDRESS.sub(lambda found: self.name(found[0]), value)
        return _DOTTED.sub(lambda found: self.name(found[0]), value)

    def _named(self, whole: str, host: str) -> str:
        user = whole[: len(whole) - len(host)]
        bare = f"[{self.name(host[1:-1])}]" if host.startswith("[") else self.name(host)
        return self._letters(user) + bare

    def _letters(self, name: str) -> str:
        """Letters by letters, whatever their case: host names do not care (RFC 9110 4.2.3)."""
        raw = name.encode("latin-1", "replace")
        small = raw.lower()
        told = substituted(small, secret_roles(small), self._secret)
        cased = bytes(
            new - 32 if 65 <= old <= 90 and 97 <= new <= 122 else new
            for old, new in zip(raw, told, strict=True)
        )
        return cased.decode("latin-1")
