"""MQTT over WebSocket (v5 section 6.0): binary messages of one or more packets, or parts of such.

A message is looked at by itself: of a packet in pieces it shows that it is a piece. `MqttStream`
puts the pieces of one side together for whoever has its messages in order.
"""

from __future__ import annotations

from wsdebug.display.quantities import counted
from wsdebug.views.layout import named
from wsdebug.views.mqtt_packets import NAMES, Fields, fields_of
from wsdebug.views.mqtt_wire import MalformedError, Reader
from wsdebug.views.payload import LOOKED_AT, Payload
from wsdebug.views.registry import Shown, view

_MOST_PACKETS = 200
_SHOWN = 64
_FLAGS = {6: 2, 8: 2, 10: 2}
"""Types whose flags are fixed to something else than 0 (2.1.3)."""
_IN_LISTS = ("clientId", "topic", "id", "qos", "retain", "code", "reason", "granted", "payload")


@view("mqtt", priority=88)
def mqtt(payload: Payload) -> Shown | None:
    """By the subprotocol."""
    if payload.opcode != 2 or not payload.subprotocol.startswith("mqtt"):
        return None
    try:
        packets, left = _packets(payload.data)
    except MalformedError:
        packets, left = [], payload.data
    if left:
        piece = f"piece of a packet, {counted(len(left), 'byte')}"
        packets.append((piece, [("bytes", left[:_SHOWN].hex(" "))]))
    told = "; ".join(_told(name, fields) for name, fields in packets)
    return Shown(told, lambda: [line for name, fields in packets for line in named(name, fields)])


class MqttStream:
    """The packets of one side, whose messages are fed in order."""

    def __init__(self) -> None:
        self._held = b""
        self._is_lost = False

    def feed(self, data: bytes) -> list[str]:
        """The packets that end in this message, a line each. After bytes that are no packet, or
        more than `LOOKED_AT` of one, nothing more can be told of this side.
        """
        if self._is_lost:
            return []
        try:
            packets, self._held = _packets(self._held + data)
        except MalformedError:
            self._is_lost = True
            return []
        self._is_lost = len(self._held) > LOOKED_AT
        return [_told(*packet) for packet in packets]


def _packets(data: bytes) -> tuple[list[tuple[str, Fields]], bytes]:
    """Whole packets, and the beginning of one that is left."""
    packets: list[tuple[str, Fields]] = []
    reader, begin = Reader(data), 0
    while reader.left and len(packets) < _MOST_PACKETS:
        begin = reader.at
        first = reader.number(1)
        kind, flags = first >> 4, first & 15
        if not kind or (kind != 3 and flags != _FLAGS.get(kind, 0)):
            raise MalformedError
        if not _has_length(data, reader.at):
            return packets, data[begin:]
        size = reader.variable()
        if size > reader.left:
            return packets, data[begin:]
        packets.append((NAMES[kind], fields_of(kind, flags, reader.take(size))))
    return packets, data[reader.at :]


def _has_length(data: bytes, at: int) -> bool:
    """Whether the remaining length, one to four bytes, is there as a whole."""
    return any(not byte & 0x80 for byte in data[at : at + 4]) or len(data) - at >= 4


def _told(name: str, fields: Fields) -> str:
    shown = [
        value if key == "payload" else f"{key}={value}" for key, value in fields if key in _IN_LISTS
    ]
    return " ".join([name, *shown])
