"""STOMP 1.0 to 1.2 (stomp.github.io): command, headers, an empty line, body, NUL."""

from __future__ import annotations

from wsdebug.display.quantities import counted
from wsdebug.views.layout import json_lines
from wsdebug.views.payload import NOT_JSON, Payload, json_of
from wsdebug.views.registry import Shown, view

_COMMANDS = {
    "CONNECT", "STOMP", "CONNECTED", "SEND", "SUBSCRIBE", "UNSUBSCRIBE", "ACK", "NACK", "BEGIN",
    "COMMIT", "ABORT", "DISCONNECT", "MESSAGE", "RECEIPT", "ERROR",
}  # fmt: skip
_TOLD = ("id", "subscription", "destination", "message", "receipt", "receipt-id", "version",
         "heart-beat", "transaction")  # fmt: skip
_HIDDEN = ("passcode",)
_MOST_FRAMES = 100
Frame = tuple[str, list[tuple[str, str]], str]
"""Command, headers, body."""


@view("stomp", priority=85)
def stomp(payload: Payload) -> Shown | None:
    """By the subprotocol (v12.stomp), or by the command; a line feed alone is a heart-beat."""
    text = payload.text if not payload.is_control else None
    if text is None:
        return None
    known = payload.subprotocol.endswith(".stomp")
    if known and text and not text.strip("\r\n"):
        return Shown("heart-beat", lambda: ["heart-beat"])
    frames = _frames(text)
    if not frames:
        return None
    told = "; ".join(_told(*frame) for frame in frames)
    return Shown(told, lambda: [line for frame in frames for line in _lines(*frame)])


def _frames(text: str) -> list[Frame]:
    frames: list[Frame] = []
    rest = text.replace("\r\n", "\n").lstrip("\n")
    while rest and len(frames) < _MOST_FRAMES:
        head, gap, behind = rest.partition("\n\n")
        command, *lines = head.split("\n")
        if command not in _COMMANDS or not gap:
            return []
        pairs = [line.partition(":") for line in lines]
        headers = [(_unescaped(name), _unescaped(value)) for name, _, value in pairs]
        body, _, rest = behind.partition("\0")
        frames.append((command, headers, body))
        rest = rest.lstrip("\n")
    return frames


def _unescaped(text: str) -> str:
    """STOMP 1.2, value encoding."""
    text = text.replace("\\n", "\n").replace("\\r", "\r").replace("\\c", ":")
    return text.replace("\\\\", "\\")


def _told(command: str, headers: list[tuple[str, str]], body: str) -> str:
    shown = [f"{name}={value}" for name, value in headers if name in _TOLD]
    return " ".join([command, *shown, *([body] if body else [])])


def _lines(command: str, headers: list[tuple[str, str]], body: str) -> list[str]:
    lines = [command]
    for name, value in headers:
        hidden = counted(len(value), "character") if name in _HIDDEN else value
        lines.append(f"  {name}: {hidden}")
    if body:
        lines += ["", *(json_lines(body) if json_of(body) is not NOT_JSON else body.split("\n"))]
    return lines
