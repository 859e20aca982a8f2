"""What the first bytes of one side of a TCP connection are.

Only the first four bytes decide between request, response and the rest, so that the answer does
not depend on how the bytes were cut into segments.
"""

from __future__ import annotations

import enum

# RFC 9110 9.3, RFC 5789, and the WebDAV methods (RFC 4918, 3253, 5323) that share connections.
METHODS = (
    *("GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"),
    *("PROPFIND", "PROPPATCH", "MKCOL", "COPY", "MOVE", "LOCK", "UNLOCK", "SEARCH"),
    *("REPORT", "MERGE", "CHECKOUT", "MKACTIVITY", "PURGE", "LINK", "UNLINK", "QUERY"),
)

PROXY_V2 = b"\r\n\r\n\x00\r\nQUIT\n"
"""The twelve bytes that begin a binary PROXY protocol header (haproxy proxy-protocol.txt 2.2)."""
_PROXY_V1_LIMIT = 107
_PROXY_V2_FIXED = 16
OPENING_BYTES = 128
"""More than any form of opening needs to be told (PROXY v1 ends within 107)."""


class Opening(enum.Enum):
    """What a side begins with."""

    REQUEST = "http-request"
    RESPONSE = "http-response"
    PROXY = "proxy-header"
    HTTP2 = "http2-preface"
    OTHER = "other"


_SIGNATURES: dict[bytes, Opening] = {
    b"HTTP": Opening.RESPONSE,
    b"PROX": Opening.PROXY,
    b"PRI ": Opening.HTTP2,  # RFC 9113 3.4: PRI * HTTP/2.0
    **{f"{method} ".encode()[:4]: Opening.REQUEST for method in METHODS},
}
_UNDECIDED = {signature[:n] for signature in _SIGNATURES for n in range(4)}


def recognise(data: bytes) -> Opening | None:
    """The kind of opening, or None while the bytes are too few to tell."""
    if PROXY_V2.startswith(data[:12]):
        return Opening.PROXY if len(data) >= 12 else None
    # RFC 9112 2.2: empty lines before a start line are to be ignored.
    start = data.lstrip(b"\r\n")[:4].upper()
    if len(start) < 4:
        return None if start in _UNDECIDED else Opening.OTHER
    return _SIGNATURES.get(start, Opening.OTHER)


def starts_like_request(data: bytes) -> bool:
    """Whether `data` is, or as far as it goes may be, the beginning of a request line."""
    return _starts_like(data, Opening.REQUEST)


def starts_like_response(data: bytes) -> bool:
    """Whether `data` is, or as far as it goes may be, the beginning of a status line."""
    return _starts_like(data, Opening.RESPONSE)


def _starts_like(data: bytes, kind: Opening) -> bool:
    start = data[:4].upper()
    if len(start) == 4:
        return _SIGNATURES.get(start) is kind
    return any(known.startswith(start) for known, its in _SIGNATURES.items() if its is kind)


def opens_like_client(data: bytes) -> bool:
    """Whether a client may open an HTTP connection so: request, PROXY header, empty lines, the
    preface of HTTP/2.
    """
    return recognise(data) in {Opening.REQUEST, Opening.PROXY, Opening.HTTP2, None}


def proxy_header_length(data: bytes) -> int | None:
    """Bytes of the PROXY protocol header that `data` begins with: 0 if it is none after all,
    None while too few are there to tell (haproxy proxy-protocol.txt 2.1, 2.2).
    """
    if data.startswith(PROXY_V2):
        if len(data) < _PROXY_V2_FIXED:
            return None
        return _PROXY_V2_FIXED + int.from_bytes(data[14:16], "big")
    end = data.find(b"\n", 0, _PROXY_V1_LIMIT)
    if end < 0:
        return None if len(data) < _PROXY_V1_LIMIT else 0
    return end + 1 if data.startswith(b"PROXY ") else 0
