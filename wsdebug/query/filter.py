"""A filter, ready to be asked."""

from __future__ import annotations

from wsdebug.model.report import Connection
from wsdebug.query.field import Level
from wsdebug.query.nodes import Node, compiled, of_connection, rest, terms
from wsdebug.query.patterns import Pattern
from wsdebug.query.records import FrameLike


class Filter:
    """A parsed filter. `text` is what was written."""

    def __init__(self, text: str, node: Node, patterns: tuple[Pattern, ...] = ()) -> None:
        self.text = text
        self._node = node
        self._test = compiled(node)
        self._patterns = patterns
        fields = [term.field for term in terms(node)]
        self.fields = frozenset(field.name for field in fields)
        self.needs_frames = any(field.level is Level.FRAME for field in fields)
        """Connections alone do not decide it."""
        self.needs_payload = any(field.reads for field in fields)

    @property
    def cut(self) -> int:
        """How many texts were so long that `matches` saw only their beginning, and not there."""
        return sum(pattern.cut for pattern in self._patterns)

    def connection(self, connection: Connection) -> bool | None:
        """Whether it holds of a connection whatever its frames; None where they decide: then the
        connection matches if any of them does.
        """
        return of_connection(self._node, connection)

    def frame(self, frame: FrameLike, connection: Connection) -> bool:
        """Whether it holds of a frame."""
        return self._test(frame, connection)

    def rest(self, frame: FrameLike) -> Node | bool:
        """What is left to be asked of the connection, which is not over yet (see `Sieve`)."""
        return rest(self._node, frame)
