"""Masking (RFC 6455 5.3): taking it off, and noticing keys that repeat."""

from __future__ import annotations

from wsdebug.model.facts import MaskKeys
from wsdebug.model.place import Side, Span

REPEATED = 256
REPEAT = [0]
"""Multiplied with a key, `REPEAT[n]` gives the key n times over: cheaper than repeating bytes,
but quadratic to keep, so only for short payloads (up to `REPEATED` keys, 130 KB in all)."""
for _ in range(REPEATED):
    REPEAT.append(REPEAT[-1] << 32 | 1)


def unmask(data: bytes, key: bytes, phase: int = 0) -> bytes:
    """The bytes without their mask; `phase` is the place of `data[0]` in the payload.

    One XOR of two big integers is the quickest way in plain Python (about 180 MB/s), as long
    as the pieces stay below some 16 KiB.
    """
    size = len(data)
    phase &= 3
    if phase:
        key = key[phase:] + key[:phase]
    pad = (key * ((size >> 2) + 1))[:size]
    masked = int.from_bytes(data, "little") ^ int.from_bytes(pad, "little")
    return masked.to_bytes(size, "little")


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
