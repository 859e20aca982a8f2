"""The rows of one connection, packed; one thread appends while others read.

`bytearray +=` and `unpack_from` each run under the interpreter's lock, so a reader sees whole rows.
A row never changes but for its finding bit, until `settle` puts a new, sorted log in place of this.
"""

from __future__ import annotations

from wsdebug.analysis.store.record import (
    BEFORE,
    BEFORE_AT,
    FINDING,
    FRAME,
    KIND,
    KIND_BITS,
    MOST,
    NEVER,
    OFFSET,
    PLACE,
    PLACE_AT,
    RECORD,
    SERVER,
    SILENCE,
    SIZE,
    STATE_AT,
    packed_time,
    row_from,
)
from wsdebug.model.place import Side
from wsdebug.model.rows import RowKind

_pack = RECORD.pack
_HEAD = KIND_BITS[RowKind.HEAD]
_FOREIGN = KIND_BITS[RowKind.FOREIGN]
_NEAR = 256
"""Heads stand among the first rows, foreign bytes that were just found among the last."""
_SMALL = 1 << 20
_MARGIN = 64
"""Rows looked at before the place of a late one: bytes that wait for others come a little early."""
_TCP = KIND_BITS[RowKind.TCP]


class Room:
    """How many more rows the whole capture may have."""

    __slots__ = ("left", "left_out")

    def __init__(self, rows: int) -> None:
        self.left = rows
        self.left_out = 0
        """Rows beyond."""


