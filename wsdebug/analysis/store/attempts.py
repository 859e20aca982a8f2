"""Attempts to connect that became no WebSocket: they tell whether anybody listened.

What befell several connections at once is judged by them, too: a server that refuses afterwards
was killed, one that accepts was reloaded. So they go along where connections are exported.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from wsdebug.analysis.store.origin import Extent, keys_of
from wsdebug.transport import Flow
from wsdebug.transport.flow_key import ends_of, reverse_key

if TYPE_CHECKING:
    from wsdebug.analysis.store.store import Store

Server: TypeAlias = tuple[bytes, int]
"""Address and port."""


class Attempt(NamedTuple):
    """A SYN and what came of it. Of a connection that carried bytes only its SYN and SYN-ACK."""

    server: Server
    extent: Extent
    is_silent: bool


class Attempts:
    """Those of a capture, in flat memory: a port scan is half a million of them."""

    def __init__(self, most: int) -> None:
        """`most`: beyond it none is noted."""
        self._most = most
        self._keys: list[bytes] = []
        """Of the packets of who asked."""
        self._places = array("Q")
        """First packet, the packet behind the last one and whether it was silent."""

    def note(self, flow: Flow) -> None:
        """A TCP connection is over, WebSocket or not."""
        caller = flow.client if flow.syn_seen else None
        if caller is None or caller.syn is None or len(self._keys) >= self._most:
            return
        answer = caller.peer.syn
        is_silent = not flow.is_open
        if is_silent:
            last = flow.last_packet
        elif answer is not None:
            last = max(caller.syn[0] or 0, answer[0] or 0)
        else:
            return
        self._places.extend((flow.first_packet or 1, last + 1 << 1 | is_silent))
        # Last: who reads in another thread counts these.
        self._keys.append(keys_of(caller, caller.peer)[0])

    def __iter__(self) -> Iterator[Attempt]:
        """In the order in which they were over."""
        for index in range(len(self._keys)):
            key = self._keys[index]
            first, behind = self._places[2 * index : 2 * index + 2]
            extent = Extent((key, reverse_key(key)), first, behind >> 1)
            yield Attempt(ends_of(key)[1], extent, bool(behind & 1))


def attempts_beside(store: Store, connections: Sequence[int]) -> list[Extent]:
    """The packets of attempts to connect that go along with those of `connections` (ids).

    With all connections of the capture: all that the verdict on it rests on. With some: those at
    servers of several of them. One alone has nothing in common with others and stays alone.
    """
    is_all = len(connections) == len(store.connections)
    servers = Counter(_server(store.extent(each)) for each in connections)
    wanted = {server for server, number in servers.items() if is_all or number > 1}
    if not wanted:
        return []
    known = {store.extent(one.id).first for one in store.connections}
    others = [one for one in store.attempts if one.extent.first not in known]
    if not is_all:
        return [one.extent for one in others if one.server in wanted]
    return [one.extent for one in _of_the_whole(others, wanted)]


def _of_the_whole(attempts: Sequence[Attempt], servers: Collection[Server]) -> Iterator[Attempt]:
    """Those at `servers`; elsewhere those without a byte and, for a port where one of these is,
    the first that was accepted: a port that is open at one of its addresses is not closed.
    """
    told = {one.server[1] for one in attempts if one.is_silent}
    for one in attempts:
        if one.server in servers or one.is_silent:
            yield one
        elif one.server[1] in told:
            told.discard(one.server[1])
            yield one


def _server(extent: Extent) -> Server:
    return ends_of(extent.keys[1])[0]
