"""A payload and what is known of where it came from, as views look at it."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import msgspec

LOOKED_AT = 64 << 10
"""Bytes of a payload that views look at."""
DEEPEST = 64
"""Levels of JSON that are laid out."""


class NotJson:
    """In place of JSON where there is none (None is a value of JSON)."""


NOT_JSON = NotJson()


class Payload:
    """`data` unmasked and inflated; of a fragmented message the whole. `opcode` is that of the
    message, `subprotocol` and `path` those of the handshake, None where unknown.
    """

    def __init__(
        self, data: bytes, opcode: int, subprotocol: str | None = None, path: str | None = None
    ) -> None:
        self.size = len(data)
        self.data = data[:LOOKED_AT]
        self.opcode = opcode
        self.subprotocol = (subprotocol or "").lower()
        self.path = path or ""

    @property
    def is_whole(self) -> bool:
        """Whether views see all of it."""
        return self.size == len(self.data)

    @property
    def is_control(self) -> bool:
        """A Close, ping or pong."""
        return self.opcode >= 8

    @cached_property
    def text(self) -> str | None:
        """The payload as text; None if it is not UTF-8. What was cut off may end in a character."""
        try:
            return self.data.decode()
        except UnicodeDecodeError as error:
            if self.is_whole or error.start < len(self.data) - 3:
                return None
            return self.data[: error.start].decode()

    @cached_property
    def json(self) -> Any:
        """The payload as JSON, or `NOT_JSON`."""
        return NOT_JSON if self.is_control or not self.is_whole else json_of(self.data)


def json_of(raw: bytes | str) -> Any:
    """JSON, or `NOT_JSON` for what is none, too deep or too long."""
    begin = raw[:100].lstrip()[:1]
    if not begin or len(raw) > LOOKED_AT:
        return NOT_JSON
    try:
        return msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return NOT_JSON
