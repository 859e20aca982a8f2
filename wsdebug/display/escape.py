r"""How bytes and text from the wire are shown: nothing in them can steer a terminal or a reader.

Control characters (C0, DEL, C1), format characters (bidi controls, zero-width ones), separators
but the plain space, lone surrogates, unassigned characters and bytes that are no UTF-8 are written
as `\xNN`, byte by byte. Printable text stays as it is, a backslash too, so that what was made safe
once stays as it is when another room makes it safe again.
"""

from __future__ import annotations

from functools import lru_cache

ELLIPSIS = "…"

Raw = bytes | bytearray | memoryview | str


def printable(raw: Raw, limit: int | None = None) -> str:
    """`raw` as safe text; beyond `limit` characters it is cut and ends in an ellipsis."""
    # Nearly every header value and name comes back as it is.
    if limit is None and isinstance(raw, str) and raw.isprintable():
        return raw
    text = _text(raw, limit)
    # str.isprintable is False for all of Unicode's "other" and "separator" classes but the space.
    if not text.isprintable():
        text = "".join(map(_safe, text))
    if limit is None or len(text) <= limit:
        return text
    return text[: max(limit - 1, 0)] + ELLIPSIS[:limit]


def in_ascii(text: str) -> str:
    r"""Safe text without a character beyond ASCII: those are written `\uNNNN`, never `\xNN`, which
    is a byte.
    """
    if text.isascii():
        return text
    return "".join(each if each.isascii() else _spelt(ord(each)) for each in text)


def _spelt(code: int) -> str:
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _text(raw: Raw, limit: int | None) -> str:
    """The input as text, or as much of it as surely overfills the limit: no character is shown
    shorter than one and none has more than four bytes.
    """
    if isinstance(raw, str):
        return raw if limit is None else raw[: limit + 1]
    part = raw if limit is None else raw[: 4 * limit + 4]
    return bytes(part).decode(errors="surrogateescape")


@lru_cache(maxsize=1024)
def _safe(character: str) -> str:
    """A payload repeats few characters: each is worked out once."""
    if character.isprintable():
        return character
    if "\udc80" <= character <= "\udcff":  # a byte that is no UTF-8, kept by surrogateescape
        return f"\\x{ord(character) - 0xDC00:02x}"
    return "".join(f"\\x{byte:02x}" for byte in character.encode(errors="surrogatepass"))
