"""Payloads of rows: read again, unmasked, inflated."""

from __future__ import annotations

from collections.abc import Iterator

from wsdebug.analysis.store.contexts import Contexts, owner
from wsdebug.analysis.store.gathering import Wanted, gather, wanted
from wsdebug.analysis.store.log import RowLog
from wsdebug.analysis.store.origin import Origin
from wsdebug.analysis.store.record import COMPRESSED, FRAME, KIND, SERVER, SIZE, row_from
from wsdebug.capture.again import Again, GoneError
from wsdebug.model.place import SIDES, Side
from wsdebug.model.rows import Payload, Row, RowKind
from wsdebug.protocol.masking import unmask
from wsdebug.protocol.replay import Replay

_GROUP_BYTES = 1 << 20
_GROUP_ROWS = 256
_MOST_WIRE = 64 << 20
"""Bytes of one frame that are read only because later ones refer to them."""
_CONTROL = range(8, 16)
"""Opcodes of control frames, which may stand between fragments (RFC 6455 5.4)."""
_PIECE = 16 << 10
"""Bytes unmasked at one time (`protocol.masking`)."""


class Reader:
    """The payloads of one connection."""

    def __init__(
        self, again: Again, origin: Origin, log: RowLog, contexts: Contexts, id_: int
    ) -> None:
        self._again = again
        self.origin = origin
        self.log = log
        self._contexts = contexts
        self.id = id_
        self._replays: dict[Side, Replay] = {}

    def payload(self, index: int, limit: int) -> Payload:
        """That of one row."""
        for _, payload in self.walk(index, index + 1, limit):
            return payload
        return Payload(b"", complete=True, note="There is no such row.")

    def walk(self, start: int, stop: int, limit: int) -> Iterator[tuple[int, Payload]]:
        """Those of the rows from `start` to `stop` in one pass, each with its index."""
        try:
            for group in self._groups(self._plan(start, stop), limit, stop):
                gather(self._again, self.origin, group)
                for each in group:
                    payload = self.read(each, limit)
                    if each.row.at >= start:
                        yield each.row.at, payload
        except GoneError as error:
            yield start, Payload(b"", complete=False, note=str(error))

    # ---- what must be read ------------------------------------------------------------------
    def _plan(self, start: int, stop: int) -> Iterator[int]:
        """The rows, and before them those that compressed ones refer to."""
        context: set[int] = set()
        for side in SIDES:
            bit = SERVER if side is Side.SERVER else 0
            first = next(self._compressed(bit, start, stop), None)
            if first is not None:
                context.update(self._before(side, bit, first, start))
        yield from sorted(context)
        yield from range(start, stop)

    def _compressed(self, bit: int, start: int, stop: int) -> Iterator[int]:
        """Indices of a side's compressed frames."""
        wanted_state = FRAME | COMPRESSED | bit
        for index in range(start, stop):
            if self.log.state(index) & (KIND | COMPRESSED | SERVER) == wanted_state:
                yield index

    def _before(self, side: Side, bit: int, first: int, start: int) -> list[int]:
        """What must be inflated before the frame at index `first`; those from `start` on come by
        themselves. Makes the side's replay.
        """
        row = row_from(self.log.data, first)
        context = self._contexts.before(owner(self.id, side), row.number)
        begin = 0
        if context is not None:
            begin = self.log.find(side, context.frame) or first
            self._replays[side] = Replay(context.history)
        else:
            self._replays[side] = Replay(is_lost=not self.origin.agreed.known)
        deflate = self.origin.agreed.deflate
        if deflate is not None and deflate.resets(side):
            begin = max(begin, self._message_start(side, row))
        return list(self._compressed(bit, begin, start))

    def _message_start(self, side: Side, row: Row) -> int:
        """The index of the first frame of a row's message, whatever stands inside of it. What was
        found is kept, so that reading one fragment after the other does not go back each time.
        """
        if row.opcode:
            return row.at
        name, last, index = owner(self.id, side), row.number, row.at
        low, high = self._contexts.messages.get(name, (0, -1))
        while row.in_message and row.number and (row.fin or row.opcode in (0, *_CONTROL)):
            number = low if low <= row.number - 1 <= high else row.number - 1
            before = self.log.find(side, number)
            if before is None:
                break
            index, row = before, row_from(self.log.data, before)
            if number == low <= high:
                break
        self._contexts.messages[name] = row.number, last
        return index

    def _groups(self, plan: Iterator[int], limit: int, stop: int) -> Iterator[list[Wanted]]:
        group: list[Wanted] = []
        size = 0
        for index in plan:
            group.append(self.want(index, limit, is_last=index >= stop - 1))
            size += group[-1].refill.size
            if size >= _GROUP_BYTES or len(group) >= _GROUP_ROWS:
                yield group
                group, size = [], 0
        if group:
            yield group

    def want(self, index: int, limit: int, *, is_last: bool = False) -> Wanted:
        """What must be read of a row; `is_last`: nothing that refers to it is asked for."""
        row = row_from(self.log.data, index)
        # What later ones refer to is needed whole; of the last one no more than is shown.
        is_needed = row.compressed and not is_last
        most = _MOST_WIRE if is_needed else limit + _PIECE if row.compressed else limit
        length = min(row.length, most) if has_bytes(row, self.origin) else 0
        return wanted(row, self.log.earliest(index), self.origin, length)

    def begin(self) -> None:
        """Make ready to `read` all rows in their order, from the first on."""
        next(self._plan(0, len(self.log.data) // SIZE), None)

    # ---- from wire bytes to payloads --------------------------------------------------------
    def read(self, one: Wanted, limit: int) -> Payload:
        """The payload of a row whose bytes were gathered; compressed ones in their order."""
        row, refill = one.row, one.refill
        if not has_bytes(row, self.origin):
            return Payload(b"", complete=True, note=_NOTHING)
        if self.origin.bases[one.sender] < 0:
            return Payload(b"", complete=False, note="Nothing of this side was captured.")
        data = bytes(refill.data)
        if row.key is not None:
            data = unmasked(data, row.key.to_bytes(4))
        holes = refill.holes(0, len(data))
        if holes and sum(holes[-1]) == len(data):
            data = data[: holes.pop()[0]]
        shown = data[:limit]
        lacks = row.length > len(data) and refill.missing > 0
        inflated, whole, note = None, False, None
        if row.compressed and row.side is not None:
            inflated, whole, note = self._inflate(row, row.side, data, refill.missing > 0, limit)
        if refill.missing:
            got = f"{len(refill.data) - refill.missing} of {row.length}"
            note = f"Only {got} bytes are in the capture."
        complete = not lacks and not refill.missing and len(shown) == row.length
        return Payload(shown, complete, inflated, whole, tuple(holes), note)

    def _inflate(
        self, row: Row, side: Side, data: bytes, is_lacking: bool, limit: int
    ) -> tuple[bytes | None, bool, str | None]:
        """What a compressed frame adds to its message, whether that is all, or why not."""
        replay = self._replays[side]
        if row.resynchronised:
            replay.is_lost = True
        if row.opcode:
            replay.begin()
        if is_lacking:
            replay.lose()
        out, whole = replay.feed(data, row.fin and len(data) == row.length, limit)
        if len(data) < row.length and not is_lacking:
            whole = False
        if replay.fault is not None and not out:
            return None, False, replay.fault
        return out, whole, replay.fault


_NOTHING = "It carries no bytes to show."


def has_bytes(row: Row, origin: Origin) -> bool:
    """Whether there are bytes of the stream behind the row."""
    if row.kind is RowKind.HEAD:
        return origin.has_heads
    return row.kind in (RowKind.FRAME, RowKind.FOREIGN)


def unmasked(data: bytes, key: bytes) -> bytes:
    """A payload without its mask (RFC 6455 5.3), piece by piece."""
    if len(data) <= _PIECE:
        return unmask(data, key)
    return b"".join(unmask(data[at : at + _PIECE], key) for at in range(0, len(data), _PIECE))
