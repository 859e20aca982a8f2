"""A side whose border is lost: its bytes wait until the search finds where frames begin again.

What stands before that is `unsynchronised`, never a frame. Behind it nothing is held against the
sender that bytes in the hole could explain, and the first header that does not fit says that
the border was none: the search begins anew.
"""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Sequence

from wsdebug.model.facts import Fact
from wsdebug.model.handshake import Agreed
from wsdebug.model.limits import Limits
from wsdebug.model.place import NO_MARK, Mark, Side
from wsdebug.protocol.borders import Shape
from wsdebug.protocol.liveness import Liveness
from wsdebug.protocol.run import WIDEST, Run
from wsdebug.protocol.search import WINDOW, Found, find_border
from wsdebug.protocol.searches import Searches
from wsdebug.protocol.side_frames import SideFrames

_FIRST_LOOK = 256
"""Bytes of a run that are worth a search; then half as many again each time."""
_STEP = 4 << 10
_CREDIT = 1 << 20
_CREDIT_A_BYTE = 8
"""Searching costs the bytes looked at: all of it stays within a multiple of the stream."""
_CERTAIN = 60.0
_BITS_A_FRAME = 5.0


class SeekingFrames(SideFrames):
    """Frames of one side, with the search for a border that was lost."""

    __slots__ = (
        "_blind_since", "_credit", "_is_replaying", "_lost", "_need", "gaps", "offset",
        "searches", "unsynchronised",
    )  # fmt: skip

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
        self.offset = 0
        """Bytes of the stream so far, those the capture lacks included."""
        self._blind_since = -1  # how many frames there were when the border was last lost
        self.gaps: list[tuple[int, int | None]] = []
        """Offset and length of what the capture lacks; the first `Limits.events` of them."""
        self.unsynchronised: list[tuple[int, int]] = []
        """Offset and length of what cannot be read as frames for want of a border."""
        self._lost: Run | None = None
        self._need = 0
        """Bytes of the run at which the next search is worth its time."""
        self._credit = _CREDIT
        self._is_replaying = False
        self.searches: Searches | None = None
        """Shared by all streams of a capture."""

    @abstractmethod
    def feed(self, data: bytes, mark: Mark = NO_MARK) -> Sequence[Fact]:
        """Take the next bytes of the stream."""

    @abstractmethod
    def _skip(self, length: int | None, mark: Mark) -> None:
        """Go over bytes that the capture lacks."""

    @abstractmethod
    def _shape(self) -> Shape:
        """What a header of this side may look like."""

    @abstractmethod
    def _settle(self) -> None:
        """Note whether the next byte may go the fast lane."""

    @property
    def is_lost(self) -> bool:
        """Where the next frame begins is not known."""
        return self._lost is not None

    @property
    def is_blind(self) -> bool:
        """No frame has begun since the border was lost, or since a hole lay among foreign bytes:
        any frame, even a Close, may stand there.
        """
        return self.is_lost or self._blind_since == self.total

    def join(self, run: Run, found: Found | None) -> Sequence[Fact]:
        """Begin with bytes whose beginning the capture lacks; `found` in them is a border."""
        self.offset = run.end
        self._lose_border(run.offset)
        self._lost = run
        self._settle()
        self._count_lost()
        if found is not None:
            self._take_up(found)
        return self._drain()

    def doubt(self) -> None:
        """The first byte seems to be a border, and what came before it is not known."""
        self._is_unsure = True
        self._lose_history()
        self._liveness.lose(self.side)
        self._sure_from = 1 + math.ceil(_CERTAIN / _BITS_A_FRAME)
        self._settle()

    def _give_up(self, offset: int) -> None:
        """From `offset` on no border is known."""
        self._lose_border(offset)
        self._lost = Run(offset)
        self._settle()

    def _lose_border(self, offset: int) -> None:
        self._open = self._now = None
        self._blind_since = self.total
        self._need = _FIRST_LOOK
        self._is_unsure = True
        self._lose_history()
        self._liveness.lose(self.side)
        before = self.unsynchronised[-1] if self.unsynchronised else (-1, 0)
        if before[0] + before[1] == offset or len(self.unsynchronised) >= self._limits.events:
            return  # one run, or one more than anybody reads
        self.unsynchronised.append((offset, 0))

    def abandon(self) -> None:
        """Others need the memory: what waits stays unsynchronised."""
        if self._lost is not None:
            self._lost = Run(self.offset)

    def _count_lost(self) -> None:
        if self._lost is not None:
            start = self.unsynchronised[-1][0]
            self.unsynchronised[-1] = (start, max(0, self.offset - start))

    # ---- bytes without a border ---------------------------------------------------------------
    def _wait(self, data: bytes, mark: Mark, *, is_start: bool = True) -> None:
        """Keep bytes for the search."""
        assert self._lost is not None
        if not self._is_replaying:  # what is read again has given its credit
            self._credit += _CREDIT_A_BYTE * len(data)
        self._lost.put(data, mark, is_start=is_start)
        if self.searches is not None:
            self.searches.keep(self, len(self._lost.data))

    def _wait_behind(self, length: int | None, mark: Mark) -> None:
        """Go over a hole among bytes that wait: `offset` stands behind it."""
        run = self._lost
        assert run is not None
        if not run.data:  # nothing stands between two holes
            self.unsynchronised[-1] = (self.offset, 0)
        if run.data and length is not None and length <= WIDEST:
            run.put_hole(length, mark)
        else:
            self._lost = Run(self.offset)

    def _seek(self, end: float | None) -> None:
        """Search as long as it leads on, once all bytes so far wait; `end` as for `find_border`."""
        while self._lost is not None and not self._is_replaying:
            found = self._look(self._lost, end)
            if found is None:
                return
            self._take_up(found)

    def _look(self, run: Run, end: float | None) -> Found | None:
        size = min(len(run.data), WINDOW)
        is_early = end is None and len(run.data) < self._need and not run.is_crowded
        if not size or size > self._credit or is_early:
            return None
        self._credit -= size
        found = find_border(run, self._shape(), end)
        if found is None:
            run.forget(len(run.data) if run.is_crowded else max(0, len(run.data) - WINDOW))
            size = len(run.data)
            self._need = size + max(_STEP if size >= _STEP else 0, size // 2, _FIRST_LOOK)
        return found

    def _take_up(self, found: Found) -> None:
        """Read on from a border; everything before it stays unsynchronised."""
        run, self._lost = self._lost, None
        assert run is not None
        if self.searches is not None:
            self.searches.end(self)
        start, until = run.offset + found.at, self.offset
        begin = self.unsynchronised[-1][0]
        self.unsynchronised[-1] = (begin, start - begin)
        if start <= begin:
            self.unsynchronised.pop()
        more = math.ceil(max(0.0, _CERTAIN - found.bits) / _BITS_A_FRAME)
        self._sure_from = self.total + 1 + more
        self.offset = start
        self._settle()
        facts = [*self._drain()]
        self._is_replaying = True
        for piece, mark in run.pieces(found.at):
            if isinstance(piece, bytes):
                facts += self.feed(piece, mark)
            else:
                self._skip(piece, mark)
                facts += self._drain()
        self._is_replaying = False
        if self._lost is not None and self._lost.offset == start and self._lost.data:
            self._lost.forget(1)  # the header there does not fit: not to be found again
        assert self.offset == until
        self._facts = facts
