"""Masking (RFC 6455 5.3): taking it off, and noticing keys that repeat."""

from __future__ import annotations

from wsdebug.model.facts import MaskKeys
from wsdebug.model.place import Side, Span

from_bytes = int.from_bytes

SHORT = 1_024
_REPEAT = [0]
for _ in range(SHORT // 4):
    _REPEAT.append(_REPEAT[-1] << 32 | 1)
PADS = [(_REPEAT[(length + 3) // 4], -length % 4 * 8) for length in range(SHORT + 1)]
"""For each length up to `SHORT` what a key is multiplied with to stand there over and over, and by
how many bits that is too long. Cheaper than repeating bytes, but quadratic to keep: 200 KB."""


def pad(key: int, length: int) -> int:
    """The masking key over and over, `length` bytes of it; both are big-endian numbers."""
    if length <= SHORT:
        repeat, spare = PADS[length]
        return key * repeat >> spare
    return from_bytes((key.to_bytes(4) * (length // 4 + 1))[:length])


def unmask(data: bytes, key: bytes, phase: int = 0) -> bytes:
    """The bytes without their mask; `phase` is the place of `data[0]` in the payload.

    One XOR of two big integers is the quickest way in plain Python (about 180 MB/s), as long
    as the pieces stay below some 16 KiB.
    """
    size = len(data)
    phase &= 3
    if phase:
        key = key[phase:] + key[:phase]
    return (from_bytes(data) ^ pad(from_bytes(key), size)).to_bytes(size)


class KeyWatch:
    """Counts masking keys that are zero or equal the one before, on frames with payload."""

    __slots__ = ("count", "first", "frame", "key")

    def __init__(self) -> None:
        self.count = 0
        self.key = 0
        self.frame = 0
        self.first: Span | None = None

    def note(self, key: int, number: int, span: Span) -> None:
        """Count a frame whose key is known to repeat or to be zero; `span` is the key's."""
        self.count += 1
        if self.first is None:
            self.first, self.frame, self.key = span, number, key

    def fact(self, side: Side) -> MaskKeys | None:
        """What there is to tell at the end."""
        if self.first is None or side is not Side.CLIENT:
            return None
        return MaskKeys(self.first, self.frame, self.key, self.count)
