"""The header blocks of one side: put together, and read with HPACK (RFC 9113 4.3, RFC 7541)."""

from __future__ import annotations

import hpack
from hyperframe.exceptions import HyperframeError
from hyperframe.frame import Frame, HeadersFrame, PushPromiseFrame

from wsdebug.http.http2.events import Fields
from wsdebug.http.http2.framing import MOST_BODY, Piece
from wsdebug.http.http2.header import CONTINUATION, END_HEADERS, END_STREAM, HEADERS, PUSH_PROMISE
from wsdebug.model.limits import Limits
from wsdebug.model.place import Mark

BLOCK_TYPES = frozenset({HEADERS, PUSH_PROMISE, CONTINUATION})
_MOST_TABLE = 1 << 16
"""Bytes of the dynamic table: what browsers announce."""


class Block:
    """A header block on its way. `fields` None: it cannot be read."""

    __slots__ = (
        "data", "ends_stream", "fields", "is_promise", "mark", "offset", "reached", "stream",
    )  # fmt: skip

    def __init__(self, piece: Piece) -> None:
        header = piece.header
        self.stream = header.stream
        self.is_promise = header.type == PUSH_PROMISE
        self.ends_stream = header.type == HEADERS and bool(header.flags & END_STREAM)
        self.offset, self.reached = piece.offset, piece.reached
        self.mark: Mark = piece.mark
        self.data = b""
        self.fields: Fields | None = None


class HeaderBlocks:
    """`is_known` False: a block was missed, and later ones refer to what stood in it."""

    def __init__(self, limits: Limits, *, is_start: bool) -> None:
        self.is_known = is_start
        self._decoder = hpack.Decoder(max_header_list_size=limits.head)
        self._decoder.max_allowed_table_size = _MOST_TABLE
        self._open: Block | None = None
        self._most_fields = limits.fields

    def lose(self) -> None:
        """A part of a block may lie in what the capture lacks."""
        self.is_known = False
        self._open = None

    def take(self, piece: Piece) -> Block | None:
        """The next HEADERS, PUSH_PROMISE or CONTINUATION; a block once it is whole."""
        part = _fragment(piece)
        is_more = piece.header.type == CONTINUATION
        block = self._open if is_more else Block(piece)
        if part is None or block is None or len(block.data) + len(part) > MOST_BODY:
            self.lose()
            return None if is_more else block
        block.data += part
        block.reached = piece.reached
        self._open = block
        if not piece.header.flags & END_HEADERS:
            return None
        self._open = None
        block.fields = self._decoded(block.data)
        return block

    def _decoded(self, data: bytes) -> Fields | None:
        if not self.is_known:
            return None
        try:
            # Raw: names and values need not be UTF-8 (RFC 9110 5.5).
            found = list(self._decoder.decode(data, raw=True))
        except (hpack.HPACKError, ValueError, IndexError, OverflowError):
            self.is_known = False
            return None
        return tuple(
            (bytes(name).decode("latin-1"), bytes(value).decode("latin-1"))
            for name, value, *_ in found[: self._most_fields]
        )


def _fragment(piece: Piece) -> bytes | None:
    """The part of a block that a frame carries, without padding and priority; None: damaged."""
    if piece.body is None:
        return None
    if piece.header.type == CONTINUATION:
        return piece.body
    frame = parsed(piece)
    return frame.data if isinstance(frame, HeadersFrame | PushPromiseFrame) else None


def parsed(piece: Piece) -> Frame | None:
    """The frame as hyperframe reads it; None where it is damaged or missing."""
    body, header = piece.body, piece.header
    if body is None:
        return None
    head = len(body).to_bytes(3, "big") + bytes((header.type, header.flags))
    try:
        frame, _ = Frame.parse_frame_header(memoryview(head + header.stream.to_bytes(4, "big")))
        frame.parse_body(memoryview(body))
    except (HyperframeError, ValueError, IndexError):
        return None
    return frame
