"""The body of a Close (RFC 6455 5.5.1)."""

from __future__ import annotations

from wsdebug.knowledge.close_codes import close_code
from wsdebug.views.payload import Payload
from wsdebug.views.registry import Shown, view


@view("close", priority=100)
def close(payload: Payload) -> Shown | None:
    """The code by its name, and the reason."""
    if payload.opcode != 8 or len(payload.data) == 1:
        return None
    if not payload.data:
        return Shown("no code", lambda: ["no code"])
    code = int.from_bytes(payload.data[:2], "big")
    name = close_code(code).name
    reason = payload.data[2:].decode(errors="surrogateescape")
    lines = [f"code: {code} {name}"] + ([f"reason: {reason}"] if reason else [])
    told = f"{code} {name}" + (f": {reason}" if reason else "")
    return Shown(told, lambda: lines)
