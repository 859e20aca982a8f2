"""What bytes at a frame border are when they are no frame, and how far each such piece goes."""

from __future__ import annotations

import re
from typing import NamedTuple

from wsdebug.http import HEAD_END, Body, Framing, body_length, parse_head, proxy_header_length
from wsdebug.http.recognise import METHODS, PROXY_V2
from wsdebug.model.handshake import Head
from wsdebug.model.limits import Limits
from wsdebug.model.place import Mark, Side

_FIXED = {
    b"HTTP/1.": "http-response",
    b"PRI * HTTP/2": "http-request",
    b"PROXY ": "proxy-header",
    PROXY_V2: "proxy-header",
    b"SSH-": "ssh-banner",
    **{f"{method} ".encode(): "http-request" for method in METHODS},
    # RFC 8446 5.1: a TLS record that carries a handshake, and its version.
    **{bytes((0x16, 3, minor)): "tls-record" for minor in range(5)},
}
_LONGEST = max(map(len, _FIXED))
_BEGINNINGS = {signature[:n] for signature in _FIXED for n in range(1, len(signature))}
FIRST_BYTES = frozenset(signature[0] for signature in _FIXED)
"""With which a fixed signature may begin."""
_TLS_HEADER = 5
_SSH_LINE = 255
_ZEROS = re.compile(rb"\x00+")
_TEXT = re.compile(rb"[\t\n\r\x20-\x7e\x80-\xff]+")
_CHUNK_SIZE = re.compile(rb"(?:\r\n)?[0-9A-Fa-f]{1,8}(?:;[^\r\n]*)?\r\n")


class Piece(NamedTuple):
    """A piece of foreign bytes. `length` None: it cannot be told before `need` bytes are there.
    `is_exact`: the piece says itself where it ends. `body` is to be stepped over behind it.
    """

    kind: str
    length: int | None
    is_exact: bool = True
    need: int = 0
    body: Body | None = None
    head: Head | None = None


def signature_at(data: bytes | bytearray, at: int) -> str | None:
    """The kind whose fixed signature stands at `at`; "" while the bytes are too few to tell."""
    if data[at] not in FIRST_BYTES:
        return None
    start = bytes(data[at : at + _LONGEST])
    if start in _BEGINNINGS:
        return ""
    for signature, kind in _FIXED.items():
        if start.startswith(signature):
            return kind
    return None


def is_tls_record(data: bytes | bytearray, at: int) -> bool:
    """Whether a TLS record of any kind begins there; for the records behind the first."""
    start = data[at : at + 3]
    return len(start) == 3 and 0x14 <= start[0] <= 0x17 and start[1] == 3 and start[2] <= 4


def exact_piece(
    kind: str, data: bytes | bytearray, at: int, side: Side, offset: int, mark: Mark, limits: Limits
) -> Piece | None:
    """The piece of that signature's kind; None where it turns out to be none."""
    if kind in ("http-response", "http-request"):
        return _http_piece(kind, data, at, side, offset, mark, limits)
    if kind == "proxy-header":
        length = proxy_header_length(bytes(data[at : at + 128]))
        if length is None:
            return Piece(kind, None, need=len(data) + 1)
        return Piece(kind, 0, body=Body(length)) if length else None
    if kind == "tls-record":
        if len(data) - at < _TLS_HEADER:
            return Piece(kind, None, need=at + _TLS_HEADER)
        length = int.from_bytes(data[at + 3 : at + 5], "big")
        return Piece(kind, _TLS_HEADER, body=Body(length))
    end = data.find(b"\n", at, at + _SSH_LINE)
    if end < 0:
        return Piece(kind, None, need=len(data) + 1) if len(data) - at < _SSH_LINE else None
    return Piece(kind, end + 1 - at)


def _http_piece(
    kind: str, data: bytes | bytearray, at: int, side: Side, offset: int, mark: Mark, limits: Limits
) -> Piece | None:
    found = HEAD_END.search(data, at, at + limits.head)
    if found is None:
        if len(data) - at < limits.head:
            return Piece(kind, None, need=len(data) + max(1, (len(data) - at) // 8))
        return None
    head = parse_head(bytes(data[at : found.end()]), side, offset, mark, limits)
    length = 0 if head.status == 101 else body_length(head)
    # Frames may follow a page that was to end with the connection: its text is stepped over.
    body = None if length is Framing.UNTIL_CLOSE else Body(length)
    return Piece(kind, found.end() - at, body=body, head=head)


def loose_piece(data: bytes | bytearray, at: int, *, is_over: bool, reach: int) -> Piece | None:
    """The run of zeros or of text at `at`, as long as it goes on within `reach` bytes."""
    stop = min(len(data), at + reach)
    zeros = _ZEROS.match(data, at, stop)
    if zeros is not None and zeros.end() - at >= 2:
        end, kind = zeros.end(), "zeros"
    else:
        text = _TEXT.match(data, at, stop)
        if text is None:
            return None
        end, kind = _text_end(bytes(text[0])) + at, ""
    if end == at:
        return None
    if _may_go_on(data, end, stop) and not is_over and stop < at + reach:
        return Piece(kind, None, need=stop + max(1, (stop - at) // 8))
    return Piece(kind or _text_kind(bytes(data[at:end])), end - at, is_exact=False)


def _may_go_on(data: bytes | bytearray, end: int, stop: int) -> bool:
    """Whether the run ends only because the data does, perhaps within a character."""
    return end == stop or (stop - end < 4 and data[end] >= 0xC2)


def _text_end(text: bytes) -> int:
    try:
        str(text, "utf-8")
    except UnicodeDecodeError as error:
        return error.start
    return len(text)


def _text_kind(text: bytes) -> str:
    if not text.strip(b"\r\n"):
        return "newline"
    if _CHUNK_SIZE.fullmatch(text):
        return "chunk-size"
    core = text.strip()
    if core[:1] + core[-1:] in (b"{}", b"[]"):
        return "json"
    return "text"
