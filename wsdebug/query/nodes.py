"""A parsed filter, and the three ways to ask it: of a frame, of a connection, in between.

In between, while frames pass and their connection is not over, a frame leaves a rest: what its
connection must be for the filter to hold.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias, cast

import msgspec

from wsdebug.model.report import Connection
from wsdebug.query.comparing import Test
from wsdebug.query.field import Field, Level
from wsdebug.query.records import FrameLike


class Term(msgspec.Struct, frozen=True, eq=False):
    """One comparison."""

    field: Field
    test: Test


class Not(msgspec.Struct, frozen=True):
    """Holds where its part does not."""

    part: Node


class Both(msgspec.Struct, frozen=True):
    """Holds where all its parts do."""

    parts: tuple[Node, ...]


class Either(msgspec.Struct, frozen=True):
    """Holds where one of its parts does."""

    parts: tuple[Node, ...]


Node: TypeAlias = Term | Not | Both | Either

_NOT_YET = cast("Connection", None)
"""In place of a connection that is not over: fields of frames do not look at it."""


def compiled(node: Node) -> Test:
    """The filter as one function of a frame and its connection."""
    match node:
        case Term():
            return node.test
        case Not():
            inner = compiled(node.part)
            return lambda frame, connection: not inner(frame, connection)
        case Both():
            tests = [compiled(part) for part in node.parts]
            return lambda frame, connection: all(test(frame, connection) for test in tests)
        case Either():
            tests = [compiled(part) for part in node.parts]
            return lambda frame, connection: any(test(frame, connection) for test in tests)


def of_connection(node: Node, connection: Connection) -> bool | None:
    """Whether it holds of a connection; None where its frames decide."""
    match node:
        case Term():
            return None if node.field.level is Level.FRAME else node.test(None, connection)
        case Not():
            found = of_connection(node.part, connection)
            return None if found is None else not found
        case Both() | Either():
            decides = isinstance(node, Either)
            unknown = False
            for part in node.parts:
                found = of_connection(part, connection)
                if found is decides:
                    return decides
                unknown |= found is None
            return None if unknown else not decides


def rest(node: Node, frame: FrameLike) -> Node | bool:
    """What is left to be asked of the connection once a frame is known."""
    match node:
        case Term():
            return node.test(frame, _NOT_YET) if node.field.level is Level.FRAME else node
        case Not():
            inner = rest(node.part, frame)
            return not inner if isinstance(inner, bool) else Not(inner)
        case Both() | Either():
            decides = isinstance(node, Either)
            left: list[Node] = []
            for part in node.parts:
                one = rest(part, frame)
                if one is decides:
                    return decides
                if not isinstance(one, bool):
                    left.append(one)
            if len(left) < 2:
                return left[0] if left else not decides
            return type(node)(tuple(left))


def terms(node: Node) -> Iterator[Term]:
    """Every comparison in it."""
    match node:
        case Term():
            yield node
        case Not():
            yield from terms(node.part)
        case Both() | Either():
            for part in node.parts:
                yield from terms(part)
