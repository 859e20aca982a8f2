"""Remembers a little of every connection while a capture is read, and answers at its end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain

from wsdebug.diagnosis.fleet.arrivals import Arrivals
from wsdebug.diagnosis.fleet.crowd import Crowd
from wsdebug.diagnosis.fleet.member import Member, member_of
from wsdebug.diagnosis.fleet.orderly import Orderly
from wsdebug.diagnosis.fleet.registry import Fleet, found_in
from wsdebug.diagnosis.fleet.set_back import SetBack
from wsdebug.diagnosis.life import Life
from wsdebug.model.limits import Limits
from wsdebug.model.report import Connection, FleetCause

_MOST_REFUSING = 100
"""Servers that refuse everything that are listed: a port scan finds thousands."""


class FleetWatch:
    """One capture's fleet."""

    def __init__(self, limits: Limits) -> None:
        self._most = limits.fleet
        self._members: dict[str, list[Member]] = {}
        self._number = 0
        self._orderly: dict[str, Orderly] = {}
        self._arrivals = Arrivals(limits.arrivals)
        self.arrived = self._arrivals.add
        """A server accepted or refused a TCP connection."""
        self.left_out = 0
        """Connections beyond the limit."""
        self.refusing_left_out = 0
        """Servers that refuse everything and are not listed, as there are so many."""
        self.withheld: SetBack | None = None
        """The step of the capture's clock for which something is not said."""

    @property
    def arrivals_left_out(self) -> int:
        """Attempts to connect beyond the limit."""
        return self._arrivals.left_out

    def over(self, connection: Connection, life: Life, mate: int | None = None) -> Member | None:
        """A connection is over; `mate`: the other leg of its path. Returns what is kept of it."""
        member = member_of(connection, life, mate)
        self.add(member)
        return member

    def add(self, member: Member | None) -> None:
        """Keep what `member_of` made of a connection; beyond the limit it is counted only."""
        if self._number < self._most and member is not None and member.is_orderly:
            self.ended_in_order(member.server, member.id, member.start, member.ended or 0)
        elif self._number >= self._most:
            self.left_out += 1
        elif member is not None:
            self._number += 1
            self._members.setdefault(member.server, []).append(member)

    def ended_in_order(self, server: str, id_: int, start: int, ended: int) -> None:
        """The same of one that `Member.is_orderly`."""
        if self._number >= self._most:
            self.left_out += 1
            return
        self._number += 1
        try:
            orderly = self._orderly[server]
        except KeyError:
            orderly = self._orderly[server] = Orderly()
        orderly.add(id_, start, ended)

    @property
    def size(self) -> int:
        """Connections and attempts to connect that are remembered: asking takes time by that."""
        return self._number + len(self._arrivals)

    def causes(self, more: Sequence[Member] = ()) -> list[FleetCause]:
        """What befell many at once, by code. `more`: connections that are not over, but open or
        judged for the time being.
        """
        by_name: dict[str, list[Member]] = {}
        for member in more:
            by_name.setdefault(member.server, []).append(member)
        servers = dict.fromkeys([*self._members, *self._orderly, *by_name])
        doors, self.refusing_left_out = self._arrivals.doors(_MOST_REFUSING, set(servers))
        by_server = {door.server: door for door in doors}
        crowds = [
            Crowd(
                server,
                [*self._members.get(server, ()), *by_name.get(server, ())],
                by_server.get(server),
                self._orderly.get(server),
            )
            for server in servers
        ]
        fleet = Fleet(crowds, doors, lambda: self._moments(more))
        causes = found_in(fleet)
        self.withheld = fleet.withheld
        return causes

    def _moments(self, more: Sequence[Member]) -> Iterator[tuple[int, int]]:
        yield from self._arrivals.moments()
        for member in chain(*self._members.values(), more):
            if member.ended is not None and member.packet is not None:
                yield member.ended, member.packet
