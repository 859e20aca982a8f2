"""The body of a Close frame (RFC 6455 5.5.1): two bytes of code, then a reason in UTF-8."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from wsdebug.protocol.text import Utf8, first_fault


class CloseBody(NamedTuple):
    """`body` is "empty", "code" or "1-byte"; `code` None also where the capture lacks it."""

    body: str
    code: int | None
    reason: bytes
    reason_fault: int | None


@lru_cache(maxsize=64)  # nearly all of a capture say one of a few things
def close_body(payload: bytes, length: int) -> CloseBody:
    """The body read from `payload`, which may be shorter than the declared `length` (missing in
    the capture, or longer than a control frame may be): then a reason cut there is no fault.
    """
    if length == 0:
        return CloseBody("empty", None, b"", None)
    if length == 1:
        return CloseBody("1-byte", None, b"", None)
    if len(payload) < 2:
        return CloseBody("code", None, b"", None)
    reason = payload[2:]
    fault = first_fault(reason) if len(payload) == length else Utf8().feed(reason)
    code = int.from_bytes(payload[:2], "big")
    return CloseBody("code", code, reason, None if fault is None else fault.offset)
