"""One side of an HTTP/1 connection: queued pieces of its stream in, heads out.

Pieces stay queued, with their marks, until somebody asks for the next head: so bytes that may
turn out to be WebSocket frames are never touched, and `drain` hands them on as they came.
"""

from __future__ import annotations

from collections import deque

from wsdebug.http.body import Body, Framing
from wsdebug.http.budget import Budget
from wsdebug.http.head import HEAD_END, parse_head
from wsdebug.http.kinds import head_like
from wsdebug.http.piece import MOST_PIECES, PIECE, Piece
from wsdebug.http.recognise import OPENING_BYTES, Opening, proxy_header_length, recognise
from wsdebug.model.handshake import Head
from wsdebug.model.limits import DEFAULT_LIMITS, Limits
from wsdebug.model.place import NO_MARK, Mark, Side

_DRAINED: deque[Piece] = deque(maxlen=0)
"""The queue of every reader that is done: of its own, each connection's two would take 1.5 KB."""

_BODY_START = 256
"""Bytes of a body that are kept: an error page says in its first lines what is wrong."""


class Reader:
    """Reads the heads of `side`. The caller says after each head how long its body is.

    `offset` is that of the next unread byte in the side's stream. `lost`: a gap or a limit hides
    where the next head begins, so none will be read any more. `ended`: how the stream ended.
    """

    __slots__ = (
        "_at", "_body", "_budget", "_counted", "_head", "_limits", "_proxied", "_queue",
        "body_start", "ended", "head_mark", "limits_hit", "lost", "offset", "opening", "queued",
        "side",
    )  # fmt: skip

    def __init__(
        self, side: Side, limits: Limits = DEFAULT_LIMITS, budget: Budget | None = None
    ) -> None:
        self.side = side
        self._limits = limits
        self._budget = budget
        self._counted = 0  # of the budget, for what this reader keeps
        self._queue: deque[Piece] = deque()
        self._at = 0  # in the first piece
        self._body: Body | None = None
        self.body_start = b""
        """The first bytes of the body that came last."""
        self._head = bytearray()
        self.head_mark: Mark = NO_MARK
        """Who brought the first byte of the head read last."""
        self._proxied = False
        self.offset = 0
        self.queued = 0
        self.lost = False
        self.limits_hit: frozenset[str] = frozenset()
        self.ended: tuple[str, Mark] | None = None
        self.opening: Opening | None = None
        """What this side's first bytes were, once enough of them were looked at."""

    # ---- pieces in --------------------------------------------------------------------------
    def put(self, data: bytes, mark: Mark) -> bool:
        """Queue bytes; what comes when too much waits becomes a gap. False where
        they were only more of a body, so that nothing new can be read.
        """
        body = self._body
        is_reading = body is not None and not self._queue and not self.lost
        is_reading = is_reading and len(self.body_start) >= _BODY_START
        if is_reading and body is not None and body.swallow(len(data)):
            self.offset += len(data)
            return False
        is_spent = bool(self._budget and self._budget.is_spent)
        if self.queued > self._limits.waiting or len(self._queue) >= MOST_PIECES or is_spent:
            self.limits_hit |= {"total-waiting" if is_spent else "waiting"}
            self.put_gap(len(data), mark)
        else:
            self._queue.append((data, mark))
            self.queued += len(data)
        return True

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

    # ---- heads out --------------------------------------------------------------------------
    def begin_body(self, length: int | Framing) -> None:
        """What follows the head just read."""
        self._body = Body(length) if length else None
        self.body_start = b""

    def restart(self) -> None:
        """What follows is a new connection inside this one (RFC 9110 9.3.6, CONNECT)."""
        self.opening = None
        self._proxied = False
        self._body = None

    def next_head(self) -> Head | None:
        """The next head, as soon as it is whole or cannot become so any more."""
        while not self.lost and self._skip_body() and self._open():
            piece, mark = self._queue[0]
            head = self._collect(piece, mark) if isinstance(piece, bytes) else self._cut()
            if head is not None:
                return head
        if self.is_at_end and not self.lost:
            return self._cut()
        return None

    def look(self) -> None:
        """Step over the rest of a body; at the very beginning, see what this side opens with."""
        if not self.lost and self._skip_body():
            self._open()

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
    def is_proxied(self) -> bool:
        """A PROXY header stood in front of this side's first head."""
        return self._proxied

    @property
    def is_at_end(self) -> bool:
        """Everything was read and nothing more will come."""
        return self.ended is not None and not self._queue

    @property
    def is_begun(self) -> bool:
        """Something waits that was not read yet."""
        return bool(self._queue)

    @property
    def is_in_body(self) -> bool:
        """The body of the head read last goes on."""
        return self._body is not None and not self._body.done

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

    # ---- inside -----------------------------------------------------------------------------
    def _skip_body(self) -> bool:
        """Whether a head may begin, or go on, at the front of the queue."""
        while self._queue:
            if self._body is None or self._body.done:
                return True
            piece, _ = self._queue[0]
            if isinstance(piece, bytes):
                start, stop = self._at, self._body.skip(piece, self._at)
                self.body_start += piece[start:stop][: _BODY_START - len(self.body_start)]
                self._advance(piece, stop)
                self.lost = self._body.lost
            elif self._body.skip_gap(piece):
                self._queue.popleft()
                self.offset += piece or 0
            else:
                self.lost = True
            if self.lost:
                return False
        return False

    def _open(self) -> bool:
        """Whether it is known what this side opens with; a PROXY header is stepped over."""
        if self.opening is not None:
            return True
        data = self.peek(OPENING_BYTES)
        opening = recognise(data)
        if opening is Opening.PROXY:
            length = 0 if self._proxied else proxy_header_length(data)
            if length:
                self._proxied = True
                self._body = Body(length)
                return self._skip_body() and self._open()
            opening = None if length is None else Opening.OTHER
        if opening is None:
            if any(not isinstance(piece, bytes) for piece, _ in self._queue):
                self.lost = True
            elif self.ended is not None or len(data) == OPENING_BYTES:
                opening = Opening.OTHER
        self.opening = opening
        return opening is not None

    def _collect(self, piece: bytes, mark: Mark) -> Head | None:
        """Take bytes of a head from the first piece; the head once its empty line is there."""
        if not self._head:
            # RFC 9112 2.2: empty lines before a start line are to be ignored.
            start = self._at
            while piece[start : start + 1] in {b"\r", b"\n"}:
                start += 1
            self._advance(piece, start)
            if start == len(piece):
                return None
            self.head_mark = mark
            if whole := HEAD_END.search(piece, start, start + self._limits.head):
                self._advance(piece, whole.end())
                return self._parse(piece[start : whole.end()])
        known = len(self._head)
        stop = self._at + self._limits.head - known
        self._head += piece[self._at : stop]
        found = HEAD_END.search(self._head, max(0, known - 3))
        if found is None:
            self._advance(piece, self._at + len(self._head) - known)
            if len(self._head) < self._limits.head:
                return None
            self.limits_hit |= {"head"}
            return self._cut()
        self._advance(piece, self._at + found.end() - known)
        del self._head[found.end() :]
        return self._parse(bytes(self._head))

    def _advance(self, piece: bytes, to: int) -> None:
        self.offset += to - self._at
        self._at = to
        if to == len(piece):
            self._queue.popleft()
            self.queued -= to
            self._at = 0

    def _parse(self, data: bytes) -> Head:
        """The whole head `data`, which was just read."""
        offset = self.offset - len(data)
        head = head_like(data, self.side, offset, self.head_mark, self._limits)
        self._head.clear()
        if not head.complete:
            self.limits_hit |= {"fields"}
        return head

    def _cut(self) -> Head | None:
        """The head as far as it came; where the next one begins cannot be known."""
        self.lost = True
        data = bytes(self._head)
        self._head.clear()
        if not data:
            return None
        return parse_head(data, self.side, self.offset - len(data), self.head_mark, self._limits)
