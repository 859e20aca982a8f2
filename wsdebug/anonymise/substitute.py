"""Puts other bytes in the place of those that have a role."""

from __future__ import annotations

from collections.abc import Sequence

from wsdebug.anonymise.roles import ALPHABETS, ANY, KEEP
from wsdebug.anonymise.secret import Secret

_PLACES = {
    role: {byte: at for at, byte in enumerate(alphabet)} for role, alphabet in ALPHABETS.items()
}
_NEVER_ZERO = bytes([255, *range(1, 256)])


def substituted(data: bytes, roles: Sequence[int], secret: Secret) -> bytes:
    """As many bytes; each one with a role is another than it was, of the role's alphabet."""
    if not data:
        return b""
    told = bytearray(data)
    for at, (byte, role, shift) in enumerate(zip(data, roles, secret.shifts(data), strict=True)):
        if role == KEEP:
            continue
        if role == ANY:
            told[at] = (byte + 1 + shift % 255) & 0xFF
            continue
        alphabet = ALPHABETS[role]
        place = _PLACES[role].get(byte)
        if place is None:  # a digit of the other case
            told[at] = alphabet[shift % len(alphabet)]
            continue
        told[at] = alphabet[(place + 1 + shift % (len(alphabet) - 1)) % len(alphabet)]
    return bytes(told)


def scrambled(data: bytes, secret: Secret) -> bytes:
    """Any bytes by any others."""
    # A byte that is not zero, put on another by XOR, leaves no byte as it was.
    noise = secret.shifts(data).translate(_NEVER_ZERO)
    size = len(data)
    return (int.from_bytes(data, "big") ^ int.from_bytes(noise, "big")).to_bytes(size, "big")
