"""JSON laid out for reading, and values in short."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from wsdebug.views.payload import DEEPEST, LOOKED_AT

_STRINGS = re.compile(r'"(?:[^"\\]|\\.)*"')
_BRACKETS = re.compile(r"[\[\]{}]")


def json_lines(raw: str) -> list[str]:
    """JSON text over several lines, numbers and the order of names as sent; what is no JSON or
    deeper than `DEEPEST` as it came.
    """
    if len(raw) > LOOKED_AT or _depth(raw) > DEEPEST:
        return raw.splitlines() or [""]
    try:
        return msgspec.json.format(raw, indent=2).split("\n")
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return raw.splitlines() or [""]


def _depth(raw: str) -> int:
    depth = deepest = 0
    for found in _BRACKETS.finditer(_STRINGS.sub("", raw)):
        depth += 1 if found[0] in "[{" else -1
        deepest = max(deepest, depth)
    return deepest


def value_lines(value: Any) -> list[str]:
    """A decoded value as JSON over several lines."""
    return json_lines(in_short(value))


def in_short(value: Any) -> str:
    """A decoded value as JSON on one line."""
    try:
        return msgspec.json.encode(value, enc_hook=_other).decode(errors="replace")
    except (RecursionError, UnicodeError, TypeError, ValueError):
        return "…"


def _other(value: Any) -> str:
    """What JSON has no form for (extension types of msgpack)."""
    return str(value)


def word(value: Any) -> str:
    """A name or a number as it stands in a line: text without quotes."""
    return value if isinstance(value, str) else in_short(value)


def named(heading: str, fields: list[tuple[str, str]]) -> list[str]:
    """A heading and `name: value` lines under it."""
    return [heading, *(f"  {name}: {value}" for name, value in fields)]
