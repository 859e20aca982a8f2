"""The conductor: one streaming pass from capture files to finished connections."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, BinaryIO, TypeAlias

import msgspec

import wsdebug
from wsdebug.analysis.arrival import note_arrival
from wsdebug.analysis.capture_notes import cut_note, fragments_note, late_note, set_back_note
from wsdebug.analysis.conclusions import Conclusion, Conclusions, concluded
from wsdebug.analysis.connections import finish_encrypted
from wsdebug.analysis.course import Course
from wsdebug.analysis.encrypted import Encrypted
from wsdebug.analysis.judging import judged, take_last_facts
from wsdebug.analysis.limits_reached import limit_notes, limits_of
from wsdebug.analysis.live import Watching
from wsdebug.analysis.opening import Opening
from wsdebug.analysis.scenes import find_encrypted_causes
from wsdebug.analysis.shared import Shared
from wsdebug.analysis.tls_keys import TlsKeys
from wsdebug.analysis.totals import count, count_recurring
from wsdebug.analysis.tracker import Tracker
from wsdebug.analysis.usual_ones import UsualOnes
from wsdebug.capture import Captures, GrowingCaptures, Growth, open_captures
from wsdebug.diagnosis.fleet import FleetWatch
from wsdebug.model.facts import Fact
from wsdebug.model.handshake import Agreed
from wsdebug.model.limits import DEFAULT_LIMITS, Limits
from wsdebug.model.live import Listener
from wsdebug.model.place import Packet
from wsdebug.model.recurring import Recurring
from wsdebug.model.report import Analysis, Capture, Connection, Severity
from wsdebug.transport import Flow, Transport

if TYPE_CHECKING:
    from wsdebug.analysis.choosing import Choosing
    from wsdebug.analysis.store import Store
    from wsdebug.capture.again import Again
    from wsdebug.query import Filter

OnConnection: TypeAlias = Callable[[Connection], None]
OnRecurring: TypeAlias = Callable[[Recurring], None]
OnFact: TypeAlias = Callable[[int, Fact], None]

PAYLOAD = {"none": 0, "preview": 64, "full": 1 << 20}
"""Bytes of a frame's payload kept for the report, for each choice of `--payload`."""


