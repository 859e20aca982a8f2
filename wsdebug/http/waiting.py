"""What was captured of one side and not read yet: pieces of its stream, with their marks."""

from __future__ import annotations

from collections import deque

from wsdebug.http.budget import Budget
from wsdebug.http.piece import MOST_PIECES, PIECE, Piece
from wsdebug.model.limits import Limits
from wsdebug.model.place import NO_MARK, Mark

_DRAINED: deque[Piece] = deque(maxlen=0)
"""The queue of every reader that is done: of its own, each connection's two would take 1.5 KB."""


class Waiting:
    """Pieces and gaps in order, and the head that was begun.

    `offset` is that of the next unread byte in the side's stream. `ended`: how the stream ended.
    """

    __slots__ = (
        "_at", "_budget", "_counted", "_head", "_limits", "_queue", "ended", "head_mark",
        "limits_hit", "lost", "offset", "queued",
    )  # fmt: skip

    def __init__(self, limits: Limits, budget: Budget | None) -> None:
        self._limits = limits
        self._budget = budget
        self._counted = 0  # of the budget, for what this reader keeps
        self._queue: deque[Piece] = deque()
        self._at = 0  # in the first piece
        self._head = bytearray()
        self.head_mark: Mark = NO_MARK
        """Who brought the first byte of the head read last."""
        self.offset = 0
        self.queued = 0
        self.lost = False
        self.limits_hit: frozenset[str] = frozenset()
        self.ended: tuple[str, Mark] | None = None

    # ---- pieces in --------------------------------------------------------------------------
    def _keep(self, data: bytes, mark: Mark) -> None:
        """Queue bytes; what comes when too much waits becomes a gap."""
        is_spent = bool(self._budget and self._budget.is_spent)
        if self.queued > self._limits.waiting or len(self._queue) >= MOST_PIECES or is_spent:
            self.limits_hit |= {"total-waiting" if is_spent else "waiting"}
            self.put_gap(len(data), mark)
        else:
            self._queue.append((data, mark))
            self.queued += len(data)

    def put_gap(self, length: int | None, mark: Mark) -> None:
        """Queue a gap; one behind another makes them one."""
        if self._queue and not isinstance(self._queue[-1][0], bytes):
            before, mark = self._queue.pop()
            assert not isinstance(before, bytes)
            length = None if before is None or length is None else before + length
        self._queue.append((length, mark))

    def end(self, how: str, mark: Mark) -> None:
        """The stream is over; only the first end counts."""
        self.ended = self.ended or (how, mark)

    def count(self) -> None:
        """Tell the budget what is kept now."""
        if self._budget is not None and (self._queue or self._head or self._counted):
            kept = 0
            if self._queue is not _DRAINED:
                kept = self.queued + len(self._head) + PIECE * len(self._queue)
            self._budget.held += kept - self._counted
            self._counted = kept

    def release(self) -> None:
        """Nobody will read on: what waits is let go."""
        self.discard()
        self._head.clear()
        self.count()

    # ---- what is there ----------------------------------------------------------------------
    def peek(self, count: int) -> bytes:
        """Up to `count` of the next bytes, as far as they are contiguous."""
        at = self._at
        first = self._queue[0][0] if self._queue else b""
        if isinstance(first, bytes) and (len(first) >= at + count or len(self._queue) < 2):
            return first[at : at + count]
        found = bytearray()
        for piece, _ in self._queue:
            if not isinstance(piece, bytes) or len(found) >= count:
                break
            found += piece[at : at + count - len(found)]
            at = 0
        return bytes(found)

    def behind_gap(self, count: int) -> bytes:
        """Up to `count` bytes that stand right behind the newest gap."""
        found = b""
        for piece, _ in self._queue:
            found = found or piece[:count] if isinstance(piece, bytes) else b""
        return found

    def drain(self) -> list[Piece]:
        """Everything not read yet, the begun head included, in order; `offset` is then that of
        the first of these bytes. The reader takes nothing more.
        """
        pieces: list[Piece] = []
        if self._head:
            self.offset -= len(self._head)
            pieces.append((bytes(self._head), self.head_mark))
            self._head.clear()
        if self._at:
            piece, mark = self._queue.popleft()
            assert isinstance(piece, bytes)
            pieces.append((piece[self._at :], mark))
        pieces += self._queue
        self._queue = _DRAINED
        self._at = self.queued = 0
        self.count()
        return pieces

    def newest(self) -> Mark:
        """Of the last piece that is queued."""
        return self._queue[-1][1] if self._queue else NO_MARK

    @property
    def is_at_end(self) -> bool:
        """Everything was read and nothing more will come."""
        return self.ended is not None and not self._queue

    @property
    def is_begun(self) -> bool:
        """Something waits that was not read yet."""
        return bool(self._queue)

    def lose(self) -> None:
        """What is queued stands behind bytes that the capture lacks."""
        self._queue.appendleft((None, self._queue[0][1] if self._queue else NO_MARK))
        self.lost = True

    def discard(self) -> None:
        """Give up what is queued: from here on nothing is known of this side."""
        if not self._queue:
            return
        mark = self._queue[0][1]
        for piece, _ in self._queue:
            self.offset += len(piece) if isinstance(piece, bytes) else piece or 0
        self.offset -= self._at
        self._queue.clear()
        self._at = self.queued = 0
        self._queue.append((None, mark))

    def _advance(self, piece: bytes, to: int) -> None:
        self.offset += to - self._at
        self._at = to
        if to == len(piece):
            self._queue.popleft()
            self.queued -= to
            self._at = 0
