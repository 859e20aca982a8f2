"""One side's frames (RFC 6455 5): bytes in, facts out.

Three lanes. Whole, unfragmented, uncompressed data frames that nobody asked to see are checked
in `feed` itself (a million of them a capture). Every other frame with a sound header is taken
apart by `SideFrames`, its payload piece by piece. Bytes whose header is doubtful are held, with
their marks, until `held.decide` can say whether they are a frame.

What is decided depends on the bytes alone, never on how they were split.
"""

from __future__ import annotations

from collections.abc import Sequence
from struct import Struct

from wsdebug.model.facts import Fact
from wsdebug.model.handshake import Agreed
from wsdebug.model.limits import DEFAULT_LIMITS, Limits
from wsdebug.model.place import NO_MARK, Mark, Side
from wsdebug.protocol import header as head
from wsdebug.protocol.borders import AT_FIN, AT_RUN_END, Shape
from wsdebug.protocol.foreign import BEFORE, ForeignRun
from wsdebug.protocol.header import faults_of_bits, faults_of_length, header_at, plain_headers
from wsdebug.protocol.held import NOTHING_HELD, Decision, Held, Ruling, decide
from wsdebug.protocol.liveness import Liveness
from wsdebug.protocol.masking import REPEAT, REPEATED
from wsdebug.protocol.run import WIDEST
from wsdebug.protocol.seeking import SeekingFrames
from wsdebug.protocol.signatures import signature_at
from wsdebug.protocol.text import PIECE

from_bytes = int.from_bytes
_LENGTH_AND_KEY = Struct("!HI").unpack_from


