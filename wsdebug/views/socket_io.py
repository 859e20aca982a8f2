"""Engine.IO and Socket.IO (socket.io/docs/v4/engine-io-protocol, socket-io-protocol).

An Engine.IO packet is a digit and its body; a message (4) holds a Socket.IO packet: a digit, the
number of attachments and "-", a namespace and ",", an id, JSON.
"""

from __future__ import annotations

import re
from typing import Any

from wsdebug.display.quantities import counted
from wsdebug.views.binary import dump
from wsdebug.views.layout import in_short, json_lines, word
from wsdebug.views.payload import NOT_JSON, Payload, json_of
from wsdebug.views.registry import Shown, view

_ENGINE = ("open", "close", "ping", "pong", "message", "upgrade", "noop")
_SOCKET = ("connect", "disconnect", "event", "ack", "connect error", "binary event", "binary ack")
_PACKET = re.compile(r"4([0-6])(?:(\d{1,6})-)?(?:(/[^,]{0,500}),)?(\d{1,18})?(?=$|[\[{\"])")
_BARE = re.compile(r'4[0-6](?:\d{1,6}-)?(?:/[^,]{1,500},)?\d{0,18}[\[{]|[23]probe$|0\{"sid"')
"""What is Socket.IO for sure where the path is not known."""


@view("socket.io", priority=80)
def socket_io(payload: Payload) -> Shown | None:
    """By the path (`/socket.io/`, `EIO=`), or by the form of the message."""
    known = "/socket.io" in payload.path or "EIO=" in payload.path or "/engine.io" in payload.path
    if payload.opcode == 2 and known:
        told = f"attachment, {counted(payload.size, 'byte')}"
        return Shown(told, lambda: [told, *dump(payload.data)])
    text = payload.text if payload.opcode == 1 else None
    if not text or not (known or _BARE.match(text)) or text[0] not in "0123456":
        return None
    return _message(text) or _engine(text)


def _engine(text: str) -> Shown:
    body = text[1:]
    told = f"{text[0]} {_ENGINE[int(text[0])]}" + (f" {body}" if body else "")
    return Shown(told, lambda: [f"Engine.IO {told.partition(' ')[2]}", *json_lines(body)])


def _message(text: str) -> Shown | None:
    found = _PACKET.match(text)
    if found is None:
        return None
    kind, attachments, namespace, id_ = found.groups()
    body = text[found.end() :]
    value = json_of(body) if body else NOT_JSON
    if body and value is NOT_JSON:
        return None
    facts = [_SOCKET[int(kind)]]
    facts += _event(value) if kind in "25" else [] if value is NOT_JSON else [in_short(value)]
    told = f"4{kind} {facts[0]}" + (f" {namespace}" if namespace else "")
    told += (f" id={id_}" if id_ else "") + "".join(f" {each}" for each in facts[1:])
    told += f" ({counted(int(attachments), 'attachment')})" if attachments else ""
    return Shown(told, lambda: [told, "", *json_lines(body)])


def _event(value: Any) -> list[str]:
    if not isinstance(value, list) or not value:
        return [] if value is NOT_JSON else [in_short(value)]
    return [word(value[0]), *map(in_short, value[1:])]
