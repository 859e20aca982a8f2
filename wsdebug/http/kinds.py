"""Heads of one kind are parsed once: those that are alike but for values drawn anew each time.

Clients of one program send the same request on every connection, with another Sec-WebSocket-Key,
and its server the same 101, with another Sec-WebSocket-Accept and another Date. What can be read
in such a head was read in the first of them; only the values are new.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from wsdebug.http.head import parse_head
from wsdebug.model.handshake import Field, Head, Kind
from wsdebug.model.limits import Limits
from wsdebug.model.place import Mark, Side

_KINDS = 256
_LONGEST = 4_096
"""Bytes of a head that is remembered."""
_FORMS = {
    "sec-websocket-key": "[A-Za-z0-9+/]{22}==",
    "sec-websocket-accept": "[A-Za-z0-9+/]{27}=",
    "date": r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT",
}
"""What `_DRAWN` asks of each value."""

# A whole line whose value has the one form and length that it always has (RFC 6455 4.1, 4.2.2: 16
# and 20 bytes in base64; RFC 9110 5.6.7: IMF-fixdate). A folded line goes on with a blank.
_DRAWN = re.compile(
    rb"(\r\n(?:"
    rb"[Ss]ec-[Ww]eb[Ss]ocket-[Kk]ey: (?=[A-Za-z0-9+/]{22}==\r)"
    rb"|[Ss]ec-[Ww]eb[Ss]ocket-[Aa]ccept: (?=[A-Za-z0-9+/]{27}=\r)"
    rb"|[Dd]ate: (?=[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT\r)"
    rb"))([^\r]+)(?=\r\n[^ \t])"
)


def head_like(data: bytes, side: Side, offset: int, mark: Mark, limits: Limits) -> Head:
    """As `parse_head`: the whole head `data`, as one of its kind."""
    if len(data) > _LONGEST:
        return parse_head(data, side, offset, mark, limits)
    parts = _DRAWN.split(data)
    values = parts[2::3]
    del parts[2::3]
    lengths = tuple(map(len, values))
    first = _first(tuple(parts), lengths, side, limits.head, limits.fields)
    if first is None:
        return parse_head(data, side, offset, mark, limits)
    return first.of_same_kind([value.decode("latin-1") for value in values], offset, mark)


@lru_cache(maxsize=_KINDS)
def _first(
    parts: tuple[bytes, ...], lengths: tuple[int, ...], side: Side, most: int, most_fields: int
) -> Head | None:
    """The first of the heads made of `parts`: text and name of a line in turn, a value behind each
    name. None where a name stands there twice.
    """
    text, places = parts[0], list[int]()
    for name, length, behind in zip(parts[1::2], lengths, parts[2::2], strict=True):
        places.append(len(text) + 2)  # behind CR LF
        text += name + b"A" * length + behind
    head = parse_head(text, side, limits=Limits(head=most, fields=most_fields))
    lines = {field.offset: index for index, field in enumerate(head.fields)}
    if any(at not in lines or len(head.all(head.fields[lines[at]].key)) > 1 for at in places):
        return None
    head.__dict__["kind"] = Kind(tuple(lines[at] for at in places), text)
    return head


class Alike:
    """Knows the heads of one kind by their bytes, at a small part of what reading them takes.

    Clients that put a token into their path make a kind each: only what lies between the first and
    the last of the values drawn is a regular expression, the same for nearly all kinds.
    """

    __slots__ = ("_begin", "_between", "_end", "_match", "length")

    def __init__(self, kind: Kind, fields: Sequence[Field]) -> None:
        """Of a kind with one value drawn at least."""
        text, form, at = kind.text, "", 0
        self.length = len(text)
        for index in kind.drawn:
            field = fields[index]
            start = field.offset + len(field.name) + 2  # ": "
            if form:
                form += re.escape(text[at:start].decode("latin-1"))
            else:
                self._begin = text[:start]
            form += f"({_FORMS[field.key]})"
            at = start + len(field.value)
        self._end = text[at:]
        self._between = slice(len(self._begin), at - len(text))
        self._match = re.compile(form, re.ASCII).fullmatch

    def values(self, data: bytes) -> tuple[str, ...] | None:
        """The values that are drawn, None where `data` is no head of this kind."""
        if not (data.startswith(self._begin) and data.endswith(self._end)):
            return None
        found = self._match(data[self._between].decode("latin-1"))
        return None if found is None else found.groups()
