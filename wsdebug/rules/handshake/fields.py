"""How header values of the handshake are read: lists, tokens, hosts, keys. Each pattern stands
under the grammar line it implements.
"""

from __future__ import annotations

import re

from wsdebug.display.escape import printable
from wsdebug.model.handshake import Field, Handshake, Head

# RFC 9110 5.6.2: token = 1*tchar
_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")

# RFC 9110 7.2: Host = uri-host [ ":" port ]; RFC 3986 3.2.2: IP-literal / IPv4address / reg-name.
# The empty reg-name of RFC 3986 is no host of a ws URL (RFC 6455 3).
_HOST = re.compile(
    r"(?:\[[0-9A-Fa-f:.]+(?:%25[\w.~-]+)?\]|\[v[0-9A-Fa-f]+\.[\w.~!$&'()*+,;=:-]+\]"
    r"|(?:[\w.~!$&'()*+,;=-]|%[0-9A-Fa-f]{2})+)(?::(?P<port>[0-9]*))?",
    re.ASCII,
)

# RFC 6455 4.1: base64 of 16 bytes, so 22 characters and two "="; RFC 4648 3.5 leaves it to the
# reader whether the four pad bits must be zero, and no server looks.
_KEY = re.compile(r"[A-Za-z0-9+/]{22}==")


def is_token(text: str) -> bool:
    """Whether it is an HTTP token."""
    return _TOKEN.fullmatch(text) is not None


def is_host(text: str) -> bool:
    """Whether it is host[:port] with a host that is not empty."""
    match = _HOST.fullmatch(text)
    return match is not None and (not match["port"] or int(match["port"][-6:]) <= 65535)


def is_key(text: str) -> bool:
    """Whether it is base64 of 16 bytes."""
    return _KEY.fullmatch(text) is not None


def elements(fields: tuple[Field, ...]) -> list[tuple[Field, str]]:
    """The elements of a comma list over all its lines, trimmed, empty ones included."""
    return [(field, part.strip(" \t")) for field in fields for part in field.value.split(",")]


def has_token(fields: tuple[Field, ...], token: str) -> bool:
    """Whether the list holds the token; case and a `/version` behind it do not matter."""
    return any(part.partition("/")[0].lower() == token for _, part in elements(fields))


def whole_request(handshake: Handshake) -> Head | None:
    """The request, if it was seen to its end."""
    head = handshake.request
    return head if head is not None and head.complete else None


def whole_answer(handshake: Handshake) -> Head | None:
    """The 101, if it was seen to its end."""
    head = handshake.response
    return head if head is not None and head.complete and handshake.is_accepted else None


def shown(value: str) -> str:
    """A header's value, short and safe to show."""
    return printable(value.encode("latin-1", "replace"), 100)


def line(field: Field) -> str:
    """A header line, short and safe to show."""
    return f"{shown(field.name)}: {shown(field.value)}"
