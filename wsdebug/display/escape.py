r"""How bytes and text from the wire are shown: nothing in them can steer a terminal or a reader.

Control characters (C0, DEL, C1), format characters (bidi controls, zero-width ones), line and
paragraph separators, lone surrogates and bytes that are no UTF-8 are written as `\xNN`, byte by
byte. Printable text stays as it is, a backslash too, so that what was made safe once stays as it
is when another room makes it safe again.
"""

from __future__ import annotations

import unicodedata

ELLIPSIS = "…"

# Cc: C0, DEL and C1. Cf: bidi controls, zero-width, soft hyphen. Cs: lone surrogates. Zl, Zp: the
# separators that some terminals break a line at. Co, Cn: what a font may draw as anything.
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp", "Co", "Cn"})


def printable(raw: bytes | bytearray | memoryview | str, limit: int | None = None) -> str:
    """`raw` as safe text; beyond `limit` characters it is cut and ends in an ellipsis."""
    return _shown(raw, limit, ascii_only=False)


def printable_ascii(raw: bytes | bytearray | memoryview | str, limit: int | None = None) -> str:
    r"""The same in ASCII alone: every byte above 7E is written `\\xNN`, a cut ends in `...`."""
    return _shown(raw, limit, ascii_only=True)


def _shown(
    raw: bytes | bytearray | memoryview | str, limit: int | None, *, ascii_only: bool
) -> str:
    # No character is shown by fewer bytes than it has, and none has more than four: a part of
    # the input that surely overfills the limit is enough.
    if isinstance(raw, str):
        text = raw if limit is None else raw[: limit + 1]
    else:
        text = bytes(raw if limit is None else raw[: 4 * limit + 4]).decode(
            errors="surrogateescape"
        )
    if not (text.isascii() and text.isprintable()):
        text = "".join(_safe(character, ascii_only) for character in text)
    if limit is None or len(text) <= limit:
        return text
    mark = "..." if ascii_only else ELLIPSIS
    return text[: max(limit - len(mark), 0)] + mark[:limit]


def _safe(character: str, ascii_only: bool) -> str:
    if character.isascii() and character.isprintable():
        return character
    if not ascii_only and unicodedata.category(character) not in _HIDDEN:
        return character
    if "\udc80" <= character <= "\udcff":  # a byte that is no UTF-8, kept by surrogateescape
        return f"\\x{ord(character) - 0xDC00:02x}"
    return "".join(f"\\x{byte:02x}" for byte in character.encode(errors="surrogatepass"))
