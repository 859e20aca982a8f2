"""One side's frames (RFC 6455 5): bytes in, facts out.

Three lanes. Whole, unfragmented data frames that nobody asked to see are checked in `feed` itself
(a million of them a capture; `lanes` tells which, `quick` helps). Every other frame with a sound
header is taken apart by `SideFrames`, its payload piece by piece. Bytes whose header is doubtful
are held, with their marks, until `held.decide` can say whether they are a frame.

What is decided depends on the bytes alone, never on how they were split.
"""

from __future__ import annotations

from collections.abc import Sequence
from struct import Struct
from typing import TYPE_CHECKING

from wsdebug import compiled
from wsdebug.model.facts import Fact
from wsdebug.model.handshake import Agreed
from wsdebug.model.limits import DEFAULT_LIMITS, Limits
from wsdebug.model.place import NO_MARK, Mark, Side
from wsdebug.protocol import header as head
from wsdebug.protocol.borders import AT_FIN, AT_RUN_END
from wsdebug.protocol.foreign import BEFORE
from wsdebug.protocol.header import faults_of_bits, faults_of_length, header_at
from wsdebug.protocol.lanes import LONG, PACKED, TEXT, checks, lanes
from wsdebug.protocol.liveness import Liveness
from wsdebug.protocol.masking import PADS, SHORT, pad
from wsdebug.protocol.quick import QuickFrames
from wsdebug.protocol.text import PIECE

if TYPE_CHECKING:
    from wsdebug.compiled._frames import take
elif compiled.frames is not None:
    take = compiled.frames.take

from_bytes = int.from_bytes
# The header's first two bytes, or a length of 16 bits; then the masking key, if there is one.
_HEADER = Struct("!HI").unpack_from
_LONGEST_HEADER = 8
_NOT_ASCII = from_bytes(b"\x80" * PIECE)
"""The bits that no ASCII text has."""


