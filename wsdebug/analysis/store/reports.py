"""Finished reports, out of memory: 50 000 connections would take a gigabyte."""

from __future__ import annotations

import tempfile
import threading
from collections import OrderedDict
from typing import Any

import msgspec

from wsdebug.model.instant import Instant
from wsdebug.model.report import Connection

_IN_MEMORY = 16 << 20
"""Bytes up to which no file is needed."""
_CACHED = 256
"""Reports kept as they are: those on the screen."""


class Reports:
    """Takes reports and gives each back by its id. Any thread may ask."""

    def __init__(self) -> None:
        self._file: tempfile.SpooledTemporaryFile[bytes] | None = None
        self._places: dict[int, tuple[int, int]] = {}
        self._cache: OrderedDict[int, Connection] = OrderedDict()
        self._lock = threading.Lock()
        self._end = 0
        self._dead = 0
        """Bytes of the file that are of reports replaced or dropped."""

    def add(self, connection: Connection) -> None:
        """Keep one, in place of an earlier one of the same connection."""
        raw = _ENCODER.encode(connection)
        with self._lock:
            if self._file is None:
                self._file = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - until `close`
            self._forget(connection.id)
            self._file.seek(self._end)
            self._file.write(raw)
            self._places[connection.id] = (self._end, len(raw))
            self._end += len(raw)

    def drop(self, connection: int) -> None:
        """It is not wanted any more."""
        with self._lock:
            self._forget(connection)

    def _forget(self, connection: int) -> None:
        """Space that nothing stands in any more is given back when it is more than the rest."""
        self._cache.pop(connection, None)
        place = self._places.pop(connection, None)
        if place is None or self._file is None:
            return
        self._dead += place[1]
        if self._dead < max(_IN_MEMORY, self._end // 2):
            return
        old, self._file = self._file, tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115
        self._end = self._dead = 0
        for id_, (at, length) in self._places.items():
            old.seek(at)
            self._file.write(old.read(length))
            self._places[id_] = (self._end, length)
            self._end += length
        old.close()

    def get(self, connection: int) -> Connection | None:
        """The report of a connection that is finished. Who draws asks for many while another
        thread adds some: the lock is held for no longer than it takes to read the bytes.
        """
        found = self._cache.get(connection)
        if found is not None:
            return found
        with self._lock:
            place = self._places.get(connection)
            if place is None or self._file is None:
                return None
            self._file.seek(place[0])
            raw = self._file.read(place[1])
        report = _DECODER.decode(raw)
        with self._lock:
            if self._places.get(connection) == place:  # it has not been replaced meanwhile
                self._cache[connection] = report
                if len(self._cache) > _CACHED:
                    self._cache.popitem(last=False)
        return report

    def __del__(self) -> None:
        self.close()

    def close(self) -> None:
        """Give the space on disk back."""
        with self._lock:
            if self._file is not None:
                self._file.close()
                self._file = None


def _packed(value: Any) -> Any:
    if isinstance(value, Instant):
        return str(value.ns)
    raise NotImplementedError(type(value))


def _unpacked(kind: type, value: Any) -> Any:
    if kind is Instant:
        return Instant(int(value))
    raise NotImplementedError(kind)


_ENCODER = msgspec.msgpack.Encoder(enc_hook=_packed)
_DECODER = msgspec.msgpack.Decoder(Connection, dec_hook=_unpacked)
