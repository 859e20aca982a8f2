"""The grammar, by recursive descent:

- either = both { ("or" | "||") both }
- both = one { ("and" | "&&") one }
- one = ("not" | "!") one | "(" either ")" | string | pattern
  | field [ operator value | ["not"] "in" "{" value { [","] value } "}" ]
- value = word | string; within braces a range too, `1000..1015`
"""

from __future__ import annotations

from typing import Any

from wsdebug.query.comparing import check, comparison, presence_of
from wsdebug.query.errors import QueryError, pointed
from wsdebug.query.field import Field, Getter
from wsdebug.query.fields import field_of, nearest
from wsdebug.query.filter import Filter
from wsdebug.query.json_path import getter, steps_of
from wsdebug.query.kinds import Kind, ValueFaultError
from wsdebug.query.lexer import Token, said, tokens, unquoted
from wsdebug.query.nodes import Both, Either, Node, Not, Term
from wsdebug.query.patterns import Pattern, PatternError

DEEPEST = 50
"""Parentheses and nots inside each other."""
MOST_TERMS = 200
"""Comparisons and values of sets."""
_OPERATORS = ("==", "!=", "<", "<=", ">", ">=", "contains", "matches")
_EXAMPLE = 'Write op == close, len > 64k, text contains "price" or "price" alone.'


