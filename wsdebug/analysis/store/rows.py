"""The rows of a connection, to be read while they grow."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import count
from typing import overload

from wsdebug.analysis.store.glance import Glance
from wsdebug.analysis.store.log import RowLog
from wsdebug.analysis.store.record import RECORD, SIZE, row_from
from wsdebug.model.place import Part
from wsdebug.model.report import Finding
from wsdebug.model.rows import Row, RowKind


class Rows(Sequence[Row]):
    """The rows of a connection in the order in which they were complete. They grow while the
    capture is read; when the connection is over, rows that were held back move to their place.
    """

    __slots__ = ("_log",)

    def __init__(self, log: RowLog) -> None:
        self._log = log

    @property
    def left_out(self) -> int:
        """Rows beyond `Limits.lines`."""
        return self._log.left_out

    def __len__(self) -> int:
        return len(self._log.data) // SIZE

    @overload
    def __getitem__(self, index: int) -> Row: ...
    @overload
    def __getitem__(self, index: slice) -> list[Row]: ...
    def __getitem__(self, index: int | slice) -> Row | list[Row]:
        data = self._log.data
        size = len(data) // SIZE
        if isinstance(index, slice):
            return [row_from(data, each) for each in range(*index.indices(size))]
        if index < 0:
            index += size
        if not 0 <= index < size:
            raise IndexError(index)
        return row_from(data, index)

    def __iter__(self) -> Iterator[Row]:
        data = self._log.data
        at = 0
        while (at + 1) * SIZE <= len(data):
            yield row_from(data, at)
            at += 1

    def glances(self, start: int, stop: int) -> Iterator[Glance]:
        """The rows from `start` to `stop`, or as far as there are any, looked at in passing."""
        # Copied: a bytearray whose buffer is lent out cannot grow.
        piece = bytes(self._log.data[start * SIZE : stop * SIZE])
        piece = piece[: len(piece) // SIZE * SIZE]
        return map(Glance, count(start), RECORD.iter_unpack(piece))


def concerns(finding: Finding, row: Row) -> bool:
    """Whether the finding is about the row."""
    if finding.side is not row.side:
        return False
    if row.kind is RowKind.FRAME:
        return finding.frame == row.number
    if row.kind is RowKind.FOREIGN:
        return (
            finding.frame is None and finding.part is Part.STREAM and finding.offset == row.offset
        )
    return row.kind is RowKind.HEAD and finding.part is Part.HEAD and finding.packet == row.packet
