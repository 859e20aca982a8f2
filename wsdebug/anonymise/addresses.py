"""Addresses by others: equal stays equal, private private, and each number keeps its digits.

So an address in a header can be replaced by the one that stands in the IP header, in as many
characters. The mapping keeps prefixes: what was one network is one network.
"""

from __future__ import annotations

import ipaddress

from wsdebug.anonymise.secret import Secret

_MAC_MULTICAST, _MAC_LOCAL = 1, 2
_ZERO, _BROADCAST = bytes(6), b"\xff" * 6
# RFC 6890: first octets behind which only part of the addresses is for everybody.
_OWN_FIRST = frozenset({0, 10, 100, 127, 169, 172, 192, 198, 203, *range(224, 256)})
_APART = {
    bytes([100]): [range(64, 128)],
    bytes([169]): [range(254, 255)],
    bytes([172]): [range(16, 32)],
    bytes([192]): [range(168, 169), range(1)],
    bytes([192, 0]): [range(1), range(2, 3)],
    bytes([192, 0, 0]): [range(8), range(170, 172)],
    bytes([198]): [range(18, 20), range(51, 52)],
    bytes([198, 51]): [range(100, 101)],
    bytes([203]): [range(1)],
    bytes([203, 0]): [range(113, 114)],
}
"""By the octets before them, octets that make an address private, the link's own, or one of tests
and examples (RFC 6890), or that lead to such: each range changes places within itself."""


class Addresses:
    """The mapping of one export."""

    def __init__(self, secret: Secret) -> None:
        self._secret = secret
        self._known: dict[bytes, bytes] = {}

    def mac(self, address: bytes) -> bytes:
        """A hardware address; nobody's (zeros) and everybody's stay."""
        if address in (_ZERO, _BROADCAST):
            return address
        other = bytearray(self._secret.digest(b"mac", address)[:6])
        other[0] = other[0] & 0xFC | address[0] & _MAC_MULTICAST | _MAC_LOCAL
        return bytes(other)

    def ip(self, address: bytes) -> bytes:
        """An IPv4 or IPv6 address of 4 or 16 bytes."""
        known = self._known.get(address)
        if known is None:
            known = self._ipv4(address) if len(address) == 4 else self._ipv6(address)
            self._known[address] = known
        return known

    def text(self, written: str) -> str | None:
        """An address as text by one as long; None where it is no address."""
        try:
            address = ipaddress.ip_address(written)
        except ValueError:
            return None
        if isinstance(address, ipaddress.IPv4Address):
            return ".".join(map(str, self.ip(address.packed)))
        return self._written_as(written, self.ip(address.packed))

    # ---- IPv4 -------------------------------------------------------------------------------
    def _ipv4(self, address: bytes) -> bytes:
        if address in (bytes(4), b"\xff" * 4):
            return address
        other: list[int] = []
        for at, octet in enumerate(address):
            group = _octets(address[:at], octet)
            other.append(self._moved(b"ipv4", address[:at], octet, group))
        return bytes(other)

    def _moved(self, label: bytes, before: bytes, value: int, group: list[int]) -> int:
        """Another value of the group, by as many steps for all behind the same prefix."""
        if len(group) < 2:
            return value
        step = 1 + self._secret.number(label, before + bytes((len(group) & 0xFF,)), len(group) - 1)
        return group[(group.index(value) + step) % len(group)]

    # ---- IPv6 -------------------------------------------------------------------------------
    def _ipv6(self, address: bytes) -> bytes:
        if address in (bytes(16), bytes(15) + b"\x01"):  # RFC 4291 2.5.2, 2.5.3: nobody, loopback
            return address
        if address.startswith(bytes(10) + b"\xff\xff"):  # RFC 4291 2.5.5.2: an IPv4 address
            return address[:12] + self.ip(address[12:])
        other = b""
        for at in range(0, 16, 2):
            word = int.from_bytes(address[at : at + 2], "big")
            if at == 0:
                # What kind of address it is stands in the first bits (RFC 4291 2.4).
                other += self._first_word(word).to_bytes(2, "big")
                continue
            other += self._word(address[:at], word).to_bytes(2, "big")
        return other

    def _first_word(self, word: int) -> int:
        if word < 0x1000:
            return self._word(b"", word)
        kept = 0xFFFF if word >= 0xFE00 else 0xFF00 if word >= 0xE000 else 0xE000
        free = 0xFFFF & ~kept
        if not free or not word & free:
            return word
        low = 1 + self._secret.number(b"ipv6", word.to_bytes(2, "big"), free)
        return word & kept | (low if low != word & free else low % free + 1)

    def _word(self, before: bytes, word: int) -> int:
        """A number of as many hexadecimal digits; zero stays, since `::` stands for it."""
        if not word:
            return 0
        low = 1 << 4 * ((word.bit_length() - 1) // 4)
        size = low * 16 - low
        step = 1 + self._secret.number(b"ipv6", before + low.to_bytes(2, "big"), size - 1)
        return low + (word - low + step) % size

    def _written_as(self, written: str, address: bytes) -> str | None:
        """Written with zeros left out where they were left out before."""
        words = [f"{int.from_bytes(address[at : at + 2], 'big'):x}" for at in range(0, 16, 2)]
        head, mark, tail = written.partition("::")
        if "." in written or "%" in written:
            return None
        first = head.split(":") if head else []
        last = tail.split(":") if tail else []
        parts = [*first, *last]
        chosen = words[: len(first)] + (words[-len(last) :] if last else [])
        told = [
            new.rjust(len(old), "0") if len(new) <= len(old) else new
            for old, new in zip(parts, chosen, strict=True)
        ]
        told = [new.upper() if old.isupper() else new for old, new in zip(parts, told, strict=True)]
        if not mark:
            return ":".join(told)
        return ":".join(told[: len(first)]) + "::" + ":".join(told[len(first) :])


def _octets(before: bytes, octet: int) -> list[int]:
    """The values among which an octet may change places: as many digits, the same kind."""
    same = [one for one in range(256) if len(str(one)) == len(str(octet))]
    if not before:
        return [octet] if octet in _OWN_FIRST else [one for one in same if one not in _OWN_FIRST]
    ranges = _APART.get(before, [])
    own = next((one for one in ranges if octet in one), None)
    if own is not None:
        return [one for one in same if one in own]
    return [one for one in same if not any(one in each for each in ranges)]