def parse(text: str) -> Filter:
    """The filter that `text` says. Raises `QueryError` and nothing else."""
    try:
        return _Parser(text).filter()
    except QueryError as error:
        error.place = pointed(text, error)
        raise


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = tokens(text)
        self._next = next(self._tokens)
        self._depth = 0
        self._terms = 0
        self._patterns: list[Pattern] = []

    def filter(self) -> Filter:
        if self._next.kind == "end":
            raise QueryError("The filter is empty.", 0, 1, _EXAMPLE)
        node = self._either()
        if self._next.kind != "end":
            raise self._unexpected()
        return Filter(self._text, node, tuple(self._patterns))

    def _take(self) -> Token:
        token = self._next
        if token.kind != "end":
            self._next = next(self._tokens)
        return token

    def _takes(self, sign: str) -> bool:
        if self._next.sign != sign:
            return False
        self._take()
        return True

    # ---- and, or, not ----------------------------------------------------------------------
    def _either(self) -> Node:
        parts = [self._both()]
        while self._takes("||"):
            parts.append(self._both())
        return parts[0] if len(parts) == 1 else Either(tuple(parts))

    def _both(self) -> Node:
        parts = [self._one()]
        while self._takes("&&"):
            parts.append(self._one())
        return parts[0] if len(parts) == 1 else Both(tuple(parts))

    def _one(self) -> Node:
        token = self._next
        if token.sign == "!":
            self._take()
            self._enter(token)
            part = self._one()
            self._depth -= 1
            return Not(part)
        if token.sign == "(":
            self._take()
            self._enter(token)
            node = self._either()
            self._depth -= 1
            if not self._takes(")"):
                raise self._unexpected(f"The parenthesis at {token.at + 1} is not closed.")
            return node
        if token.kind in ("string", "regex"):
            return self._any_text()
        if token.kind != "word":
            raise self._unexpected("A field, a text or a parenthesis is missing here.")
        return self._comparison()

    def _enter(self, token: Token) -> None:
        self._depth += 1
        if self._depth > DEEPEST:
            raise QueryError(f"More than {DEEPEST} levels.", token.at, token.length)

    # ---- comparisons -----------------------------------------------------------------------
    def _any_text(self) -> Term:
        """A string or a pattern alone is looked for in any text."""
        token = self._take()
        self._count(token)
        field = field_of("text")
        assert field is not None
        if token.kind == "string":
            return Term(field, comparison(field.get, "contains", unquoted(token)))
        return Term(field, comparison(field.get, "matches", self._pattern(token)))

    def _comparison(self) -> Node:
        token = self._take()
        field, get = _field(token)
        null = field.name == "json"
        sign = self._next.sign
        if sign == "!":
            self._take()
            if self._next.sign != "in":
                raise self._unexpected("After a field, not goes with in.")
            return Not(self._membership(field, get, null))
        if sign == "in":
            return self._membership(field, get, null)
        if sign not in _OPERATORS:
            if sign == "=":
                raise self._unexpected('"=" is no operator - did you mean ==?')
            if self._next.kind in ("word", "string", "regex"):
                raise self._unexpected(f'An operator is missing behind "{token.text}".')
            self._count(token)
            return Term(field, presence_of(get, has_null=null))
        self._allow(field, sign)
        self._take()
        wanted = self._wanted(field, sign)
        return Term(field, comparison(get, sign, wanted, has_null=null))

    def _membership(self, field: Field, get: Getter, null: bool) -> Term:
        self._allow(field, "in")
        self._take()
        if not self._takes("{"):
            raise self._unexpected("Values in braces are missing here.", "Write in {ping pong}.")
        wanted: list[Any] = []
        while not self._takes("}"):
            if wanted and self._takes(","):
                continue
            wanted.append(self._element(field.kind))
        if not wanted:
            raise self._unexpected("The braces are empty.", "Write in {ping pong}.")
        return Term(field, comparison(get, "in", wanted, has_null=null))

    def _element(self, kind: Kind) -> Any:
        token = self._value_token()
        low, dots, high = token.text.partition("..")
        if dots and token.kind == "word" and kind.is_ordered:
            first = _value(kind, token._replace(text=low))
            last = _value(kind, token._replace(text=high, at=token.at + len(low) + 2))
            return (first, last)
        return check("==", _value(kind, token))

    def _wanted(self, field: Field, sign: str) -> Any:
        if sign == "matches":
            if self._next.kind == "regex":
                token = self._take()
                self._count(token)
                return self._pattern(token)
            return self._pattern(self._value_token())
        token = self._value_token()
        return _value(field.kind, token)

    def _value_token(self) -> Token:
        token = self._next
        if token.kind == "regex":
            hint = 'Write matches for a pattern, quotes for a path: "/live"'
            raise QueryError("A pattern goes with matches.", token.at, token.length, hint)
        if token.kind not in ("word", "string") and not token.text.isalpha():
            raise self._unexpected("A value is missing here.")
        self._count(token)
        self._take()
        return token if token.kind == "string" else token._replace(kind="word")

    def _pattern(self, token: Token) -> Pattern:
        try:
            pattern = Pattern(unquoted(token, pattern=True))
        except PatternError as error:
            raise QueryError(str(error), token.at, token.length, error.hint) from None
        self._patterns.append(pattern)
        return pattern

    def _allow(self, field: Field, sign: str) -> None:
        if sign in field.kind.operators:
            return
        fitting = ", ".join(field.kind.operators)
        sentence = f'"{said(sign)}" does not go with {field.name}.'
        raise QueryError(sentence, self._next.at, self._next.length, f"It takes {fitting}.")

    def _count(self, token: Token) -> None:
        self._terms += 1
        if self._terms > MOST_TERMS:
            raise QueryError(f"More than {MOST_TERMS} values.", token.at, token.length)

    def _unexpected(self, sentence: str | None = None, hint: str | None = None) -> QueryError:
        token = self._next
        if sentence is None and token.sign == ")":
            sentence = "This parenthesis was not opened."
        if sentence is None:
            sentence = '"and" or "or" is missing here.'
        return QueryError(sentence, token.at, token.length, hint)


def _field(token: Token) -> tuple[Field, Getter]:
    name = token.text.lower()
    base = "json" if name.startswith(("json.", "json[")) else name
    field = field_of(base)
    if field is None:
        near = nearest(name)
        meant = f" - did you mean {near}?" if near else "."
        hint = None if near else "`wsdebug explain filter` lists the fields; text goes in quotes."
        sentence = f'unknown field "{token.text}"{meant}'
        raise QueryError(sentence, token.at, token.length, hint)
    if field.name == "json":
        return field, getter(field, steps_of(token))
    return field, field.get


def _value(kind: Kind, token: Token) -> Any:
    try:
        return kind.value(token)
    except ValueFaultError as fault:
        raise QueryError(str(fault), token.at, token.length, fault.hint) from None