class RowLog:
    """Takes rows; puts a silence before one that comes `silence` nanoseconds after the last."""

    __slots__ = (
        "_last_packet", "_last_time", "_ordered_until", "_room", "_silence", "data", "frames",
        "left_out",
    )  # fmt: skip

    def __init__(self, silence: int, room: Room) -> None:
        self.data = bytearray()
        self.frames = [0, 0]
        """Frames of client and server so far."""
        self.left_out = 0
        self._ordered_until: int | None = None
        """Rows from here on may belong elsewhere."""
        self._silence = silence
        self._room = room
        self._last_time = -1
        self._last_packet = 0

    def whole(
        self, state: int, bits: int, length: int, key: int, offset: int, at: tuple[int, int]
    ) -> None:
        """A frame in one packet, the quick way; `at` is packet and time, both known."""
        packet, time = at
        last = self._last_time
        room = self._room
        if (
            packet < self._last_packet
            or room.left <= 0
            or time < last
            or time - last >= self._silence
        ):
            self.add(state, packets=(packet, packet, packet), times=(time, time), offset=offset,
                     length=length, key=key, header=bits)  # fmt: skip
            return
        room.left -= 1
        self._last_time = time
        self._last_packet = packet
        frames = self.frames
        self.data += _pack(
            offset,
            length,
            time,
            time,
            packet,
            packet,
            packet,
            key,
            frames[0],
            frames[1],
            0,
            bits,
            state,
        )
        frames[state & SERVER] += 1

    def add(
        self,
        state: int,
        *,
        packets: tuple[int, int, int],
        times: tuple[int | None, int | None],
        offset: int = 0,
        length: int = 0,
        key: int = 0,
        missing: int = 0,
        header: int = 0,
    ) -> None:
        """Any row; `packets` are the first, the last and the earliest, `times` first and last."""
        is_frame = state & KIND == FRAME
        frames = self.frames
        if self._room.left <= 0:
            self.left_out += 1
            self._room.left_out += 1
            frames[state & SERVER] += is_frame
            return
        self._room.left -= 1
        time, last_time = packed_time(times[0]), packed_time(times[1])
        if packets[1] < self._last_packet:
            self._disordered(packets[1])
        else:
            self._pause(times[0], packets[0])
            self._last_packet = packets[1]
            self._last_time = max(self._last_time, times[1] or -1)
        self.data += _pack(
            offset, length, time, last_time, *(packet & MOST for packet in packets), key,
            frames[0] & MOST, frames[1] & MOST, min(missing, MOST), header, state,
        )  # fmt: skip
        frames[state & SERVER] += is_frame

    def _pause(self, time: int | None, packet: int) -> None:
        """A silence, if this row comes long after the one before."""
        before = self._last_time
        if time is None or before < 0 or time - before < self._silence:
            return
        self.data += _pack(
            0, 0, before, packed_time(time), self._last_packet & MOST, packet & MOST, 0, 0,
            self.frames[0] & MOST, self.frames[1] & MOST, 0, 0, SILENCE,
        )  # fmt: skip

    # ---- looking up -------------------------------------------------------------------------
    def state(self, index: int) -> int:
        """The state bits of a row."""
        at = index * SIZE + STATE_AT
        return self.data[at] | self.data[at + 1] << 8

    def earliest(self, index: int) -> int:
        """The first of all packets that carry bytes of a row."""
        return int(PLACE.unpack_from(self.data, index * SIZE + PLACE_AT)[2])

    def mark(self, index: int) -> None:
        """A finding concerns the row."""
        self.data[index * SIZE + STATE_AT + 1] |= FINDING >> 8

    def find(self, side: Side, number: int) -> int | None:
        """The index of a side's frame: each row tells how many frames were before it, so it is the
        last one that says `number`.
        """
        data, bit = self.data, SERVER if side is Side.SERVER else 0
        low, high = 0, len(data) // SIZE
        while low < high:
            middle = (low + high) // 2
            if BEFORE.unpack_from(data, middle * SIZE + BEFORE_AT)[bit] <= number:
                low = middle + 1
            else:
                high = middle
        index = low - 1
        if index < 0 or self.state(index) & (KIND | SERVER) != FRAME | bit:
            return None
        is_it = BEFORE.unpack_from(data, index * SIZE + BEFORE_AT)[bit] == number
        return index if is_it else None

    def find_other(self, bit: int, is_head: bool, offset: int, packet: int | None) -> int | None:
        """The index of a row of foreign bytes by their offset, or of a head by its packet."""
        kind, data = (_HEAD if is_head else _FOREIGN) | bit, self.data
        size = len(data) // SIZE
        for index in (*range(min(size, _NEAR)), *range(size - 1, max(_NEAR, size - _NEAR) - 1, -1)):
            if self.state(index) & (KIND | SERVER) == kind:
                at = index * SIZE
                first: int = PLACE.unpack_from(data, at + PLACE_AT)[0]
                start: int = OFFSET.unpack_from(data, at)[0]
                if first == packet if is_head else start == offset:
                    return int(index)
        return None

    def find_packet(self, packet: int) -> int | None:
        """The index of the first row whose last byte came with `packet` or later."""
        data = self.data
        low, high = 0, len(data) // SIZE
        while low < high:
            middle = (low + high) // 2
            if PLACE.unpack_from(data, middle * SIZE + PLACE_AT)[1] < packet:
                low = middle + 1
            else:
                high = middle
        return low if low < len(data) // SIZE else None

    # ---- order ------------------------------------------------------------------------------
    def settle(self) -> None:
        """Put rows that were held back in their place; silences are found anew."""
        start = self._ordered_until
        if start is None:
            return
        rows = self._ordered(start)
        fresh = RowLog(self._silence, Room(len(rows)))
        fresh._begin_behind(self.data, start)
        for index in rows:
            fresh.copy(self.data, index)
        self._last_packet, self._last_time = fresh._last_packet, fresh._last_time
        self.data[start * SIZE :] = fresh.data
        self._ordered_until = None

    def shrink(self) -> None:
        """Give back what was set aside for more rows, where copying is cheap."""
        if len(self.data) < _SMALL:
            self.data = bytearray(self.data)

    def _disordered(self, packet: int) -> None:
        """A row comes late that belongs before one of a later packet."""
        at = self.find_packet(packet)
        start = max(0, (at if at is not None else len(self.data) // SIZE) - _MARGIN)
        while start and self.state(start - 1) & KIND == SILENCE:
            start -= 1
        until = self._ordered_until
        self._ordered_until = start if until is None else min(start, until)

    def _begin_behind(self, data: bytearray, start: int) -> None:
        """Go on where the rows before `start` of another log end."""
        if not start:
            return
        before = row_from(data, start - 1)
        self._last_packet, self._last_time = before.last_packet, before.last_time or -1
        self.frames = list(BEFORE.unpack_from(data, start * SIZE + BEFORE_AT))

    def copy(self, data: bytearray, index: int) -> None:
        """Take over a row of another log."""
        fields = RECORD.unpack_from(data, index * SIZE)
        (
            offset,
            length,
            time,
            last_time,
            first,
            last,
            earliest,
            key,
            _,
            _,
            missing,
            header,
            state,
        ) = fields
        self.add(
            state,
            packets=(first, last, earliest),
            times=(_known(time), _known(last_time)),
            offset=offset,
            length=length,
            key=key,
            missing=missing,
            header=header,
        )

    def _ordered(self, start: int) -> list[int]:
        """Indices from `start` on by the packet that completed a row. Frames of a side stay in
        order: one whose bytes came early was complete when those before it were. In one packet
        a head comes before frames, and a FIN after them.
        """
        reached = [0, 0]
        keys: list[tuple[int, int, int]] = []
        for index in range(start, len(self.data) // SIZE):
            state = self.state(index)
            kind = state & KIND
            if kind == SILENCE:
                continue
            last: int = PLACE.unpack_from(self.data, index * SIZE + PLACE_AT)[1]
            if kind == FRAME:
                last = reached[state & SERVER] = max(last, reached[state & SERVER])
            keys.append((last, 0 if kind == _HEAD else 2 if kind == _TCP else 1, index))
        keys.sort()
        return [index for _, _, index in keys]


def _known(time: int) -> int | None:
    return None if time == NEVER else time