class FrameStream(SeekingFrames):
    """The byte stream of one side, its frame borders found; facts come out as they are certain."""

    __slots__ = (
        "_calm", "_ended", "_held", "_is_cut", "_lane", "_masked", "_run", "before_run",
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
        self._lane = plain_headers(side, None if limits.payload else watch)
        self._masked = side is Side.CLIENT
        self._held = NOTHING_HELD
        self._run: ForeignRun | None = None
        self.before_run = b""
        self._calm = not agreed.unknown
        """Nothing is under way: the next byte begins a frame, no message is open."""
        self._ended = self._is_cut = False

    @property
    def in_frame(self) -> bool:
        """Whether a frame has begun and is not over (or never was, where the stream has ended);
        bytes that are still in doubt count.
        """
        return self._is_cut or self._now is not None or bool(self._held.data)

    def feed(self, data: bytes, mark: Mark = NO_MARK) -> Sequence[Fact]:
        """Take the next bytes of the stream; what became certain by them."""
        begin = self.offset
        size = len(data)
        self.offset = begin + size
        at = 0
        if not self._calm and (at := self._resume(data, begin, mark)) >= size:
            return self._drain()
        # The hot loop, a million frames a capture: a call more here is 5 % more of everything.
        lane, masked = self._lane, self._masked
        while at < size:
            kind = lane[data[at] << 8 | data[at + 1]] if self._calm and size - at > 7 else 0
            if kind:
                length = data[at + 1] & 0x7F
                start = at + 2
                if masked:
                    if kind & 4:
                        length, key = _LENGTH_AND_KEY(data, start)
                        start = at + 8
                    else:
                        key = from_bytes(data[start : at + 6])
                        start = at + 6
                    if key == self._key or not key:
                        kind = 0
                elif kind & 4:
                    length = data[start] << 8 | data[at + 3]
                    start = at + 4
                stop = start + length
                if stop > size or (kind & 4 and (length < 126 or length > PIECE)):
                    kind = 0
                elif kind & 1:
                    text = data[start:stop]
                    if masked:
                        words = (length + 3) >> 2
                        if words <= REPEATED:
                            pad = key * REPEAT[words] >> (-length % 4 * 8)
                        else:
                            pad = from_bytes((key.to_bytes(4) * words)[:length])
                        text = (from_bytes(text) ^ pad).to_bytes(length)
                    try:
                        str(text, "utf-8")
                    except UnicodeDecodeError:
                        kind = 0
            if not kind:
                at = self._slow_frame(data, at, begin, mark)
                continue
            if masked:
                self._key = key
            opcode = kind & 3
            self._last = (opcode, length, mark)
            self.total += 1
            self.counts[opcode] += 1
            self.messages += 1
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
        return self._drain()

    # ---- the bytes' way ---------------------------------------------------------------------
    def _settle(self) -> None:
        """Note whether the next byte may go the fast lane."""
        self._calm = (
            self._now is None
            and self._open is None
            and self._run is None
            and not self._held.data
            and not (self._is_closed or self._is_unsure)
        )

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
        may_be = header.bits & 0x7000 == 0x4000 and not faults and self._calm
        if may_be and self._take_packed(header, data, at, mark):
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

    def _hold(self, data: bytes, offset: int, mark: Mark, before: bytes | None = None) -> None:
        if self._held is NOTHING_HELD:
            self._held = Held()
        self._held.before = self._held.before if before is None else before
        self._held.add(data, offset, mark)
        if len(self._held.data) >= self._held.need:
            self._decide_held(None)
            self._seek(None)
            self._count_lost()
        self._settle()

    def _shape(self) -> Shape:
        return Shape(self.side, self._agreed, self._light, self._manners)

    def _decide_held(self, end: float | None, *, is_gap: bool = False) -> None:
        """Deal with held bytes as far as they can be told; `end` as for `borders.chain`."""
        held = self._held
        data, at = held.data, 0
        held.need = 0
        while at < len(data) and not self.is_lost:
            if self._now is not None:
                at = self._now.take(data, at, held.same_mark_until(at), held.mark_at(at))
                if not self._now.left:
                    self._finish()
            elif self._run is not None:
                step = self._run.follow(data, at, self._shape(), end)
                at = step.at
                if step.found:
                    self._end_run()
                elif at < len(data):
                    held.need = step.need
                    break
            else:
                is_open = self._open is not None
                found = decide(data, at, self._shape(), self._limits, end, in_message=is_open)
                offset = held.offset + at
                if self._is_doubtful and self._speaks_against(found, data, at):
                    self._give_up(offset)
                elif found.ruling is Ruling.FRAME and found.header is not None:
                    self._begin(found.header, found.faults, offset, held.mark_at(at))
                    at += found.header.size
                elif found.ruling is Ruling.FOREIGN and not is_gap:
                    self._run = ForeignRun(offset, held.mark_at(at), self.base, self._limits)
                    self._run.before = (held.before + data[:at])[-BEFORE:]
                else:
                    held.need = found.need
                    break
        if self.is_lost:
            self._lose_held(at)
        else:
            held.drop(at)

    def _speaks_against(self, found: Decision, data: bytearray, at: int) -> bool:
        """Whether what stands at a border that is not certain yet says that it is none. An HTTP
        response at its very place says the opposite.
        """
        if found.ruling is Ruling.FOREIGN:
            return not signature_at(data, at)
        return bool(found.faults & ~self._light)

    def _lose_held(self, at: int) -> None:
        """The border is lost at index `at` of what is held."""
        held = self._held
        while at < len(held.data):
            stop = held.same_mark_until(at)
            self._wait(bytes(held.data[at:stop]), held.mark_at(at), is_start=False)
            at = stop
        held.drop(len(held.data))

    def _end_run(self) -> None:
        """Foreign bytes are over: tell them."""
        run, self._run = self._run, None
        if run is None or not run.length:
            return
        is_open = self._open is not None
        fact = run.fact(self.side, self._agreed, self.total, self._is_closed, in_message=is_open)
        self._facts.append(fact)
        self.before_run = bytes(run.before)

    # ---- what is missing --------------------------------------------------------------------
    def _skip(self, length: int | None, mark: Mark) -> None:
        if self.is_lost and (length is None or length > WIDEST):
            self._seek(AT_RUN_END)
        self.offset += length or 0
        if self.is_lost or self._lose_bytes(length):
            self._wait_behind(length, mark)
            self._seek(None)
        self._count_lost()

    def _lose_bytes(self, length: int | None) -> bool:
        """Go over a hole: within a payload it costs nothing, else the border is lost. True where
        bytes from before the hole wait; `offset` stands behind it.
        """
        self._decide_held(AT_RUN_END, is_gap=True)
        if self.is_lost:
            return True
        now = self._now
        if now is not None:
            inside = length is not None and length <= now.left
            now.lose(min(length, now.left) if length is not None else now.left)
            if not now.left:
                self._finish()
            self._settle()
            if inside:
                return False
        if self._run is not None and self._run.skip_gap(length):
            return False
        self._end_run()
        if not self._held.data:
            self._give_up(self.offset)
            return False
        self._give_up(self._held.offset)
        self._lose_held(0)
        return True
