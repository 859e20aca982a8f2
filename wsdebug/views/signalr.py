"""SignalR's JSON hub protocol (dotnet/aspnetcore HubProtocol.md): JSON records, each ended by
the record separator 0x1e; the first of each side is the handshake.
"""

from __future__ import annotations

from typing import Any

from wsdebug.display.quantities import counted
from wsdebug.views.layout import in_short, json_lines, word
from wsdebug.views.payload import Payload, json_of
from wsdebug.views.registry import Shown, view

_END = "\x1e"
_TYPES = {
    1: "Invocation", 2: "StreamItem", 3: "Completion", 4: "StreamInvocation", 5: "CancelInvocation",
    6: "Ping", 7: "Close", 8: "Ack", 9: "Sequence",
}  # fmt: skip
_MOST = 200


@view("signalr", priority=75)
def signalr(payload: Payload) -> Shown | None:
    """Text that ends in the separator and is made of JSON objects."""
    text = payload.text if not payload.is_control else None
    if not text or not text.endswith(_END):
        return None
    records = text[:-1].split(_END, _MOST)[:_MOST]
    values = [json_of(record) for record in records]
    if not all(isinstance(value, dict) for value in values):
        return None
    told = [_told(value) for value in values]
    heading = told[0] if len(told) == 1 else f"{counted(len(told), 'record')}: {'; '.join(told)}"
    return Shown(heading, lambda: _lines(told, records))


def _lines(told: list[str], records: list[str]) -> list[str]:
    return [
        line
        for one, record in zip(told, records, strict=True)
        for line in (one, *(f"  {each}" for each in json_lines(record)))
    ]


def _told(record: dict[str, Any]) -> str:
    kind = record.get("type")
    if kind is None:
        if "protocol" in record:
            return (
                f"handshake {word(record['protocol'])} {word(record.get('version', ''))}".rstrip()
            )
        return f"handshake error {word(record['error'])}" if "error" in record else "handshake ok"
    name = _TYPES.get(kind, f"type {kind}") if isinstance(kind, int) else f"type {word(kind)}"
    parts = [name]
    if "target" in record:
        parts.append(word(record["target"]))
    if "invocationId" in record:
        parts.append(f"id={word(record['invocationId'])}")
    parts += [
        in_short(record[key]) for key in ("arguments", "item", "result", "error") if key in record
    ]
    return " ".join(parts)
