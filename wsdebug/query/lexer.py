"""A filter cut into words, strings, patterns and signs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from wsdebug.query.errors import QueryError

LONGEST = 10_000
"""Characters of a filter."""

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
    | (?P<regex>/(?:[^/\\]|\\.)+/)
    | (?P<sign>==|!=|<=|>=|&&|\|\||[<>!(){},~=&|])
    | (?P<word>(?:[^\s"'/(){},!=<>&|~\[\]]|(?<=\S)(?<![(){},!=<>&|~])/
               |\[\d{1,9}\]|\["(?:[^"\\]|\\.)*"\])+)
    )""",
    re.VERBOSE | re.DOTALL,
)
_WORDS = {
    "and": "&&", "or": "||", "not": "!", "eq": "==", "ne": "!=", "lt": "<", "le": "<=", "gt": ">",
    "ge": ">=", "~": "matches", "contains": "contains", "matches": "matches", "in": "in",
}  # fmt: skip
_SAID = {"&&": "and", "||": "or", "!": "not", "matches": "matches"}


class Token(NamedTuple):
    """`kind`: string, regex, word, sign or end. `sign` is the operator that a sign or a word
    means, empty for others; `text` as written.
    """

    kind: str
    text: str
    at: int
    sign: str = ""

    @property
    def length(self) -> int:
        """Characters; 1 for the end, so that there is something to point at."""
        return max(1, len(self.text))


def tokens(text: str) -> Iterator[Token]:
    """The tokens of a filter, the end among them."""
    if len(text) > LONGEST:
        raise QueryError(f"The filter is longer than {LONGEST} characters.", LONGEST, 1)
    at, size = 0, len(text.rstrip())
    while at < size:
        found = _TOKEN.match(text, at)
        if found is None:
            raise _unreadable(text, at)
        kind = str(found.lastgroup)
        start, at = found.span(kind)
        word = text[start:at]
        sign = _WORDS.get(word.lower(), word if kind == "sign" else "")
        yield Token("sign" if sign and kind != "string" else kind, word, start, sign)
    yield Token("end", "", size)


def _unreadable(text: str, at: int) -> QueryError:
    while text[at].isspace():
        at += 1
    if text[at] in "\"'":
        return QueryError("The string has no end.", at, len(text) - at, f"Close it with {text[at]}")
    if text[at] == "/":
        hint = 'Close it with / or write a path in quotes: path == "/live"'
        return QueryError("The pattern has no end.", at, len(text) - at, hint)
    return QueryError(f'"{text[at]}" has no meaning here.', at, 1, "Put text in quotes.")


def unquoted(token: Token, *, pattern: bool = False) -> str:
    r"""What a string says. `\"`, `\\`, `\n`, `\r`, `\t`, `\0`, `\xNN` and `\uNNNN` are single
    characters, any other backslash stays. In a pattern all stay but the one before the quote.
    """
    if token.kind == "word":
        return token.text
    quote, inner = token.text[0], token.text[1:-1]
    if pattern:
        return inner.replace("\\" + quote, quote)
    return _ESCAPE.sub(_escaped, inner)


_ESCAPE = re.compile(r"\\(?:x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|([\"'\\nrt0/]))")
_SINGLE = {"n": "\n", "r": "\r", "t": "\t", "0": "\0"}


def _escaped(found: re.Match[str]) -> str:
    code = found[1] or found[2]
    return chr(int(code, 16)) if code else _SINGLE.get(found[3], found[3])


def said(sign: str) -> str:
    """An operator as a word of a sentence."""
    return _SAID.get(sign, sign)
