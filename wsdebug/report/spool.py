"""Connections waiting for their place in the report: on disk, two numbers of each in memory."""

from __future__ import annotations

import io
from array import array
from collections.abc import Callable, Iterator
from typing import IO, Any

from wsdebug.model.recurring import Recurring
from wsdebug.model.report import Connection
from wsdebug.report.encoding import encoded
from wsdebug.report.moulds import mould_of

_IN_MEMORY = 1 << 19
"""Bytes up to which no file is needed."""
_AT_ONCE = 1 << 16
"""Bytes written to it at once: more of them leave the cache before."""
_KIND = 40
"""Bits of a sort key that hold the id."""


class Spool:
    """Takes connections in any order and gives them back, encoded, by kind and id."""

    def __init__(self) -> None:
        self._file: IO[bytes] | None = None
        self._new: list[bytes] = []
        self._end = self._written = 0
        self._most = _IN_MEMORY
        self._keys = array("q")
        self._ends = array("q")

    def add(self, connection: Connection, kind: int = 0) -> None:
        """Keep a connection; no two have one id."""
        self._keep(kind << _KIND | connection.id, encoded(connection))

    def add_recurring(self, one: Recurring, kind: int = 0) -> None:
        """The same of one whose report is like others."""
        id_, pattern, values = one
        self._keep(kind << _KIND | id_, mould_of(pattern)(values))

    def _keep(self, key: int, raw: bytes) -> None:
        self._new.append(raw)
        self._keys.append(key)
        end = self._end = self._end + len(raw)
        self._ends.append(end)
        if end - self._written >= self._most:
            self._write()

    def _write(self) -> None:
        if self._file is None:
            import tempfile  # noqa: PLC0415 - only for large reports

            self._file = tempfile.TemporaryFile()  # noqa: SIM115 - see sorted()
            self._most = _AT_ONCE
        self._file.write(b"".join(self._new))
        self._written = self._end
        self._new.clear()

    def trim(self, most: int) -> None:
        """Let go of all but the first `most` by kind and id, now and then: what goes takes no room
        on disk either.
        """
        if len(self._keys) < 2 * most:
            return
        kept, indexes = Spool(), self._indexes(None)[:most]
        for index, raw in zip(indexes, self._stored(indexes), strict=True):
            kept._keep(self._keys[index], raw)
        vars(self).update(vars(kept))

    def sorted(self, order: Callable[[tuple[int, int]], Any] | None = None) -> Iterator[bytes]:
        """Each connection as JSON by kind and id, or by what `order` makes of the two; to be called
        once, and last.
        """
        return self._stored(self._indexes(order))

    def _stored(self, indexes: list[int]) -> Iterator[bytes]:
        """The last thing that is read: the file goes with it."""
        if self._file is not None:
            self._write()
        with self._file or io.BytesIO(b"".join(self._new)) as file:
            for index in indexes:
                offset = self._ends[index - 1] if index else 0
                file.seek(offset)
                yield file.read(self._ends[index] - offset)

    def _indexes(self, order: Callable[[tuple[int, int]], Any] | None) -> list[int]:
        keys = self._keys
        if order is None:
            return sorted(range(len(keys)), key=keys.__getitem__)
        pairs = [order((key >> _KIND, key & (1 << _KIND) - 1)) for key in keys]
        return sorted(range(len(keys)), key=pairs.__getitem__)
