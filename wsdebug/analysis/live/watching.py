"""Watches open connections while time goes by, and tells what happens as soon as it is known."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING

import msgspec

from wsdebug.analysis.findings import finding_of
from wsdebug.analysis.handshakes import recognised
from wsdebug.analysis.live.befallen import Befallen
from wsdebug.analysis.live.noticing import notice
from wsdebug.analysis.live.rehearsal import rehearsed
from wsdebug.analysis.live.watched import Watched
from wsdebug.analysis.lives import first_violation
from wsdebug.analysis.tracker import Tracker, half_of
from wsdebug.diagnosis.ending import PATIENCE
from wsdebug.diagnosis.fleet import FleetWatch, member_of
from wsdebug.diagnosis.scene import Scene
from wsdebug.model.instant import Instant
from wsdebug.model.live import Listener, Opened
from wsdebug.model.place import Side
from wsdebug.model.report import Connection, Endpoint, FleetCause

if TYPE_CHECKING:
    from wsdebug.analysis.choosing import Choosing
    from wsdebug.analysis.shared import Shared

MILLISECOND = 1_000_000
QUIET = 300 * MILLISECOND
"""A connection whose end has begun is judged when it sent nothing for so long,"""
LATEST = 700 * MILLISECOND
"""or when so much time has gone by since."""
AGAIN = 1_000 * MILLISECOND
"""Judged again at the earliest so long after, when packets came; then twice as long, and so on."""
_JUDGED = 40
"""Connections judged in one tick; the others wait for the next."""
_LOOKED_AT = 500
"""Open connections looked at for news in one tick, in turns."""


class Watching:
    """Tells a listener. `tick` as often as one likes: ten times a second is soon enough."""

    def __init__(
        self,
        shared: Shared,
        fleet: FleetWatch,
        listener: Listener,
        choosing: Choosing | None = None,
    ) -> None:
        shared.touched = {}
        self._shared = shared
        self._choosing = choosing
        """A filter: of what is open nobody knows yet whether it is wanted."""
        self._listener = listener
        self._befallen = Befallen(fleet, listener)
        self._open: dict[int, Watched] = {}
        """By the id of the connection."""
        self._ending: dict[int, Watched] = {}
        """Of these, those whose end has begun."""
        self.failed = 0
        """Judgements that a mistake of wsdebug has left to the end."""
        self._done: set[int] = set()
        """Ids of those that became final since the last tick."""
        self._turn: list[int] = []
        """Ids still to be looked at in this round."""

    def tick(self, now: int, read: int | None, packet: int) -> None:
        """`now`: the time; `read` and `packet`: the time and number of the last packet."""
        touched = self._shared.touched or {}
        self._shared.touched = {}
        for tracker in touched:
            if tracker.id and tracker.id not in self._done and not tracker.flow.ignored:
                self._look(self._of(tracker), now)
        self._done.clear()
        for watched in self._next():
            self._note_ending(watched, now)
            if watched.ending is None:
                notice(watched, now, self._listener)
        for watched, path, last in islice(self._due(now), _JUDGED):
            if watched.judged_at != last or watched.member is None:
                self._judge(path, now, read, packet)
            self._put_off(watched, now)
        self._befallen.tick(now, self._open)

    def finished(self, connection: Connection, *, is_wanted: bool) -> None:
        """Its report is final."""
        watched = self._open.pop(connection.id, None)
        self._done.add(connection.id)
        self._ending.pop(connection.id, None)
        self._befallen.is_dirty = True
        if is_wanted:
            if watched is not None:
                self._tell_open(watched)
                self._tell_findings(watched)
            self._tell(connection, watched)

    def befell(self, causes: list[FleetCause]) -> None:
        """The capture is over, and this is what befell several at once."""
        self._befallen.tell(causes)

    # ---- looking ---------------------------------------------------------------------------
    def _of(self, tracker: Tracker) -> Watched:
        watched = self._open.get(tracker.id)
        if watched is None:
            watched = self._open[tracker.id] = Watched(tracker)
        return watched

    def _next(self) -> list[Watched]:
        """The open connections whose turn it is."""
        if not self._turn:
            self._turn = list(self._open)
        ids, self._turn = self._turn[:_LOOKED_AT], self._turn[_LOOKED_AT:]
        return [self._open[id_] for id_ in ids if id_ in self._open]

    def _look(self, watched: Watched, now: int) -> None:
        self._tell_open(watched)
        self._tell_findings(watched)
        self._note_ending(watched, now)

    def _note_ending(self, watched: Watched, now: int) -> None:
        tracker = watched.tracker
        if watched.ending is None and _is_ending(tracker):
            watched.ending = watched.looked = now
            watched.wait = AGAIN
            self._ending[tracker.id] = watched

    # ---- judging ---------------------------------------------------------------------------
    def _due(self, now: int) -> Iterator[tuple[Watched, list[Tracker], int]]:
        """Whose turn it is, with its path and the path's last packet."""
        for watched in list(self._ending.values()):
            path = self._shared.legs.path_of(watched.tracker)
            last = max(leg.flow.last_packet for leg in path)
            if _is_due(watched, last, now):
                yield watched, path, last

    @staticmethod
    def _put_off(watched: Watched, now: int) -> None:
        """When to look again."""
        watched.due = now + watched.wait
        watched.wait *= 2
        if watched.member is None and watched.ending is not None:
            # A Close without an answer is an end when so much time has gone by.
            patience = watched.ending + PATIENCE + QUIET
            watched.due = patience if now < patience else watched.due

    def _judge(self, path: list[Tracker], now: int, read: int | None, packet: int) -> None:
        last = max(leg.flow.last_packet for leg in path)
        try:
            judged = rehearsed(path, self._shared, read, packet)
        except Exception:  # noqa: BLE001 - a copy that fails must not end the capture of days
            self.failed += 1
            return
        for scenes in judged:
            for index, scene in enumerate(scenes):
                mate = scenes[1 - index].connection.id if len(scenes) == 2 else None
                self._take(scene, mate, now, last)

    def _take(self, scene: Scene, mate: int | None, now: int, last: int) -> None:
        """A report for the time being."""
        connection = scene.connection
        watched = self._open.get(connection.id)
        if watched is None or watched.ending is None:
            return
        has_ended = connection.end.how != "capture-end"
        watched.judged_at, watched.looked = last, now
        watched.member = member_of(connection, scene.life, mate) if has_ended else None
        self._befallen.is_dirty = True
        is_wanted = self._choosing is None or self._choosing.would_want(connection)
        if is_wanted and (has_ended or watched.revision):
            self._tell_open(watched)
            self._tell_findings(watched)
            self._tell(connection, watched)
        if not _is_ending(watched.tracker):  # it was refused, and asks again
            watched.ending, watched.judged_at = None, -1
            self._ending.pop(connection.id, None)

    # ---- telling ---------------------------------------------------------------------------
    def _tell(self, connection: Connection, watched: Watched | None) -> None:
        number = hash(msgspec.msgpack.encode(connection, enc_hook=str))
        if watched is None:
            self._listener.judged(connection, 1)
        elif watched.told != number:
            watched.told = number
            watched.revision += 1
            self._listener.judged(connection, watched.revision)

    def _tell_open(self, watched: Watched) -> None:
        tracker = watched.tracker
        if watched.opened or tracker.decoder.result not in ("accepted", "not-captured"):
            return
        watched.opened = True
        if self._choosing is None:
            self._listener.opened(_opened(tracker))

    def _tell_findings(self, watched: Watched) -> None:
        tracker = watched.tracker
        fresh = tracker.breaches[watched.findings :]
        watched.findings += len(fresh)
        if not watched.opened and tracker.decoder.result == "accepted":
            self._tell_open(watched)
        for breach, payload in fresh if self._choosing is None else ():
            is_fatal = breach is first_violation(tracker, breach.span.side)
            finding = finding_of(breach, payload, tracker.flow, fatal=is_fatal)
            self._listener.found(tracker.id, finding)


def _is_ending(tracker: Tracker) -> bool:
    flow = tracker.flow
    return flow.is_frozen or flow.ignored or tracker.decoder.result == "rejected"


def _is_due(watched: Watched, last: int, now: int) -> bool:
    """`last`: the last packet of it, or of its path."""
    if watched.judged_at == last or watched.member is not None:
        return now >= watched.due
    spoke = watched.tracker.flow.last_time
    is_quiet = spoke is not None and now - spoke >= QUIET
    return is_quiet or now >= watched.looked + LATEST


def _opened(tracker: Tracker) -> Opened:
    flow, handshake = tracker.flow, tracker.decoder.handshake
    head = handshake.request if handshake is not None else None
    hosts = head.all("host") if head is not None else ()
    client, server = (half_of(flow, side) for side in (Side.CLIENT, Side.SERVER))
    return Opened(
        tracker.id,
        Endpoint(client.address_text, client.port),
        Endpoint(server.address_text, server.port),
        Instant(flow.start) if flow.start is not None else None,
        hosts[0].value if hosts else None,
        head.target if head is not None else None,
        recognised(tracker.decoder),
        secure=flow.tls is not None,
    )
