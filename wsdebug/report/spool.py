"""Connections waiting for their place in the report: on disk, with only sort keys in memory."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from typing import Any

from wsdebug.model.report import Connection
from wsdebug.report.encoding import encoded

_IN_MEMORY = 8 << 20
"""Bytes up to which the spool needs no file."""


class Spool:
    """Takes connections in any order and gives them back, encoded, by their key."""

    def __init__(self) -> None:
        self._file: tempfile.SpooledTemporaryFile[bytes] | None = None
        self._places: list[tuple[Any, int, int]] = []

    def add(self, key: Any, connection: Connection) -> None:
        """Keep a connection; keys must be comparable and different."""
        raw = encoded(connection)
        if self._file is None:
            self._file = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - see sorted()
        self._places.append((key, self._file.tell(), len(raw)))
        self._file.write(raw)

    def trim(self, most: int) -> None:
        """Let go of all but the first `most` in the order of the keys, now and then: what goes
        takes no room on disk either.
        """
        if len(self._places) < 2 * most or self._file is None:
            return
        kept, old = sorted(self._places)[:most], self._file
        self._file, self._places = tempfile.SpooledTemporaryFile(_IN_MEMORY), []  # noqa: SIM115
        for key, offset, length in kept:
            old.seek(offset)
            self._places.append((key, self._file.tell(), length))
            self._file.write(old.read(length))
        old.close()

    def sorted(self, order: Callable[[Any], Any] | None = None) -> Iterator[bytes]:
        """Each connection as JSON in the order of the keys, or of what `order` makes of a key; to
        be called once, and last.
        """
        if self._file is None:
            return
        with self._file as file:
            key = None if order is None else lambda place: order(place[0])
            for _, offset, length in sorted(self._places, key=key):
                file.seek(offset)
                yield file.read(length)
