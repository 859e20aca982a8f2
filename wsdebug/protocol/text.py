"""UTF-8 piece by piece (RFC 3629), pointing at the first byte that makes the text impossible."""

from __future__ import annotations

from typing import NamedTuple

PIECE = 16 << 10
"""Bytes decoded at one time: above, `str()` spends its time on memory."""


class Utf8Fault(NamedTuple):
    """Where text stops being UTF-8. `seen` ends with the offending byte and begins with the
    character it stands in; of a truncated character it is all there is.
    """

    offset: int
    reason: str
    seen: bytes


class Utf8:
    """An incremental check: `feed` pieces of any size, then `finish`. Both give the first fault;
    after one, feed no more.
    """

    __slots__ = ("carry", "position")

    def __init__(self) -> None:
        self.position = 0
        """Bytes known to be good; `carry` stands behind them."""
        self.carry = b""
        """The beginning of a character that goes on in the next piece: up to three bytes."""

    def feed(self, piece: bytes) -> Utf8Fault | None:
        """The fault that this piece brings, its offset counted from the text's first byte."""
        for at in range(0, len(piece), PIECE):
            data = self.carry + piece[at : at + PIECE]
            try:
                str(data, "utf-8")
            except UnicodeDecodeError as error:
                fault = _fault(data, error)
                if fault is not None:
                    return fault._replace(offset=self.position + fault.offset)
                self.position += error.start
                self.carry = data[error.start :]
            else:
                self.position += len(data)
                self.carry = b""
        return None

    def finish(self) -> Utf8Fault | None:
        """The fault of a text that ends within a character: it points at that one's first byte."""
        if not self.carry:
            return None
        return Utf8Fault(self.position, "truncated", self.carry)


def first_fault(text: bytes) -> Utf8Fault | None:
    """The first fault of a whole text."""
    check = Utf8()
    return check.feed(text) or check.finish()


def _fault(data: bytes, error: UnicodeDecodeError) -> Utf8Fault | None:
    """What Python found, as a fault; None where the data merely ends within a character."""
    start = error.start
    # `error.end` stands behind the last byte that could still have been right.
    at = start if error.reason == "invalid start byte" else error.end
    if at >= len(data):
        return None
    reason = _start_reason(data[at]) if at == start else _second_reason(data[start:at], data[at])
    return Utf8Fault(at, reason, data[start : at + 1])


def _start_reason(byte: int) -> str:
    # RFC 3629 3: C0 and C1 could only begin overlong forms, F5 and above lie beyond U+10FFFF.
    if byte in (0xC0, 0xC1):
        return "overlong"
    return "too-large" if 0xF5 <= byte <= 0xF7 else "invalid-start"


def _second_reason(before: bytes, byte: int) -> str:
    """Why a byte cannot follow: RFC 3629 4 narrows the second byte after E0, ED, F0 and F4."""
    if len(before) == 1 and 0x80 <= byte <= 0xBF:
        lead = before[0]
        if lead in (0xE0, 0xF0):
            return "overlong"
        if lead == 0xED:
            return "surrogate"
        if lead == 0xF4:
            return "too-large"
    return "invalid-continuation"
