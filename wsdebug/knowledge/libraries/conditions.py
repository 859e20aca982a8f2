"""The small language of `when`: words that must all hold, alternatives behind `or`.

`control !fin`, `server !mask or client mask`, `code=0-999,1004-1006`, `length=2147483648-`.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable

from wsdebug.knowledge.libraries.model import Situation
from wsdebug.model.place import Side

Test = Callable[[Situation, int | None], bool]
"""The situation and the library's default limit for messages."""

_KNOWN = frozenset({0, 1, 2, 8, 9, 10})


def _opcode(situation: Situation) -> int:
    return situation.header >> 8 & 15


def header_length(header: int) -> int:
    """Bytes of the whole header that begins with these two (RFC 6455 5.2)."""
    return 2 + {126: 2, 127: 8}.get(header & 0x7F, 0) + (4 if header & 0x80 else 0)


def is_partial(situation: Situation) -> bool:
    """The frame is not there to its end."""
    if situation.received is None:
        return False
    return situation.received < header_length(situation.header) + situation.length


def _is_padded(situation: Situation) -> bool:
    # RFC 6455 5.2: the minimal number of bytes must be used to encode the length.
    form = situation.header & 0x7F
    least = {126: 126, 127: 0x1_0000}.get(form, 0)
    return situation.length < least


def _over(situation: Situation, default: int | None) -> bool:
    limit = situation.limit or default
    return limit is not None and situation.length > limit


def _bit(mask: int) -> Test:
    return lambda situation, _: bool(situation.header & mask)


_WORDS: dict[str, Test] = {
    "fin": _bit(0x8000),
    "rsv1": _bit(0x4000),
    "rsv2": _bit(0x2000),
    "rsv3": _bit(0x1000),
    "rsv": _bit(0x7000),
    "control": _bit(0x0800),
    "mask": _bit(0x0080),
    "known": lambda situation, _: _opcode(situation) in _KNOWN,
    "continuation": lambda situation, _: _opcode(situation) == 0,
    "start": lambda situation, _: _opcode(situation) in (1, 2),
    "close": lambda situation, _: _opcode(situation) == 8,
    "ping": lambda situation, _: _opcode(situation) == 9,
    "long": lambda situation, _: situation.header & 0x7F > 125,
    "padded": lambda situation, _: _is_padded(situation),
    "over-limit": _over,
    "partial": lambda situation, _: is_partial(situation),
    "deflate": lambda situation, _: situation.deflate,
    "client": lambda situation, _: situation.role is Side.CLIENT,
    "server": lambda situation, _: situation.role is Side.SERVER,
    "open": lambda situation, _: bool(situation.open),
    "open-compressed": lambda situation, _: situation.open == "compressed",
    "utf8": lambda situation, _: situation.fault in ("utf8", "utf8-cut"),
    "utf8-cut": lambda situation, _: situation.fault == "utf8-cut",
    "reason-utf8": lambda situation, _: situation.fault == "reason-utf8",
    "bad-deflate": lambda situation, _: situation.fault == "deflate",
    "empty-body": lambda situation, _: _opcode(situation) == 8 and situation.length == 0,
    "one-byte": lambda situation, _: _opcode(situation) == 8 and situation.length == 1,
}
_FIGURES: dict[str, Callable[[Situation], int | None]] = {
    "opcode": _opcode,
    "length": lambda situation: situation.length,
    "received": lambda situation: situation.received,
    "code": lambda situation: situation.code,
    "short": lambda situation: situation.header & 0x7F,
}
_FIGURE = re.compile(r"([a-z]+)=([\d,-]+)")


@functools.cache
def compiled(when: str) -> tuple[tuple[tuple[Test, bool], ...], ...]:
    """The alternatives of a condition, each a row of tests with what they must give."""
    return tuple(
        tuple(_test(word) for word in alternative.split()) for alternative in when.split(" or ")
    )


def _test(word: str) -> tuple[Test, bool]:
    wanted = not word.startswith("!")
    bare = word.removeprefix("!")
    figure = _FIGURE.fullmatch(bare)
    if figure is not None:
        return _in_ranges(figure[1], figure[2]), wanted
    return _WORDS[bare], wanted


def _in_ranges(name: str, written: str) -> Test:
    """Whether the figure lies in one of the ranges `3-7,11-15,20,5000-`."""
    figure = _FIGURES[name]
    ranges = []
    for part in written.split(","):
        first, dash, last = part.partition("-")
        ranges.append((int(first), int(last) if last else (None if dash else int(first))))

    def test(situation: Situation, _: int | None) -> bool:
        value = figure(situation)
        return value is not None and any(
            first <= value and (last is None or value <= last) for first, last in ranges
        )

    return test


def holds(when: str, situation: Situation, limit: int | None) -> bool:
    """Whether a condition holds; an empty one always does."""
    return any(
        all(test(situation, limit) is wanted for test, wanted in alternative)
        for alternative in compiled(when)
    )
