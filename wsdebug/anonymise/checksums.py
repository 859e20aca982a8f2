"""Checksums of the Internet protocols (RFC 1071): right where they were right, wrong where not."""

from __future__ import annotations


def total(data: bytes) -> int:
    """The ones' complement sum of 16-bit words."""
    if len(data) & 1:
        data += b"\0"
    # 2^16 is 1 modulo 2^16 - 1: the sum of the words is the whole number modulo that.
    number = int.from_bytes(data, "big")
    return number % 0xFFFF or (0xFFFF if number else 0)


def checksum(data: bytes) -> int:
    """What the field must hold, where it is zero in `data`."""
    return 0xFFFF - total(data)


def pseudo_header(addresses: bytes, protocol: int, length: int) -> bytes:
    """RFC 9293 3.1, RFC 8200 8.1."""
    if len(addresses) == 8:
        return addresses + bytes((0, protocol)) + length.to_bytes(2, "big")
    return addresses + length.to_bytes(4, "big") + bytes((0, 0, 0, protocol))


def judged(field: int, data: bytes, before: bytes = b"") -> str:
    """How a field of a captured packet is: "right", "partial" (the sum of the pseudo-header alone,
    which the network card was to finish), "none" or "wrong".
    """
    if not field:
        return "none"
    if field % 0xFFFF == checksum(before + data) % 0xFFFF:
        return "right"
    return "partial" if before and field == total(before) else "wrong"


def again(kind: str, field: int, data: bytes, before: bytes = b"") -> int:
    """The field for the new bytes, of the same kind."""
    right = checksum(before + data)
    if kind == "right":
        return right
    if kind == "partial":
        return total(before)
    if kind == "none":
        return 0
    return field if field % 0xFFFF != right % 0xFFFF and field else field ^ 0x5555
