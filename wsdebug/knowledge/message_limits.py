"""How large a message each library takes unless told otherwise."""

from __future__ import annotations

import msgspec


class Limit(msgspec.Struct, frozen=True):
    """`bytes` of a message after inflating; `software` as `diagnosis.betrayed` names it."""

    name: str
    software: str
    bytes: int
    setting: str


LIMITS = (
    Limit("uWebSockets", "uWebSockets", 16 << 10, "maxPayloadLength"),
    Limit("nhooyr and coder/websocket", "coder", 32 << 10, "SetReadLimit"),
    Limit("npm websocket", "npm-websocket", 64 << 10, "maxReceivedFrameSize"),
    Limit("libsoup", "libsoup", 128 << 10, "max-incoming-payload-size"),
    Limit("Mojolicious", "mojolicious", 256 << 10, "max_websocket_size"),
    Limit("Socket.IO", "engine.io", 1_000_000, "maxHttpBufferSize"),
    Limit("Python websockets", "websockets", 1 << 20, "max_size"),
    Limit("aiohttp", "aiohttp", 4 << 20, "max_msg_size"),
    Limit("tornado", "tornado", 10 << 20, "websocket_max_message_size"),
    Limit("uvicorn", "uvicorn", 16 << 20, "--ws-max-size"),
    Limit("ws", "ws", 100 << 20, "maxPayload"),
)
"""Smallest first."""


def limits_below(length: int) -> list[Limit]:
    """The limits that a message of `length` bytes is over."""
    return [one for one in LIMITS if one.bytes < length]
