"""What is taken in one piece, because nothing about it is out of the ordinary.

Each says False where something is, and has changed nothing then: the frame is read by
`SideFrames` after all, which says what. Both ways must leave the same behind
(`tests/protocol/test_frames.py` compares them).
"""

from __future__ import annotations

from wsdebug.model.place import Mark, Part, Span
from wsdebug.protocol.header import Header
from wsdebug.protocol.held_frames import HeldFrames
from wsdebug.protocol.liveness import Beat
from wsdebug.protocol.masking import unmask

_PING, _PONG = 9, 10


class QuickFrames(HeldFrames):
    """Compressed messages, pings and pongs that lie whole in one segment."""

    __slots__ = ("_checks",)

    _checks: bytes | None
    """What the core takes, as `lanes.checks` tells; None: there is no core."""

    def _use_window(self, packed: int, packet: int | None) -> bool:
        """The core has read `packed` compressed messages; -1: it needs a window for one. True where
        it has one now.
        """
        inflater = self._inflater
        if packed < 0 or inflater is None:
            inflater = self._inflater_of_side(packet)
            return inflater is not None and inflater.open_window()
        if self.inflaters is not None:
            self.inflaters.use(inflater, packet)
        inflater.readable = True
        return False

    def _unpacks(self, body: bytes, opcode: int, packet: int | None) -> bool:
        """Read a small compressed message, without its mask."""
        inflater = self._inflater_of_side(packet)
        return inflater is not None and inflater.whole(body, is_text=opcode == 1)

    def _take_beat(self, header: Header, data: bytes, at: int, begin: int, mark: Mark) -> bool:
        """Take a ping or pong at a border, its header free of faults. `begin` is the offset of
        `data` in the stream.
        """
        bits, length, opcode = header.bits, header.length, header.opcode
        start = at + header.size
        key = 0 if header.key is None else int.from_bytes(header.key)
        if (
            opcode not in (_PING, _PONG)
            or start + length > len(data)
            or self._watch is None
            or self._watch[bits]
            or (header.key is not None and length and key in (0, self._key))
        ):
            return False
        body = data[start : start + length]
        if header.key is not None and length:
            self._key = key
            body = unmask(body, header.key)
        span = Span(self.side, Part.STREAM, begin + at, header.size + length, *mark[:2])
        end = self.base + begin + start + length
        beat = Beat(self.total, end, mark[1], body, span, acknowledged=mark[2])
        if opcode == _PING:
            self._liveness.ping(self.side, beat)
        else:
            self._liveness.pong(self.side, beat)
        self._last = (opcode, length, mark)
        self.total += 1
        self.counts[opcode] += 1
        if self.sink is not None:
            self.sink.whole(bits, length, key, begin + at, mark)
        return True
