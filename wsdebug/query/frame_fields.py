"""The fields of frames."""

from __future__ import annotations

from typing import Any

import msgspec

from wsdebug.model.place import Side
from wsdebug.model.report import Connection
from wsdebug.query.field import Field, Level
from wsdebug.query.kinds import (
    EQUAL,
    ORDER,
    TEXTUAL,
    Anything,
    Flag,
    FrameName,
    MaskKey,
    Name,
    Number,
    Seconds,
    Text,
)
from wsdebug.query.records import LOOKED_AT, FrameLike

OPCODES = {
    "cont": 0, "continuation": 0, "text": 1, "binary": 2, "close": 8, "ping": 9, "pong": 10,
}  # fmt: skip
NUMBER, SECONDS = Number("a number", ORDER), Seconds("a time", ORDER)
FLAG, TEXT = Flag("0 or 1", EQUAL), Text("text", TEXTUAL)


def _text(frame: FrameLike, opcodes: tuple[int, ...]) -> str | None:
    """The payload of a frame whose message has one of these opcodes, as text."""
    if frame.kind not in opcodes:
        return None
    payload = frame.payload()
    return None if payload is None else payload[:LOOKED_AT].decode(errors="replace")


def _any_text(frame: FrameLike, _: Connection) -> str | None:
    return _text(frame, tuple(range(16)))


def _json(frame: FrameLike, _: Connection) -> Any:
    if frame.kind not in (1, 2):
        return None
    payload = frame.payload()
    if payload is None or len(payload) > LOOKED_AT:
        return None
    try:
        return msgspec.json.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _close_body(frame: FrameLike) -> bytes:
    """RFC 6455 5.5.1: two bytes of code, then the reason."""
    payload = frame.payload() if frame.header >> 8 & 15 == 8 else None
    return payload if payload is not None and len(payload) > 1 else b""


def _close_code(frame: FrameLike, _: Connection) -> int | None:
    body = _close_body(frame)
    return int.from_bytes(body[:2], "big") if body else None


def _close_reason(frame: FrameLike, _: Connection) -> str | None:
    return _close_body(frame)[2:].decode(errors="replace") or None


def _frame_name(frame: FrameLike, _: Connection) -> tuple[Any, ...]:
    return (frame.number, ("C" if frame.side is Side.CLIENT else "S") + str(frame.number))


def _packets(frame: FrameLike, _: Connection) -> tuple[int, ...]:
    ends = {frame.packet, frame.last_packet}
    return tuple(packet for packet in ends if packet is not None)


def _is_compressed(frame: FrameLike, _: Connection) -> bool:
    # RFC 7692 6: RSV1 of the first frame of a message marks it.
    return bool(frame.header & 0x4000 and not frame.header & 0x800)


def _field(name: str, kind: Any, get: Any, says: str, example: str, **more: Any) -> Field:
    return Field(
        name=name, level=Level.FRAME, kind=kind, get=get, says=says, example=example, **more
    )


HEADER_FIELDS = (
    _field(
        "op",
        Name("a name or a number from 0 to 15", ORDER, OPCODES, 15),
        lambda frame, _: frame.header >> 8 & 15,
        "opcode: cont, text, binary, close, ping, pong, or its number",
        "op == close",
        short=("opcode",),
        wireshark="websocket.opcode",
    ),
    _field(
        "from",
        Name("client or server", EQUAL, {"client": Side.CLIENT, "server": Side.SERVER}),
        lambda frame, _: frame.side,
        "who sent it",
        "from == client",
        short=("side",),
    ),
    _field(
        "len",
        NUMBER,
        lambda frame, _: frame.length,
        "bytes of payload, as the header declares them",
        "len > 64k",
        short=("length",),
        wireshark="websocket.payload_length",
    ),
    _field(
        "fin",
        FLAG,
        lambda frame, _: bool(frame.header & 0x8000),
        "FIN, the last fragment of its message",
        "fin == 0",
        wireshark="websocket.fin",
    ),
    _field(
        "rsv",
        Number("a number from 0 to 7", ORDER),
        lambda frame, _: frame.header >> 12 & 7,
        "RSV bits as a number: 4 is RSV1, 2 RSV2, 1 RSV3",
        "rsv != 0",
        wireshark="websocket.rsv",
    ),
    _field(
        "compressed",
        FLAG,
        _is_compressed,
        "RSV1 of a data frame, which permessage-deflate sets",
        "compressed",
        wireshark="websocket.pmc",
    ),
    _field(
        "masked",
        FLAG,
        lambda frame, _: bool(frame.header & 0x80),
        "MASK, the payload is masked",
        "from == client and masked == 0",
        short=("mask",),
        wireshark="websocket.mask",
    ),
    _field(
        "key",
        MaskKey("a masking key", EQUAL),
        lambda frame, _: frame.key,
        "masking key",
        "key == 00:00:00:00",
        wireshark="websocket.masking_key",
    ),
    _field(
        "frame",
        FrameName("a frame: 38, S38, C1", EQUAL),
        _frame_name,
        "its number on its side, from 0, or its name in reports",
        "frame == S38",
        short=("number",),
    ),
    _field(
        "packet",
        NUMBER,
        _packets,
        "number of the packet that brought its first or its last byte",
        "packet == 918",
        wireshark="frame.number",
    ),
    _field(
        "time",
        SECONDS,
        lambda frame, _: frame.time,
        "since the first packet of its connection",
        "time > 12.5s",
    ),
    _field(
        "gap",
        SECONDS,
        lambda frame, _: frame.gap,
        "since the frame before it in its connection, of either side; the first has none",
        "gap > 30s",
    ),
)
PAYLOAD_FIELDS = (
    _field(
        "text",
        TEXT,
        lambda frame, _: _text(frame, (1,)),
        "payload of a text frame, inflated; of a message's last fragment the whole message",
        'text contains "subscribe"',
        wireshark="websocket.payload.text",
        reads=True,
    ),
    _field(
        "payload",
        TEXT,
        _any_text,
        "payload of any frame as text; bytes that are no UTF-8 are replaced",
        'payload matches "error|fail"',
        reads=True,
    ),
    _field(
        "json",
        Anything("any value", ("==", "!=", "<", "<=", ">", ">=", "contains", "matches", "in")),
        _json,
        'a value in a JSON message by its path: json.type, json.items[0].id, json["odd name"]',
        'json.type == "price"',
        reads=True,
    ),
    _field(
        "close.code",
        NUMBER,
        _close_code,
        "code in a Close frame",
        "close.code >= 4000",
        wireshark="websocket.payload.close.status_code",
        reads=True,
    ),
    _field(
        "close.reason",
        TEXT,
        _close_reason,
        "reason in a Close frame",
        'close.reason contains "going"',
        wireshark="websocket.payload.close.reason",
        reads=True,
    ),
    _field(
        "ping",
        TEXT,
        lambda frame, _: _text(frame, (9,)) or None,
        "payload of a ping, if it has one",
        'ping == "hello"',
        wireshark="websocket.payload.ping",
        reads=True,
    ),
    _field(
        "pong",
        TEXT,
        lambda frame, _: _text(frame, (10,)) or None,
        "payload of a pong, if it has one",
        'pong == "hello"',
        wireshark="websocket.payload.pong",
        reads=True,
    ),
)
