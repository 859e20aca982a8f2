"""Bytes at a frame border that are no frame: stepped over up to where frames begin again.

A run is one fact however many pieces it has. A piece with a length of its own (an HTTP response, a
TLS record) is believed; behind text and zeros frames must show that they are frames; failing
that, each place is tried and must give 20 bits of evidence more than the search is long.
"""

from __future__ import annotations

import enum
import math
import re
from functools import lru_cache
from typing import NamedTuple

from wsdebug.http import Body
from wsdebug.model.facts import Foreign
from wsdebug.model.handshake import Agreed, Head, SecondAnswer
from wsdebug.model.limits import Limits
from wsdebug.model.place import Mark, Part, Side, Span
from wsdebug.protocol import header as head_of
from wsdebug.protocol.borders import Shape, chain, manner_of
from wsdebug.protocol.header import faults_of_bits
from wsdebug.protocol.signatures import (
    Piece,
    exact_piece,
    is_tls_record,
    loose_piece,
    signature_at,
)

PREVIEW = 1_024
"""Bytes kept of a run: the head of an error page, and what it says went wrong."""
BEFORE = 2_048
"""Bytes kept of what came in one piece with a run, before it: a length that was too small, or a
second writer, shows there. How much it is depends on the segments, so it is no fact."""
_AFTER_EXACT = 4.0
"""Bits wanted behind a piece that says where it ends: one header."""
_AFTER_LOOSE = 9.0
"""Bits wanted where text or zeros end: one header and a little more."""
_SEARCHED = 20.0
_OWN_WORD = 16
"""Bytes of text that say what a run is, even if it goes on otherwise."""


class _State(enum.Enum):
    PIECE = 0
    BODY = 1
    BORDER = 2
    SEARCH = 3


class Step(NamedTuple):
    """How far a run was followed. `found`: frames begin at `at`. Else more is wanted, and there
    is nothing to do before `need` bytes are there.
    """

    at: int
    found: bool
    need: int = 0


