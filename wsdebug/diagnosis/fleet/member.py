"""One finished connection as the fleet remembers it: a few figures, no bytes."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

import msgspec
from msgspec.structs import replace

from wsdebug.diagnosis.fleet.arrivals import LATEST
from wsdebug.diagnosis.life import Life
from wsdebug.diagnosis.timeouts import Wait, wait_before
from wsdebug.display.endpoints import socket_name
from wsdebug.model.place import Side
from wsdebug.model.report import Connection, HandshakeReport, Severity

NANO = 1_000_000_000


class Fault(msgspec.Struct, frozen=True, gc=False):
    """The first violation of a connection at which its receiver had to fail it."""

    time: int
    packet: int | None
    side: Side
    code: str
    name: str


class Member(msgspec.Struct, frozen=True, gc=False):
    """What is kept of a connection. Times are ns since 1970."""

    id: int
    server: str
    client: str
    """Its address."""
    target: int
    """Equal for the same host and path."""
    start: int
    is_open: bool
    """The upgrade succeeded, or lies before the capture."""
    how: str
    """As `Ending.how`."""
    ended: int | None = None
    """Its first Close, FIN or RST, or the beginning of the ladder; None: open to the end."""
    packet: int | None = None
    ender: str = "unknown"
    """client, server, proxy (both legs were seen), foreign (a RST of a third party) or unknown."""
    code: int | None = None
    """Of the Close that came first."""
    is_clean: bool = False
    """Its end is no error, or nobody can tell whether it is one."""
    fault: Fault | None = None
    silence: float | None = None
    age: float | None = None
    is_flowing: bool = False
    shape: str = "fin"
    own_key: bool = False
    leg: str | None = None
    mate: int | None = None
    """The id of the other leg of its path."""
    is_passed_on: bool = False
    is_unanswered: bool = False
    """A ping of either side never got its pong."""

    @property
    def is_cut(self) -> bool:
        """The server, or a proxy in its place, ended it by FIN or RST with no Close before. On a
        proxy's leg to the server only what the server did itself counts.
        """
        enders = ("server",) if self.leg == "back" else ("server", "proxy")
        return (
            self.is_open
            and self.how in ("fin", "rst")
            and self.ender in enders
            and not self.is_clean
            and not self.is_passed_on
        )

    @property
    def is_orderly(self) -> bool:
        """It was accepted, and both closed without a word of failure."""
        return (
            self.how == "clean"
            and self.code in (None, 1000)
            and self.is_open
            and self.is_clean
            and self.ended is not None
            and max(self.start, self.ended) <= LATEST
            and self.fault is None
            and self.leg is None
        )

    @property
    def lived(self) -> float | None:
        """Seconds from its first packet to its end."""
        return None if self.ended is None else (self.ended - self.start) / NANO


def paths(members: Iterable[Member]) -> list[int]:
    """The ids of connections and of the other legs of their paths, in order."""
    found = {id_ for one in members for id_ in (one.id, one.mate) if id_ is not None}
    return sorted(found)


def member_of(connection: Connection, life: Life, mate: int | None) -> Member | None:
    """The record of a connection that is over; `mate`: the other leg of its path. None where there
    is nothing to compare: without time stamps, or in TLS, where a Close cannot be seen.
    """
    start = connection.start
    if start is None or connection.handshake.result == "encrypted":
        return None
    end = connection.end
    wait = _wait(life)
    is_over = end.how != "capture-end" and end.time is not None
    return Member(
        id=connection.id,
        server=socket_name(connection.server.address, connection.server.port),
        client=connection.client.address,
        target=target_of(connection.handshake),
        start=start.ns,
        is_open=life.handshake in ("accepted", "not-captured"),
        how=end.how,
        ended=_absolute(start.ns, end.time) if is_over else None,
        packet=end.packet if is_over else None,
        ender=_ender(connection, life),
        code=_first_code(connection, life),
        is_clean=end.severity is not Severity.ERROR,
        fault=_fault(connection, start.ns),
        silence=wait.silence if wait else None,
        age=wait.age if wait else None,
        is_flowing=wait.is_flowing if wait else False,
        shape=wait.shape if wait else "fin",
        own_key=life.own_key,
        leg=life.leg,
        mate=mate if life.leg is not None else None,
        is_passed_on=life.is_passed_on,
        is_unanswered=connection.liveness.pings > connection.liveness.pongs,
    )


def same_end(known: Member, connection: Connection, ended: int, wait: Wait) -> Member | None:
    """The record of a connection that went and ended as that of `known`, at another time and
    after another `wait`.
    """
    start = connection.start
    if start is None:
        return None
    return replace(
        known,
        id=connection.id,
        server=socket_name(connection.server.address, connection.server.port),
        client=connection.client.address,
        target=target_of(connection.handshake),
        start=start.ns,
        ended=ended,
        packet=connection.end.packet,
        silence=wait.silence,
        age=wait.age,
        is_flowing=wait.is_flowing,
        is_unanswered=connection.liveness.pings > connection.liveness.pongs,
    )


def target_of(handshake: HandshakeReport) -> int:
    """What was asked for, as a number."""
    return _target(handshake.host, handshake.path)


@lru_cache(maxsize=64)  # one number for all that ask for the same
def _target(host: str | None, path: str | None) -> int:
    return hash((host, path))


def _wait(life: Life) -> Wait | None:
    ends = [one.terminal for one in (life.client, life.server) if one.terminal is not None]
    return wait_before(life, min(ends)) if ends else None


def _ender(connection: Connection, life: Life) -> str:
    by = connection.end.by
    if by == "middlebox":
        return "foreign" if life.proxy_side is None else "proxy"
    if by in ("client", "server") and not life.knows_first(Side(by)):
        return "unknown"
    return by


def _first_code(connection: Connection, life: Life) -> int | None:
    """Of the Close that began the end; None where something else did, or it has no code."""
    if _ender(connection, life) == "unknown" or connection.end.how not in (
        "clean",
        "close-one-side",
        "close-handshake-abnormal",
    ):
        return None
    close = connection.close
    first = close.client if connection.end.by == "client" else close.server
    return first.code if first is not None else None


def _fault(connection: Connection, start: int) -> Fault | None:
    fatal = [one for one in connection.findings if one.fatal and one.side and one.time is not None]
    if not fatal:
        return None
    first = min(fatal, key=lambda one: one.packet or 0)
    assert first.side is not None
    assert first.time is not None
    time = _absolute(start, first.time)
    return Fault(time, first.packet, first.side, first.code, first.name)


def _absolute(start: int, seconds: float | None) -> int:
    return start + round((seconds or 0) * NANO)
