"""One side of an HTTP/1 connection: queued pieces of its stream in, heads out.

Pieces stay queued, with their marks, until somebody asks for the next head: so bytes that may
turn out to be WebSocket frames are never touched, and `drain` hands them on as they came.
"""

from __future__ import annotations

from wsdebug.http.body import Body, Framing
from wsdebug.http.budget import Budget
from wsdebug.http.head import HEAD_END, parse_head
from wsdebug.http.kinds import head_like
from wsdebug.http.recognise import OPENING_BYTES, Opening, proxy_header_length, recognise
from wsdebug.http.waiting import Waiting
from wsdebug.model.handshake import Head
from wsdebug.model.limits import DEFAULT_LIMITS, Limits
from wsdebug.model.place import Mark, Side

_BODY_START = 256
"""Bytes of a body that are kept: an error page says in its first lines what is wrong."""


class Reader(Waiting):
    """Reads the heads of `side`. The caller says after each head how long its body is.

    `lost`: a gap or a limit hides where the next head begins, so none will be read any more.
    """

    __slots__ = ("_body", "_proxied", "body_start", "opening", "side")

    def __init__(
        self, side: Side, limits: Limits = DEFAULT_LIMITS, budget: Budget | None = None
    ) -> None:
        super().__init__(limits, budget)
        self.side = side
        self._body: Body | None = None
        self.body_start = b""
        """The first bytes of the body that came last."""
        self._proxied = False
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
        self._keep(data, mark)
        return True

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

    @property
    def is_proxied(self) -> bool:
        """A PROXY header stood in front of this side's first head."""
        return self._proxied

    @property
    def is_in_body(self) -> bool:
        """The body of the head read last goes on."""
        return self._body is not None and not self._body.done

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
