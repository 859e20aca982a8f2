"""MQTT packets that clients send in pieces, as mqtt.js does: named where their last piece is."""

from __future__ import annotations

import threading

from wsdebug.model.place import SIDES, Side
from wsdebug.model.rows import Payload, Row, RowKind
from wsdebug.tui.source import Store
from wsdebug.views.mqtt import MqttStream

_MOST = 4096
"""Rows from the beginning of a connection that are read for it."""
_LOOKED_AT = 64 * 1024
"""Bytes of a frame."""
_DATA = (0, 2)


class Joined:
    """Of one connection at a time, from its beginning on; asked beside the screen."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._connection = 0
        self._next = 0
        self._streams: dict[Side, MqttStream] = {}
        self._ends: dict[int, list[str]] = {}

    def packets(self, connection: int, index: int) -> list[str]:
        """Those that end in the frame of that row, a line each; none where that is not known."""
        report = self._store.connections[connection - 1].report
        protocol = report.handshake.subprotocol if report is not None else None
        if index >= _MOST or not (protocol or "").startswith("mqtt"):
            return []
        with self._lock:
            if connection != self._connection:
                self._connection, self._next, self._ends = connection, 0, {}
                self._streams = {side: MqttStream() for side in SIDES}
            if self._next <= index:
                rows = self._store.rows(connection)
                passed = self._store.walk(connection, self._next, index + 1, _LOOKED_AT)
                for at, payload in passed:
                    self._feed(rows[at], payload)
                self._next = index + 1
            return self._ends.get(index, [])

    def _feed(self, row: Row, payload: Payload) -> None:
        if row.kind is RowKind.FOREIGN and row.side is not None:
            self._streams.pop(row.side, None)
        if row.kind is not RowKind.FRAME or row.side is None or row.opcode not in _DATA:
            return
        is_whole = payload.complete if payload.inflated is None else payload.inflated_complete
        if row.after_gap or row.resynchronised or not is_whole:
            self._streams.pop(row.side, None)  # where the next packet begins is not known
        stream = self._streams.get(row.side)
        if stream is not None:
            content = payload.raw if payload.inflated is None else payload.inflated
            self._ends[row.at] = stream.feed(content)