class ForeignRun:
    """A run of foreign bytes that began at `offset`."""

    __slots__ = (
        "_body", "_limits", "_state", "answer", "base", "before", "first", "head", "kind", "length",
        "mark", "offset", "preview",
    )  # fmt: skip

    def __init__(self, offset: int, mark: Mark, base: int, limits: Limits) -> None:
        self.offset = offset
        self.mark = mark
        self.base = base
        """Offset of the side's first frame in its TCP stream."""
        self.kind = ""
        self.length = 0
        self.preview = bytearray()
        self.answer: Head | None = None
        """The run is a further 101."""
        self.before = b""
        """What stands before it, as far as it came with it."""
        self.head: Head | None = None
        """Of the HTTP message that the run begins with."""
        self._body: Body | None = None
        self._limits = limits
        self._state = _State.PIECE

    def fact(
        self, side: Side, agreed: Agreed, frame: int, after_close: bool, *, in_message: bool
    ) -> Foreign | SecondAnswer:
        """The run as a fact; `frame` is the number the next frame will have."""
        packet, time, _ = self.mark
        span = Span(side, Part.STREAM, self.offset, self.length, packet, time)
        if self.answer is not None:
            return SecondAnswer(span, self.answer)
        preview = bytes(self.preview)
        header = int.from_bytes(preview[:2].ljust(2, b"\0"), "big")
        return Foreign(
            span,
            self.kind,
            preview,
            header,
            agreed,
            after_close,
            in_message,
            frame,
            self.head,
        )

    def skip_gap(self, length: int | None) -> bool:
        """Whether `length` missing bytes lie within a body whose end is known."""
        if self._body is None or not self._body.skip_gap(length):
            return False
        self.length += length or 0
        return True

    def follow(self, data: bytes | bytearray, at: int, shape: Shape, end: float | None) -> Step:
        """Go on from `at`, the run's next byte; `end` as for `chain`."""
        while True:
            if self._state is _State.PIECE:
                step = self._piece(data, at, shape, end)
            elif self._state is _State.BODY:
                step = self._skip_body(data, at)
            elif self._state is _State.BORDER:
                step = self._border(data, at, shape, end)
            else:
                step = self._search(data, at, shape, end)
            if step.found or step.need or step.at >= len(data):
                return step
            at = step.at

    def _take(self, data: bytes | bytearray, at: int, to: int) -> int:
        if len(self.preview) < PREVIEW:
            self.preview += data[at : min(to, at + PREVIEW - len(self.preview))]
        self.length += to - at
        return to

    def _rest(self, data: bytes | bytearray, at: int) -> Step:
        return Step(self._take(data, at, len(data)), found=False)

    def _piece(self, data: bytes | bytearray, at: int, shape: Shape, end: float | None) -> Step:
        piece = self._read_piece(data, at, shape, is_over=end is not None)
        if piece is None:
            self.kind = self.kind or "unknown"
            self._state = _State.SEARCH
            return Step(at, found=False)
        if piece.length is None:
            self.kind = self.kind or (piece.kind if end is not None else "")
            return Step(at, False, piece.need) if end is None else self._rest(data, at)
        is_first = not self.kind
        if piece.is_exact:
            self.kind = self.kind or piece.kind
            self._body = piece.body
            self.head = piece.head if is_first else self.head
            self._state = _State.BODY
            if is_first and piece.head is not None and piece.head.status == 101:
                self.answer = piece.head
                return Step(self._take(data, at, at + piece.length), found=True)
            return Step(self._take(data, at, at + piece.length), found=False)
        return self._behind_loose(data, at, piece, shape, end)

    def _read_piece(
        self, data: bytes | bytearray, at: int, shape: Shape, *, is_over: bool
    ) -> Piece | None:
        kind = signature_at(data, at)
        if kind == "" and not is_over:
            return Piece("", None, need=len(data) + 1)
        if not kind and self.kind == "tls-record" and is_tls_record(data, at):
            kind = "tls-record"
        if kind:
            offset = self.base + self.offset + self.length
            limits = self._limits
            piece = exact_piece(kind, data, at, shape.side, offset, self.mark, limits)
            if piece is not None:
                return piece
        return loose_piece(data, at, is_over=is_over, reach=self._limits.look_ahead)

    def _behind_loose(
        self, data: bytes | bytearray, at: int, piece: Piece, shape: Shape, end: float | None
    ) -> Step:
        """Text and zeros end where a frame begins, or it was a mere coincidence."""
        assert piece.length is not None
        stop = at + piece.length
        is_end = stop == len(data)
        if not is_end or end is None:
            reach = self._limits.look_ahead
            verdict = chain(data, stop, shape, _AFTER_LOOSE, end=end, reach=reach, again=data[at])
            if verdict.ok is None:
                return Step(at, False, verdict.need)
            signature = None if verdict.ok else signature_at(data, stop)
            if signature == "" and end is None:
                return Step(at, False, len(data) + 1)
            if not verdict.ok and not signature:
                is_named = piece.length >= _OWN_WORD
                self.kind = self.kind or (piece.kind if is_named else "unknown")
                self._state = _State.SEARCH
                return Step(self._take(data, at, at + 1), found=False)
            self.kind = self.kind or piece.kind
            return Step(self._take(data, at, stop), found=bool(verdict.ok))
        self.kind = self.kind or piece.kind
        return Step(self._take(data, at, stop), found=False)

    def _skip_body(self, data: bytes | bytearray, at: int) -> Step:
        body = self._body
        if body is not None:
            at = self._take(data, at, body.skip(bytes(data), at))
            if not body.done and not body.lost:
                return Step(at, found=False)
        self._body = None
        self._state = _State.BORDER
        return Step(at, found=False)

    def _border(self, data: bytes | bytearray, at: int, shape: Shape, end: float | None) -> Step:
        reach = self._limits.look_ahead
        verdict = chain(data, at, shape, _AFTER_EXACT, end=end, reach=reach)
        if verdict.ok is None:
            return Step(at, False, verdict.need)
        if not verdict.ok:
            self._state = _State.PIECE
        return Step(at, bool(verdict.ok))

    def _search(self, data: bytes | bytearray, at: int, shape: Shape, end: float | None) -> Step:
        candidates = _first_bytes(shape)
        while (found := candidates.search(data, at)) is not None:
            at = self._take(data, at, found.start())
            want = _SEARCHED + math.log2(self.length + 1)
            verdict = chain(data, at, shape, want, end=end, reach=self._limits.look_ahead)
            if verdict.ok is None:
                return Step(at, False, verdict.need)
            if verdict.ok:
                return Step(at, found=True)
            at = self._take(data, at, at + 1)
        return self._rest(data, at)


@lru_cache(maxsize=64)
def _first_bytes(shape: Shape) -> re.Pattern[bytes]:
    """Finds bytes that a frame of that shape may begin with."""
    legal = []
    for byte in range(256):
        # Whether the mask bit is right stands in the second byte.
        faults = faults_of_bits(byte << 8, shape.side, shape.agreed) & head_of.DOUBTFUL
        if not faults or manner_of(byte << 8, faults) in shape.manners:
            legal.append(byte)
    return re.compile(b"[" + b"".join(re.escape(bytes((byte,))) for byte in legal) + b"]")
