"""What pcapng blocks say beside packets: interfaces, losses, TLS secrets."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from typing import NamedTuple

SECTION = 0x0A0D0D0A
INTERFACE = 1
OBSOLETE_PACKET = 2
SIMPLE_PACKET = 3
STATISTICS = 5
PACKET = 6
DECRYPTION_SECRETS = 10
TLS_KEY_LOG = 0x544C534B
"""Type of secrets that are an NSS key log (section 4.7)."""
# Blocks that are no packets and that Wireshark numbers like packets all the same: the systemd
# journal, custom blocks (copied on or not) and sysdig events.
NUMBERED = frozenset((9, 0x0BAD, 0x40000BAD, 0x204, 0x216, 0x221))

# Options: draft-ietf-opsawg-pcapng 3.5, 4.2 (interface), 4.6 (statistics).
_END_OF_OPTIONS = 0
_IF_TSRESOL = 9
_IF_TSOFFSET = 14
OF_THE_CAPTURE = "The capture: "
"""Begins a comment of ours that tells what was wrong with the capture a file was exported from."""
TAKEN_FROM = "The capture that this was taken from: "
"""Begins what is said of it where the file is read."""
_COMMENT = 1
_SHB_USERAPPL = 4
_ISB_ENDTIME = 3
_ISB_IFDROP = 5
_ISB_OSDROP = 7

_SECOND = 1_000_000_000
# The last nanosecond of the year 9999.
_LATEST = 253_402_300_799_999_999_999


class Interface(NamedTuple):
    """One interface of a section: time in ns = stamp * multiplier // divisor + offset."""

    link_type: int
    snap_length: int
    """0: no limit."""
    multiplier: int
    divisor: int
    offset: int

    def time(self, high: int, low: int) -> int | None:
        """Nanoseconds since 1970 of a stamp in two halves; None outside the years 1970 to 9999,
        where no calendar goes.
        """
        time = (high << 32 | low) * self.multiplier // self.divisor + self.offset
        return time if 0 <= time <= _LATEST else None

    def window_start(self, high: int) -> int | None:
        """The time of the lower half 0, where every lower half then is a plain multiple; None
        where each stamp must be looked at.
        """
        start = self.time(high, 0)
        if self.divisor != 1 or start is None or self.time(high, 0xFFFFFFFF) is None:
            return None
        return start


class Secrets(NamedTuple):
    """One decryption secrets block: its type (`TLS_KEY_LOG`) and its bytes."""

    kind: int
    data: bytes


class MostOptions(NamedTuple):
    """Options that are read of one block, and what to call where there are more."""

    most: int
    reached: Callable[[], None]


def interface_from_block(order: str, body: bytes, limit: MostOptions) -> Interface | None:
    """Reads an interface description block (section 4.2); None when it is too short."""
    if len(body) < 8:
        return None
    link_type, snap_length = struct.unpack_from(f"{order}HxxI", body)
    multiplier, divisor, offset = 1_000, 1, 0
    for code, value in _options(order, body, 8, limit):
        if code == _IF_TSRESOL and len(value) == 1:
            multiplier, divisor = _resolution(value[0])
        elif code == _IF_TSOFFSET and len(value) == 8:
            offset = struct.unpack(f"{order}q", value)[0] * _SECOND
    return Interface(link_type, snap_length, multiplier, divisor, offset)


def _resolution(value: int) -> tuple[int, int]:
    """Nanoseconds a unit as a fraction: the high bit says power of 2 instead of 10."""
    divisor = 1 << (value & 0x7F) if value & 0x80 else 10**value
    if _SECOND % divisor == 0:
        return _SECOND // divisor, 1
    return _SECOND, divisor


def losses_from_block(order: str, body: bytes, limit: MostOptions) -> tuple[int, int] | None:
    """Reads an interface statistics block (section 4.6) as (interface, packets lost by interface
    and system since the capture began); None when it is too short.
    """
    if len(body) < 12:
        return None
    lost = 0
    for code, value in _options(order, body, 12, limit):
        if code in (_ISB_IFDROP, _ISB_OSDROP) and len(value) == 8:
            lost += struct.unpack(f"{order}Q", value)[0]
    return struct.unpack_from(f"{order}I", body)[0], lost


def application_from_block(order: str, body: bytes, limit: MostOptions) -> str:
    """The program that wrote a section, of its section header block (section 4.1)."""
    for code, value in _options(order, body, 16, limit):
        if code == _SHB_USERAPPL:
            return value.decode("utf-8", "replace")
    return ""


def comments_from_block(order: str, body: bytes, limit: MostOptions) -> list[str]:
    """The comments of a section header block (section 3.5.1)."""
    found = _options(order, body, 16, limit)
    return [value.decode("utf-8", "replace") for code, value in found if code == _COMMENT]


def end_from_block(order: str, body: bytes, limit: MostOptions) -> tuple[int, int] | None:
    """When the capture ended, as two halves of a time stamp, of an interface statistics block."""
    for code, value in _options(order, body, 12, limit):
        if code == _ISB_ENDTIME and len(value) == 8:
            high, low = struct.unpack(f"{order}2I", value)
            return high, low
    return None


def secrets_from_block(order: str, body: bytes) -> Secrets | None:
    """Reads a decryption secrets block (section 4.7); None when its lengths disagree."""
    if len(body) < 8:
        return None
    kind, length = struct.unpack_from(f"{order}II", body)
    return Secrets(kind, body[8 : 8 + length]) if length <= len(body) - 8 else None


def _options(order: str, body: bytes, at: int, limit: MostOptions) -> Iterator[tuple[int, bytes]]:
    """Code and value of each option; stops at the first that reaches beyond the block."""
    unpack = struct.Struct(f"{order}HH").unpack_from
    left = limit.most
    while at + 4 <= len(body):
        code, length = unpack(body, at)
        end = at + 4 + length
        if code == _END_OF_OPTIONS or end > len(body):
            return
        if not left:
            limit.reached()
            return
        left -= 1
        yield code, body[at + 4 : end]
        at = end + (-length & 3)
