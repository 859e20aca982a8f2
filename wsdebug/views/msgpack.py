"""MessagePack: binary messages that are exactly one map or list."""

from __future__ import annotations

import msgspec

from wsdebug.views.layout import in_short, json_lines
from wsdebug.views.payload import Payload
from wsdebug.views.registry import Shown, view

_FEWEST = 3


@view("msgpack", priority=20)
def msgpack(payload: Payload) -> Shown | None:
    """By its first byte a map or a list, and no byte left over."""
    data = payload.data
    if payload.opcode != 2 or not payload.is_whole or len(data) < _FEWEST:
        return None
    if not (0x80 <= data[0] <= 0x9F or 0xDC <= data[0] <= 0xDF):
        return None
    try:
        value = msgspec.msgpack.decode(data)
    except (msgspec.DecodeError, UnicodeError, RecursionError, ValueError, TypeError):
        return None
    told = in_short(value)
    return Shown(told, lambda: json_lines(told))
