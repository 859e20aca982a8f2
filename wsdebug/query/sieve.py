"""Chooses connections in one pass: frames are judged while they pass, connections when they are
over. Of a connection it keeps what its frames leave to be asked, each rest once.
"""

from __future__ import annotations

from wsdebug.model.errors import UserError
from wsdebug.model.report import Connection
from wsdebug.query.filter import Filter
from wsdebug.query.nodes import Node, of_connection
from wsdebug.query.records import FrameLike

MOST_RESTS = 1000
"""Different rests of one connection: only a filter that mixes very many conditions has more."""


class Sieve:
    """One filter over the connections of a capture, each known by a key."""

    def __init__(self, wanted: Filter) -> None:
        self.filter = wanted
        self._rests: dict[int, set[Node] | None] = {}
        """None: a frame has matched, whatever the connection."""

    def frame(self, key: int, frame: FrameLike) -> None:
        """A frame of the connection `key` has passed."""
        rests = self._rests.get(key, ())
        if rests is None:
            return
        left = self.filter.rest(frame)
        if left is True:
            self._rests[key] = None
        elif left is not False:
            known = self._rests.setdefault(key, set())
            assert known is not None
            known.add(left)
            if len(known) > MOST_RESTS:
                raise UserError(
                    "The filter mixes too many conditions on frames with such on connections.",
                    "Leave some out.",
                )

    def wants(self, key: int, connection: Connection) -> bool:
        """Whether the connection, which is over, matches: by itself or by one of its frames."""
        wanted = self.would_want(key, connection)
        self._rests.pop(key, None)
        return wanted

    def would_want(self, key: int, connection: Connection) -> bool:
        """The same, as far as it has come."""
        rests = self._rests.get(key, ())
        found = self.filter.connection(connection)
        if found is not None:
            return found
        return rests is None or any(of_connection(rest, connection) for rest in rests)