class Session:
    """One pass over one capture; connections are handed on as they end."""

    def __init__(
        self,
        paths: Sequence[str],
        *,
        limits: Limits = DEFAULT_LIMITS,
        payload: str = "none",
        stdin: BinaryIO | None = None,
        on_fact: OnFact | None = None,
        wanted: Filter | None = None,
        rows: bool = False,
        decode_as: Mapping[int, Agreed] | None = None,
        capture_filter: str | None = None,
        keylog: str | None = None,
        growth: Growth | None = None,
        most: int | None = None,
        keep: int | None = None,
    ) -> None:
        """`wanted`: only connections that match are handed on and counted. `rows`: keep a row of
        each frame (`store`). `keylog`: a file with the secrets of TLS sessions. `growth`: who still
        writes the capture, in place of `paths`; then `most` packets are read, and the rows of the
        newest `keep` finished connections kept.
        """
        self._choosing = _choosing(wanted) if wanted is not None else None
        shown = PAYLOAD[payload] or limits.payload
        read = self._choosing.payload if self._choosing is not None else 0
        limits = msgspec.structs.replace(limits, payload=max(shown, read))
        self._captures: Captures | GrowingCaptures = (
            open_captures(paths, limits, stdin, capture_filter, keep=rows)
            if growth is None
            else GrowingCaptures(growth, limits, capture_filter, keep=rows, most=most)
        )
        again = self._captures.again
        self.store = _store(limits, again, keep) if again is not None else None
        """The rows of every connection, where asked for."""
        self._shared = Shared(limits, on_fact, self._over, self._choosing, shown, self.store)
        self._shared.decode_as = decode_as or {}
        self._keys = TlsKeys(keylog, self._captures.secrets, limits, may_grow=growth is not None)
        self._shared.tls_keys = self._keys
        self._opening = Opening(self._shared)
        self._fleet = FleetWatch(limits)
        self._conclusions = Conclusions()
        self._transport = Transport(self._opening, limits, self._leaving)
        parts = self._shared, self._opening, self._conclusions, self._fleet
        self._usual = UsualOnes(*parts, self._hand_on, self._transport.unpark)
        if not (self._shared.is_heard or limits.payload or decode_as or growth is not None):
            self._transport.park(self._usual)
        self._watching: Watching | None = None
        self._deliver: OnConnection = lambda _: None
        self._now: int | None = None
        self._stopped = False
        self.is_waiting = False
        """Nothing was there to read when it looked last: more may come (`growth`)."""
        self._reached: Counter[str] = Counter()
        self.analysis = Analysis(captures=self._captures.files, wsdebug=wsdebug.__version__)

    @property
    def progress(self) -> float | None:
        """How much of the files was read, 0 to 1; None where their size is not known."""
        return self._captures.progress

    @property
    def recurring(self) -> Counter[Severity]:
        """How many reports were like others (`run`)."""
        return self._usual.told

    @property
    def left_out(self) -> int:
        """WebSockets that did not match the filter."""
        return self._choosing.left_out if self._choosing is not None else 0

    @property
    def end(self) -> int | None:
        """When the capture ended, as far as it was read, in nanoseconds."""
        return self._now

    def listen(self, listener: Listener) -> None:
        """Who is told what happens as time goes by; to be called before `run`."""
        self._transport.park(None)
        self._watching = Watching(self._shared, self._fleet, listener, self._choosing)

    def tick(self, now: int) -> None:
        """Time goes by, though perhaps no packet comes. `now`, in ns, is the clock of the capture
        as far as it can be told: it decides when to look and what has lasted long. What is said of
        a connection's end rests on packets alone, as if the capture ended with the last one read.
        """
        if self._watching is not None and not self._stopped:
            self._watching.tick(now, self._now, self._transport.number)

    def run(
        self, on_connection: OnConnection, on_recurring: OnRecurring | None = None
    ) -> Iterator[None]:
        """Reads everything; yields after each batch of packets, so that a caller can draw or
        stop, and where a growing capture has none yet (`is_waiting`). However it ends, what was
        read is delivered. `on_recurring` takes those whose report is like that of others, at a
        small part of the cost; not where connections are chosen (`wanted`).
        """
        self._deliver = on_connection
        if self._choosing is None and on_recurring is not None:
            self._usual.on_recurring = on_recurring
        try:
            for batch in self._captures.batches():
                self.is_waiting = not batch
                if batch:
                    self._consume(batch)
                yield
        finally:
            self.stop()

    def key_lines(self, connections: Sequence[int]) -> bytes:
        """The lines of a key log that open these connections (with `rows`)."""
        randoms = self.store.randoms if self.store is not None else {}
        wanted = dict.fromkeys(randoms[each] for each in connections if each in randoms)
        return b"".join(map(self._keys.lines, wanted))

    def stop(self) -> None:
        """Ends what is open and delivers what was read so far."""
        if self._stopped:
            return
        self._stopped = True
        if self._captures.end is not None:
            self._now = max(self._now or 0, self._captures.end)
        self._transport.finish()
        self._keys.close()
        for tracker in self._shared.legs.rest():
            self._finish([tracker], self._now)
        count_recurring(self.analysis.summary, self.recurring)
        self.analysis.fleet = self._fleet.causes()
        if self._watching is not None:
            self._watching.befell(self.analysis.fleet)
        self._note_limits()

    def _leaving(self, flow: Flow) -> None:
        note_arrival(flow, self._fleet)
        if self.store is not None:
            self.store.left(flow)

    def _consume(self, batch: Sequence[Packet]) -> None:
        capture = self._file_of(batch[0][0])
        opening = self._opening
        connections = self._transport.tcp_connections
        tls, http = opening.tls_connections, opening.http_connections
        decrypted = opening.tls_decrypted
        self._transport.consume(batch)
        capture.tcp_connections += self._transport.tcp_connections - connections
        capture.tls_connections += opening.tls_connections - tls
        capture.tls_decrypted += opening.tls_decrypted - decrypted
        capture.http_connections += opening.http_connections - http
        times = (packet[1] for packet in reversed(batch))
        self._now = next((time for time in times if time is not None), self._now)

    def _file_of(self, packet: int) -> Capture:
        """The file that holds a packet."""
        files = self._captures.files
        return next(one for one in reversed(files) if one.packets and one.first_packet <= packet)

    def _note_limits(self) -> None:
        """Packets that were skipped and limits that were reached, with the last file."""
        if not self._captures.files:
            return
        capture = self._captures.files[-1]
        capture.warnings += self._keys.notes() + self._shared.unreadable_heads.notes()
        capture.skipped = dict(self._transport.skipped)
        if self._transport.cut_packets:
            capture.warnings.append(cut_note(self._transport.cut_packets))
        if self._watching is not None and self._watching.failed:
            capture.warnings.append(late_note(self._watching.failed))
        if self._fleet.withheld is not None:
            capture.warnings.append(set_back_note(self._fleet.withheld))
        count, first = self._transport.contradicting_fragments
        if count:
            capture.warnings.append(fragments_note(count, first))
        times = {
            **self._transport.limits,
            "streams": self._shared.streams_left_out,
            "inflaters": self._shared.inflaters.given_up,
            "searches": self._shared.searches.given_up,
            "lines": self.store.rows_left_out if self.store is not None else 0,
            "fleet": self._fleet.left_out,
            "arrivals": self._fleet.arrivals_left_out,
            "refusing": self._fleet.refusing_left_out,
        }
        capture.limits += limit_notes(times, self._reached, self._shared.limits)

    # ---- connections that are over ---------------------------------------------------------
    def _over(self, ended: Tracker | Encrypted) -> None:
        now = self._now if self._stopped else self._transport.now or self._now
        if isinstance(ended, Encrypted):
            scene = finish_encrypted(ended, now)
            find_encrypted_causes(ended, scene)
            self._hand_on(scene.connection)
            return
        if self.store is not None:
            self.store.over(ended)
        known = None if self._shared.is_heard else self._conclusions.known(ended)
        paths = self._shared.legs.closed(ended)
        if known is not None and paths == [[ended]]:
            self._finish_as_usual(ended, *known)
            return
        take_last_facts(ended, now)
        for path in paths:
            self._finish(path, now)

    def _finish_as_usual(self, tracker: Tracker, course: Course, known: Conclusion) -> None:
        """A connection that went as one before it: nothing is worked out anew."""
        if reached := limits_of(tracker):
            self._reached.update(reached)
        self._usual.learn(tracker)
        connection, member = concluded(tracker, course, known)
        self._fleet.add(member)
        self._hand_on(connection)

    def _finish(self, trackers: list[Tracker], now: int | None) -> None:
        """Connections that are legs of one path, or one alone."""
        scenes = judged(trackers, now)
        for index, (tracker, scene) in enumerate(zip(trackers, scenes, strict=True)):
            self._reached.update(limits_of(tracker))
            mate = trackers[1 - index].id if len(trackers) == 2 else None
            member = self._fleet.over(scene.connection, scene.life, mate)
            if len(trackers) == 1 and self._conclusions.learn(trackers[0], scene, member):
                self._usual.learn(trackers[0])
            self._hand_on(scene.connection)
            self._shared.findings -= len(tracker.breaches)

    def _hand_on(self, connection: Connection) -> None:
        is_wanted = self._choosing is None or self._choosing.wants(connection)
        if self._watching is not None:
            self._watching.finished(connection, is_wanted=is_wanted)
        if not is_wanted:
            return
        count(self.analysis.summary, connection)
        if self.store is not None:
            self.store.finished(connection)
        self._deliver(connection)


def _choosing(wanted: Filter) -> Choosing:
    from wsdebug.analysis.choosing import Choosing  # noqa: PLC0415 - only where there is a filter

    return Choosing(wanted)


def _store(limits: Limits, again: Again, keep: int | None) -> Store:
    from wsdebug.analysis.store import Store  # noqa: PLC0415 - only where rows are wanted

    return Store(limits, again, keep=keep)
