"""Whether bytes that are no frame are the rest of the frame before: what its length left out, or
what a second writer pushed out of it.

Both leave a mark that chance does not: the run is exactly as long as what is too much in the frame.
"""

from __future__ import annotations

from collections.abc import Iterator

from wsdebug.model.facts import Foreign
from wsdebug.model.place import Side
from wsdebug.protocol.header import Header, header_at

_TEXT = 0x81
_FEWEST = 6
"""Bytes of a whole frame inside another that can be no chance."""


def overrun(foreign: Foreign, before: bytes) -> dict[str, object]:
    """`overrun`: `before` is what came with it, before it. "characters" where the frame before has
    the length of its characters instead of its bytes, "frame" where a whole frame of another writer
    stands inside it. Empty where neither.
    """
    rest = foreign.preview
    if len(rest) < foreign.span.length or not rest:
        return {}
    for at, header in _frames_to_the_end(before, foreign.span.side):
        body = before[at + header.size :]
        if header.opcode == 1 and _counts_characters(header, body, rest):
            return {"overrun": "characters"}
        if _holds_a_frame(body, len(rest), foreign.span.side):
            return {"overrun": "frame"}
    return {}


def _frames_to_the_end(data: bytes, side: Side) -> Iterator[tuple[int, Header]]:
    """Every header in `data` whose frame ends where `data` does."""
    for at in range(len(data) - 1):
        if data[at] & 0x70 or data[at] & 0x0F > 10:
            continue
        header = header_at(data, at)
        if header is None or (header.key is not None) is not (side is Side.CLIENT):
            continue
        if at + header.size + header.length == len(data):
            yield at, header


def _counts_characters(header: Header, body: bytes, rest: bytes) -> bool:
    """RFC 6455 5.2: the length counts bytes. Here it counts characters, or UTF-16 units as
    JavaScript does; the key goes on behind the declared end.
    """
    whole = body + rest
    if header.key is not None:
        key = header.key
        whole = bytes(byte ^ key[at % 4] for at, byte in enumerate(whole))
    try:
        text = whole.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return header.length in (len(text), len(text.encode("utf-16-le")) // 2)


def _holds_a_frame(body: bytes, length: int, side: Side) -> bool:
    """Whether a whole text frame of `length` bytes stands inside `body`, raw as it was written."""
    if length < _FEWEST:
        return False
    at = body.find(_TEXT, 1)
    while at >= 0:
        header, stop = header_at(body, at), at + length
        fits = header is not None and header.size + header.length == length and stop <= len(body)
        if header is not None and fits and _is_text(header, body[at:stop], side):
            return True
        at = body.find(_TEXT, at + 1)
    return False


def _is_text(header: Header, frame: bytes, side: Side) -> bool:
    if (header.key is not None) is not (side is Side.CLIENT):
        return False
    body = frame[header.size :]
    if header.key is not None:
        body = bytes(byte ^ header.key[at % 4] for at, byte in enumerate(body))
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
