"""MQTT over WebSocket (v5 section 6, v3.1.1 section 6): binary messages of one or more packets."""

from __future__ import annotations

from wsdebug.views.layout import named
from wsdebug.views.mqtt_packets import NAMES, Fields, fields_of
from wsdebug.views.mqtt_wire import Malformed, Reader
from wsdebug.views.payload import Payload
from wsdebug.views.registry import Shown, view

_MOST_PACKETS = 200
_FLAGS = {6: 2, 8: 2, 10: 2}
"""Types whose flags are fixed to something else than 0 (2.1.3)."""
_IN_LISTS = ("clientId", "topic", "id", "qos", "retain", "code", "reason", "granted", "payload")


@view("mqtt", priority=88)
def mqtt(payload: Payload) -> Shown | None:
    """By the subprotocol. A message need not begin where a packet does (6.0): then it is no
    packet, and another view shows it.
    """
    if payload.opcode != 2 or not payload.subprotocol.startswith("mqtt"):
        return None
    try:
        packets = _packets(Reader(payload.data))
    except Malformed:
        return None
    if not packets:
        return None
    told = "; ".join(_told(name, fields) for name, fields in packets)
    return Shown(told, lambda: [line for name, fields in packets for line in named(name, fields)])


def _packets(reader: Reader) -> list[tuple[str, Fields]]:
    packets: list[tuple[str, Fields]] = []
    while reader.left and len(packets) < _MOST_PACKETS:
        first = reader.number(1)
        kind, flags = first >> 4, first & 15
        if not kind or (kind != 3 and flags != _FLAGS.get(kind, 0)):
            raise Malformed
        size = reader.variable()
        if size > reader.left and packets:
            packets.append((f"{NAMES[kind]}, goes on in the next message", []))
            break
        packets.append((NAMES[kind], fields_of(kind, flags, reader.take(size))))
    return packets


def _told(name: str, fields: Fields) -> str:
    shown = [f"{key}={value}" if key != "payload" else value for key, value in fields if key in _IN_LISTS]
    return " ".join([name, *shown])