class FrameStream(QuickFrames):
    """The byte stream of one side, its frame borders found; facts come out as they are certain."""

    __slots__ = (
        "_ended", "_lanes", "_masked",
    )  # fmt: skip

    def __init__(
        self,
        side: Side,
        agreed: Agreed,
        watch: bytes | None = None,
        limits: Limits = DEFAULT_LIMITS,
        liveness: Liveness | None = None,
        base: int = 0,
    ) -> None:
        super().__init__(side, agreed, watch, limits, liveness or Liveness(limits), base)
        packs = self._packs and (agreed.deflate is not None or not agreed.known)
        asked = None if limits.payload else watch
        self._lanes = lanes(side, asked, packs=packs)
        self._checks = checks(side, asked, packs=packs) if compiled.frames is not None else None
        self._masked = side is Side.CLIENT
        self._ended = False

    def feed(self, data: bytes, mark: Mark = NO_MARK) -> Sequence[Fact]:
        """Take the next bytes of the stream; what became certain by them."""
        begin, size, at = self.offset, len(data), 0
        self.offset = begin + size
        if not self._calm:
            now = self._now
            if now is not None and now.is_idle and size < now.left:
                now.pass_by(size, mark)
                return ()
            at = self._resume(data, begin, mark)
        plain = self._checks
        if plain is None or self.sink is not None:
            return self._in_python(data, at, begin, mark)
        while at < size:
            if self._calm:
                inflater = self._inflater
                window = None if inflater is None else inflater.window
                at, key, opcode, length, texts, binaries, packed = take(
                    data, at, self._key, plain, window
                )
                if opcode:
                    self._key = key
                    self._last = (opcode, length, mark)
                    self.total += texts + binaries
                    self.messages += texts + binaries
                    self.counts[1] += texts
                    self.counts[2] += binaries
                if (packed and self._use_window(packed, mark[0])) or at == size:
                    continue
            at = self._slow_frame(data, at, begin, mark)
        return self._drain() if self._facts else ()

    def _in_python(self, data: bytes, at: int, begin: int, mark: Mark) -> Sequence[Fact]:
        """The same without the compiled core, or where somebody is told of every frame."""
        size = len(data)
        # The hot loop, a million frames a capture: a call more here is 5 % more of everything.
        table, masked, sink = self._lanes, self._masked, self.sink
        while at < size:
            stop = 0  # where a frame of this lane ends
            if size - at >= _LONGEST_HEADER and self._calm:
                bits, key = _HEADER(data, at)
                lane = table[bits]
                if lane is not None:
                    opcode, length, start, check = lane
                    if length == LONG:
                        length, key = _HEADER(data, at + 2)
                        if not LONG <= length < PIECE:
                            length = size
                    start += at
                    stop = start + length
                    if stop > size or (masked and (key == self._key or not key)):
                        stop = 0
                    elif check:
                        body = data[start:stop]
                        if masked:
                            if length <= SHORT:
                                repeat, spare = PADS[length]
                                number = from_bytes(body) ^ key * repeat >> spare
                            else:
                                number = from_bytes(body) ^ pad(key, length)
                            is_ascii = check == TEXT and not number & _NOT_ASCII
                            body = b"" if is_ascii else number.to_bytes(length)
                        if check == PACKED:
                            if not self._unpacks(body, opcode, mark[0]):
                                stop = 0
                        elif not body.isascii():
                            try:
                                str(body, "utf-8")
                            except UnicodeDecodeError:
                                stop = 0
            if not stop:
                at = self._slow_frame(data, at, begin, mark)
                continue
            if masked:
                self._key = key
            self._last = (opcode, length, mark)
            self.total += 1
            self.counts[opcode] += 1
            self.messages += 1
            if sink is not None:
                sink.whole(bits, length, key if masked else 0, begin + at, mark)
            at = stop
        return self._drain() if self._facts else ()

    def gap(self, length: int | None, mark: Mark = NO_MARK) -> Sequence[Fact]:
        """The capture lacks the next `length` bytes; None: nobody knows how many."""
        if length == 0:
            return ()
        if len(self.gaps) < self._limits.events:
            self.gaps.append((self.offset, length))
        self._skip(length, mark)
        return self._drain()

    def end(self, how: str = "fin", mark: Mark = NO_MARK) -> Sequence[Fact]:  # noqa: ARG002
        """The stream is over: by "fin", by "rst", or because the "capture" is."""
        if self._ended:
            return ()
        self._seek(AT_FIN if how == "fin" else AT_RUN_END)
        self._ended, self._is_cut = True, self.in_frame
        while not self.is_lost and self._held.data:
            before = len(self._held.data)
            self._decide_held(AT_RUN_END if how == "capture" else AT_FIN)
            self._seek(AT_FIN if how == "fin" else AT_RUN_END)
            if not self.is_lost and len(self._held.data) >= before:
                break
        self._count_lost()
        if not self.is_lost:
            self._end_run()
            self._cut_short(how, self._held.span(self.side))
        keys = self._keys.fact(self.side)
        if keys is not None:
            self._facts.append(keys)
        self._facts += self._liveness.end(self.side)
        self._release_inflater()
        if self.searches is not None:
            self.searches.end(self)
        return self._drain()

    # ---- the bytes' way ---------------------------------------------------------------------
    def _resume(self, data: bytes, begin: int, mark: Mark) -> int:
        """Go on with what the last feed left; where in `data` a border is."""
        if self.is_lost:
            return self._lose_rest(data, 0, mark)
        if self._held.data or self._run is not None:
            self._hold(data, begin, mark)
            return len(data)
        at = 0
        if self._now is not None:
            at = self._now.take(data, 0, len(data), mark)
            if not self._now.left:
                self._finish()
                self._settle()
        return at

    def _slow_frame(self, data: bytes, at: int, begin: int, mark: Mark) -> int:
        """Take one frame at a border, or hold all the rest where the header is in doubt."""
        header = header_at(data, at)
        faults = head.DOUBTFUL
        if header is not None and (header.bits or self._open is not None):
            faults = faults_of_bits(header.bits, self.side, self._agreed)
            faults |= faults_of_length(header)
        if self._is_doubtful and faults & ~self._light & ~head.DOUBTFUL:
            self._give_up(begin + at)
            return self._lose_rest(data, at, mark)
        if header is None or faults & head.DOUBTFUL or self._agreed.unknown:
            self._hold(data[at:], begin + at, mark, data[max(0, at - BEFORE) : at])
            return len(data)
        if not faults and self._calm and self._take_beat(header, data, at, begin, mark):
            return at + header.size + header.length
        self._begin(header, faults, begin + at, mark)
        at += header.size
        if self._now is not None:
            at = self._now.take(data, at, len(data), mark)
            if not self._now.left:
                self._finish()
        self._settle()
        return self._lose_rest(data, at, mark) if self.is_lost else at

    def _lose_rest(self, data: bytes, at: int, mark: Mark) -> int:
        """The border is lost at index `at`; where all of `data` ends."""
        if at < len(data):
            self._wait(data[at:], mark, is_start=at == 0)
            self._seek(None)
        self._count_lost()
        return len(data)
