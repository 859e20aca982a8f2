"""What stands at a border in doubt is held until it can be told; and what a hole does to it."""

from __future__ import annotations

from wsdebug.model.handshake import Agreed
from wsdebug.model.limits import Limits
from wsdebug.model.place import Mark, Side
from wsdebug.protocol.borders import AT_RUN_END, Shape
from wsdebug.protocol.foreign import BEFORE, ForeignRun
from wsdebug.protocol.held import NOTHING_HELD, Decision, Held, Ruling, decide
from wsdebug.protocol.liveness import Liveness
from wsdebug.protocol.run import WIDEST
from wsdebug.protocol.seeking import SeekingFrames
from wsdebug.protocol.signatures import signature_at


class HeldFrames(SeekingFrames):
    """Frames of one side, with the bytes that may be frames or not."""

    __slots__ = ("_calm", "_held", "_is_cut", "_run", "before_run")

    def __init__(
        self,
        side: Side,
        agreed: Agreed,
        watch: bytes | None,
        limits: Limits,
        liveness: Liveness,
        base: int,
    ) -> None:
        super().__init__(side, agreed, watch, limits, liveness, base)
        self._held = NOTHING_HELD
        self._run: ForeignRun | None = None
        self.before_run = b""
        self._calm = not agreed.unknown
        """Nothing is under way: the next byte begins a frame, no message is open."""
        self._is_cut = False

    @property
    def in_frame(self) -> bool:
        """Whether a frame has begun and is not over (or never was, where the stream has ended);
        bytes that are still in doubt count.
        """
        return self._is_cut or self._now is not None or bool(self._held.data)

    def _settle(self) -> None:
        """Note whether the next byte may go the fast lane."""
        self._calm = (
            self._now is None
            and self._open is None
            and self._run is None
            and not self._held.data
            and not (self._is_closed or self._is_unsure)
        )

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
            self._blind_since = self.total
            return False
        self._end_run()
        if not self._held.data:
            self._give_up(self.offset)
            return False
        self._give_up(self._held.offset)
        self._lose_held(0)
        return True
