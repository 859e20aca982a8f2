"""A fragmented message put together around one of its fragments (RFC 6455 5.4), to be looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

import msgspec

from wsdebug.display.quantities import counted, grouped
from wsdebug.model.rows import Payload, Row
from wsdebug.tui.line import Run
from wsdebug.tui.source import Store

IsCancelled: TypeAlias = Callable[[], bool]
DEEPEST = 16 << 20
"""Bytes of a message that are read at most."""
_MOST = 4096
"""Frames of the side looked at in each direction for the others of a message."""
_WALKED = 20_000
"""Rows of both sides gone through for their payloads."""


class Message(msgspec.Struct, frozen=True):
    """All fragments as one. `content` may be its beginning alone; `base` is where the payload of
    the fragment looked at begins in it, None where it is not there as on the wire.
    """

    opcode: int
    number: int
    """Of the fragment, from 1."""
    total: int
    is_ended: bool
    """The last fragment was found."""
    content: bytes
    is_whole: bool
    base: int | None
    inflated: bool
    holes: tuple[Run, ...]
    note: str | None

    @property
    def place(self) -> str:
        """`fragment 2 of 5`."""
        end = "" if self.is_ended else " so far, its end was not found"
        return f"fragment {grouped(self.number)} of {grouped(self.total)}{end}"

    @property
    def size(self) -> str:
        """How long what is shown is, and of what."""
        told = counted(len(self.content), "byte") + (", inflated" if self.inflated else "")
        return f"the whole message: {told}" if self.is_whole else f"of the message: first {told}"


def is_fragment(row: Row) -> bool:
    """Whether a data frame is not a message by itself."""
    return 0 <= row.opcode < 8 and (row.opcode == 0 or not row.fin)


def never() -> bool:
    """Somebody waits for it."""
    return False


def message_of(
    store: Store, connection: int, row: Row, limit: int, is_cancelled: IsCancelled = never
) -> Message | None:
    """The message of a fragment up to `limit` bytes of the fragment itself, or its first `limit`
    bytes where it is compressed; None where its beginning is not known.
    """
    found = _Around(store, connection, row)
    before = found.before()
    if before is None:
        return None
    behind, is_ended = found.behind()
    rows = [*before, row, *behind]
    is_packed = rows[0].compressed
    start = 0 if is_packed else sum(each.length for each in before)
    limit = min(start + limit, DEEPEST)
    joined = _Joined(rows, limit)
    joined.read(store, connection, is_cancelled)
    base = None if is_packed or joined.is_torn else start
    return Message(
        rows[0].opcode, len(before) + 1, len(rows), is_ended, bytes(joined.content[:limit]),
        joined.is_whole and is_ended, base, is_packed, tuple(joined.holes), joined.note,
    )  # fmt: skip


class _Around:
    """The data frames of a side, before and behind a row."""

    def __init__(self, store: Store, connection: int, row: Row) -> None:
        self._store, self._connection, self._row = store, connection, row

    def before(self) -> list[Row] | None:
        """From the first fragment on."""
        row, found = self._row, []
        if row.opcode:
            return []
        if row.resynchronised or not row.in_message:
            return None
        for each in self._frames(-1):
            if each.opcode and each.fin:
                continue  # a whole message where a continuation was due: it is read by itself
            if each.fin or (each.resynchronised and not each.opcode):
                return None
            found.append(each)
            if each.opcode:
                return found[::-1]
        return None

    def behind(self) -> tuple[list[Row], bool]:
        """To the last one, and whether that was found."""
        found: list[Row] = []
        if self._row.fin:
            return found, True
        for each in self._frames(1):
            if each.opcode and each.fin and not each.resynchronised:
                continue
            if each.opcode or each.resynchronised:
                break
            found.append(each)
            if each.fin:
                return found, True
        return found, False

    def _frames(self, step: int) -> Iterator[Row]:
        side, rows = self._row.side, self._store.rows(self._connection)
        assert side is not None
        number = self._row.number
        for _ in range(_MOST):
            number += step
            at = None if number < 0 else self._store.row_of(self._connection, side, number)
            if at is None:
                return
            if not rows[at].opcode & 8:
                yield rows[at]


class _Joined:
    """Payloads one behind the other; zeros and a hole where the capture lacks some."""

    def __init__(self, rows: Sequence[Row], limit: int) -> None:
        self._rows, self._limit = rows, limit
        self.content = bytearray()
        self.holes: list[Run] = []
        self.note: str | None = None
        self.is_whole = False
        self.is_torn = any(each.after_gap for each in rows[1:])

    def read(self, store: Store, connection: int, is_cancelled: IsCancelled) -> None:
        """In one pass over the rows between the first and the last."""
        wanted = {each.at: each for each in self._rows}
        last = self._rows[-1].at
        if self.is_torn:
            self.note = "The capture lacks bytes between its fragments."
        walk = store.walk(connection, self._rows[0].at, last + 1, self._limit)
        for walked, (at, payload) in enumerate(walk):
            if walked > _WALKED or len(self.content) > self._limit or is_cancelled():
                return
            row = wanted.get(at)
            if row is None:
                continue
            is_good = self._inflated(payload) if row.compressed else self._plain(row, payload)
            if not is_good:
                return
        self.is_whole = len(self.content) <= self._limit and not self.is_torn and not self.holes

    def _plain(self, row: Row, payload: Payload) -> bool:
        start = len(self.content)
        self.holes += [(start + first, length) for first, length in payload.holes]
        self.content += payload.raw
        lacks = row.length - len(payload.raw)
        if lacks > 0 and len(payload.raw) < self._limit:
            shown = min(lacks, self._limit + 1)
            self.holes.append((len(self.content), shown))
            self.content += bytes(shown)
            self.note = self.note or payload.note
            return shown == lacks
        return lacks <= 0

    def _inflated(self, payload: Payload) -> bool:
        self.content += payload.inflated or b""
        self.note = self.note or payload.note
        return payload.inflated is not None and payload.inflated_complete
