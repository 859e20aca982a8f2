"""Both sides of an HTTP/2 connection, as far as they concern WebSockets (RFC 8441)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from hyperframe.frame import GoAwayFrame, RstStreamFrame, SettingsFrame, WindowUpdateFrame

from wsdebug.http.http2.events import (
    DataLost,
    DataRead,
    Event,
    Fields,
    GoneAway,
    HeadRead,
    HeadUnread,
    StreamEnded,
    StreamReset,
    TableUnknown,
)
from wsdebug.http.http2.framing import PREFACE, Framing, Piece
from wsdebug.http.http2.header import ACK, DATA, END_STREAM
from wsdebug.http.http2.headers import BLOCK_TYPES, Block, HeaderBlocks, parsed
from wsdebug.http.http2.windows import Windows
from wsdebug.model.limits import Limits
from wsdebug.model.place import SIDES, Mark, Side

ENABLE_CONNECT = 0x8
"""SETTINGS_ENABLE_CONNECT_PROTOCOL (RFC 8441 3)."""
_MOST_EARLY = 8
"""Streams whose requests may be late, and events that are kept of each."""
_MOST_HELD = 1 << 10
"""Bytes of the longest DATA frame that is kept."""
_OfStream: TypeAlias = HeadRead | HeadUnread | DataRead | DataLost | StreamEnded | StreamReset
INITIAL_WINDOW = SettingsFrame.INITIAL_WINDOW_SIZE


class Http2:
    """Give it each side's bytes in order; take the events of the streams that are WebSockets, and
    of those that may be, where their HEADERS cannot be read.
    """

    def __init__(self, limits: Limits, *, is_start: bool, has_preface: bool = True) -> None:
        """`is_start`: the first byte of each side is its connection's first."""
        preface = PREFACE if has_preface and is_start else b""
        self._framing = {
            Side.CLIENT: Framing(is_start=is_start, preface=preface),
            Side.SERVER: Framing(is_start=is_start),
        }
        self._blocks = {side: HeaderBlocks(limits, is_start=is_start) for side in SIDES}
        self._windows = {side: Windows(side, is_start=is_start) for side in SIDES}
        self._watched: set[int] = set()
        self._plain: set[int] = set()
        """Streams that are no WebSocket; kept only while heads of either side may be unreadable."""
        self._most = limits.streams
        self.left_out = 0
        """WebSockets that are not told: too many were open."""
        self._connect_enabled: bool | None = None
        self._not_enabled: bool | None = False if is_start else None
        """What SETTINGS mean that say nothing of it: False where all of them were seen."""
        self._newest = 0
        """The highest stream that the client has opened."""
        self._early: dict[int, list[Event]] = {}
        """What the server said of streams whose HEADERS come later: captures reorder."""
        self._told: set[Side] = set()
        self._doubted: dict[Side, set[int]] = {side: set() for side in SIDES}
        """Streams that were told of a hole, and of nothing since: it may as well be longer."""

    def begin(self, side: Side, offset: int) -> None:
        """What is fed first stands at `offset` of the side's TCP stream."""
        self._framing[side].offset = offset

    @property
    def is_lost(self) -> bool:
        """No border of either side is known."""
        return all(framing.is_lost for framing in self._framing.values())

    def feed(self, side: Side, data: bytes, mark: Mark) -> Iterator[Event]:
        """The next bytes of `side`."""
        for piece in self._framing[side].put(data, mark):
            yield from self._piece(side, piece)

    def gap(self, side: Side, length: int | None, mark: Mark) -> Iterator[Event]:
        """Bytes of `side` that the capture lacks."""
        framing = self._framing[side]
        for piece in framing.gap(length, mark):
            yield from self._piece(side, piece)
        if framing.is_lost:
            yield from self._lose_table(side, mark)
            self._lose_windows()
            self._lose_settings(side)
            doubted = self._doubted[side]
            for stream in sorted(self._watched - doubted):
                doubted.add(stream)
                yield DataLost(stream, side, None, mark)

    def forget(self, stream: int) -> list[Event]:
        """The stream is over: nothing more of it is told than what it still waits for."""
        self._watched.discard(stream)
        for doubted in self._doubted.values():
            doubted.discard(stream)
        return [told for windows in self._windows.values() for told in windows.forget(stream)]

    # ---- frames ------------------------------------------------------------------------------
    def _piece(self, side: Side, piece: Piece) -> Iterator[Event]:
        kind = piece.header.type
        if side not in self._told and not self._blocks[side].is_known:
            yield from self._lose_table(side, piece.mark)
        if kind == DATA:
            yield from self._data(side, piece)
        elif kind in BLOCK_TYPES:
            yield from self._block(side, piece)
        else:
            yield from self._control(side, piece)

    def _data(self, side: Side, piece: Piece) -> Iterator[Event]:
        header = piece.header
        if piece.is_end:
            self._windows[side].spend(header.stream, header.length, piece.mark)
        if not self._is_watched(header.stream) and not self._is_early(side, header.stream):
            return
        self._doubted[side].discard(header.stream)
        if piece.lost or piece.body is None:
            yield from self._of(DataLost(header.stream, side, piece.lost or None, piece.mark))
        elif piece.body and header.length > _MOST_HELD and header.stream not in self._watched:
            yield from self._of(DataLost(header.stream, side, len(piece.body), piece.mark))
        elif piece.body:
            data = DataRead(header.stream, side, piece.body, piece.reached, piece.mark)
            yield from self._of(data)
        if piece.is_end and header.flags & END_STREAM:
            yield from self._of(StreamEnded(header.stream, side, piece.mark))

    def _is_watched(self, stream: int) -> bool:
        """Where a table is unknown, a stream is watched until somebody knows that it is plain."""
        if stream in self._watched:
            return True
        is_doubtful = not all(blocks.is_known for blocks in self._blocks.values())
        if is_doubtful and stream not in self._plain and len(self._watched) < self._most:
            self._watched.add(stream)
            return True
        return False

    def _block(self, side: Side, piece: Piece) -> Iterator[Event]:
        was_known = self._blocks[side].is_known
        block = self._blocks[side].take(piece)
        if was_known and not self._blocks[side].is_known:
            yield from self._lose_table(side, piece.mark)
        if block is None or block.is_promise:
            return
        if block.fields is not None:
            yield from self._head(side, block, block.fields)
        else:
            yield from self._of(HeadUnread(block.stream, side, block.mark))
        if block.ends_stream:
            yield from self._of(StreamEnded(block.stream, side, block.mark))

    def _of(self, event: _OfStream) -> Iterator[Event]:
        """An event of a stream that is watched, now or once its request has come."""
        if event.stream in self._watched:
            yield event
        elif self._is_early(event.side, event.stream):
            self._hold(event)

    def _is_early(self, side: Side, stream: int) -> bool:
        """The server speaks of a stream that the client will open, as far as captured."""
        return side is Side.SERVER and self._newest < stream < self._newest + 2 * _MOST_EARLY

    def _hold(self, event: _OfStream) -> None:
        if event.stream not in self._early and len(self._early) >= _MOST_EARLY:
            del self._early[next(iter(self._early))]
        held = self._early.setdefault(event.stream, [])
        together = _together(held[-1], event) if held else None
        if together is not None:
            held[-1] = together
        elif len(held) == _MOST_EARLY:
            held[-1] = DataLost(event.stream, event.side, None, event.mark)
        else:
            held.append(event)

    def _head(self, side: Side, block: Block, fields: Fields) -> Iterator[Event]:
        names = dict(fields)
        if side is Side.CLIENT and ":method" in names:
            self._newest = max(self._newest, block.stream)
            if names.get(":protocol", "").lower() != "websocket":
                self.mark_plain(block.stream)
                return
            self._watch(block.stream)
        if ":method" not in names and ":status" not in names:
            return
        size, enabled = block.reached - block.offset, self._connect_enabled
        head = HeadRead(block.stream, side, fields, block.offset, size, block.mark, enabled)
        yield from self._of(head)
        if side is Side.CLIENT and head.stream in self._watched:
            yield from self._early.pop(head.stream, ())
            if not self._blocks[Side.SERVER].is_known:
                yield HeadUnread(head.stream, Side.SERVER, block.mark)

    def _watch(self, stream: int) -> None:
        if len(self._watched) >= self._most:
            self.left_out += 1
            return
        self._watched.add(stream)
        for windows in self._windows.values():
            windows.open(stream)

    def mark_plain(self, stream: int) -> None:
        """It is no WebSocket: nothing of it is told again."""
        self._plain.add(stream)
        self._early.pop(stream, None)
        if len(self._plain) > self._most:
            self._plain.discard(min(self._plain))

    def _control(self, side: Side, piece: Piece) -> Iterator[Event]:
        frame = parsed(piece)
        stream, mark = piece.header.stream, piece.mark
        if piece.body is None:  # it may have been what moves a window, or enables CONNECT
            self._lose_windows()
            self._lose_settings(side)
        if isinstance(frame, WindowUpdateFrame):
            yield from self._windows[side.other].update(stream, frame.window_increment, mark)
        elif isinstance(frame, SettingsFrame) and not piece.header.flags & ACK:
            yield from self._settings(side, frame, mark)
        elif isinstance(frame, RstStreamFrame):
            for windows in self._windows.values() if stream in self._watched else ():
                yield from windows.close(stream, mark)
            yield from self._of(StreamReset(stream, side, frame.error_code, mark))
        elif isinstance(frame, GoAwayFrame):
            debug = frame.additional_data[:256]
            yield GoneAway(side, frame.last_stream_id, frame.error_code, debug, mark)

    def _settings(self, side: Side, frame: SettingsFrame, mark: Mark) -> Iterator[Event]:
        if side is Side.SERVER and self._connect_enabled is not True:
            is_enabled = frame.settings.get(ENABLE_CONNECT) == 1
            self._connect_enabled = True if is_enabled else self._not_enabled
        if INITIAL_WINDOW in frame.settings:
            initial = frame.settings[INITIAL_WINDOW]
            yield from self._windows[side.other].set_initial(initial, mark)

    def _lose_settings(self, side: Side) -> None:
        """What is missing of the server may have enabled CONNECT."""
        if side is Side.SERVER:
            self._not_enabled = None
            self._connect_enabled = self._connect_enabled or None

    def _lose_windows(self) -> None:
        for windows in self._windows.values():
            windows.lose()

    def _lose_table(self, side: Side, mark: Mark) -> Iterator[Event]:
        self._blocks[side].lose()
        if side not in self._told:
            self._told.add(side)
            yield TableUnknown(side, mark)


def _together(before: Event, event: Event) -> Event | None:
    """Both as one, where they are pieces of what one packet brought: how many does not count."""
    if before.mark != event.mark:
        return None
    if isinstance(before, DataRead) and isinstance(event, DataRead):
        return event._replace(data=before.data + event.data)
    if not isinstance(before, DataLost) or not isinstance(event, DataLost):
        return None
    if before.length is None or event.length is None:
        return None
    return event._replace(length=before.length + event.length)
