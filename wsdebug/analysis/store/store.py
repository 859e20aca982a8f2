"""What a screen shows while a capture is read: connections, their rows, the bytes behind a row."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from wsdebug.analysis.findings import findings_of
from wsdebug.analysis.store.attempts import Attempts
from wsdebug.analysis.store.contexts import Contexts
from wsdebug.analysis.store.glance import Glance
from wsdebug.analysis.store.header import fields_of, header_bytes
from wsdebug.analysis.store.knowing import describe, judge, known_from
from wsdebug.analysis.store.log import Room, RowLog
from wsdebug.analysis.store.origin import Extent, Origin, keys_of, origin_of_connection
from wsdebug.analysis.store.packets import packets_of, raw_of
from wsdebug.analysis.store.payloads import Reader
from wsdebug.analysis.store.plain import PlainFile
from wsdebug.analysis.store.recording import Recording
from wsdebug.analysis.store.reports import Reports
from wsdebug.analysis.store.rows import Rows, concerns
from wsdebug.analysis.store.sweep import sweep
from wsdebug.capture.again import Again, GoneError
from wsdebug.model.handshake import Handshake
from wsdebug.model.limits import Limits
from wsdebug.model.place import Packet, Side
from wsdebug.model.report import Connection, Finding, Severity
from wsdebug.model.rows import FrameView, Known, PacketInfo, Passed, Payload, Row, State
from wsdebug.rules import Breach

if TYPE_CHECKING:
    from wsdebug.analysis.encrypted import Encrypted
    from wsdebug.analysis.tracker import Tracker
    from wsdebug.transport import Flow

SILENCE = 1_000_000_000
"""A pause of so many nanoseconds is a row."""


class Store:
    """Filled by the thread that reads the capture, read by any other.

    Ids are those of the report. Rows are named by their index in `rows(id)`. Everything that looks
    at bytes opens the capture again; it raises nothing, but says in a note what is not there.
    """

    def __init__(
        self, limits: Limits, again: Again, silence: int = SILENCE, keep: int | None = None
    ) -> None:
        """`keep`: so many finished connections keep their rows and their report, the newest."""
        self._again = again
        self._contexts = Contexts(limits.contexts)
        self.plain = PlainFile(limits.spool)
        """What is in no packet as it is."""
        self.randoms: dict[int, bytes] = {}
        """Of connections inside TLS: the client random, by which their keys are found."""
        self.attempts = Attempts(limits.arrivals)
        self._reports = Reports()
        self._origins: dict[int, Origin] = {}
        """Of connections that are over."""
        self._silence = silence
        self._keep = keep
        self._ended: deque[int] = deque()
        """Finished ones that were not evicted, where only some are kept."""
        self._room = Room(limits.lines)
        self._known: list[Known] = []
        self._logs: list[RowLog] = []
        self._recordings: dict[int, Recording] = {}
        """Of connections that are open."""
        self._firsts: list[int] = []
        self._starts: dict[bytes, list[int]] = {}
        """First packets of the TCP connections with the addresses and ports of one we know."""
        self._open: dict[int, Tracker | Encrypted] = {}
        self.changes: list[int] = []
        """Ids of connections whose `revision` grew, in order, an id again for each time."""

    # ---- what a screen asks for -------------------------------------------------------------
    @property
    def connections(self) -> Sequence[Known]:
        """In the order of recognition: the connection with the id 3 is the third."""
        return self._known

    @property
    def rows_left_out(self) -> int:
        """Rows beyond `Limits.lines`."""
        return self._room.left_out

    def rows(self, connection: int) -> Rows:
        """The lines of a connection."""
        return Rows(self._logs[connection - 1])

    def row_of(self, connection: int, side: Side, frame: int) -> int | None:
        """The index of a frame's row."""
        return self._logs[connection - 1].find(side, frame)

    def row_at(self, connection: int, packet: int) -> int | None:
        """The index of the first row that the packet, or one behind it, completes."""
        return self._logs[connection - 1].find_packet(packet)

    def frame(self, connection: int, row: int) -> FrameView:
        """A frame taken apart, with the findings that concern it."""
        header = header_bytes(one := self.rows(connection)[row])
        return FrameView(one, header, fields_of(header), self.findings(connection, row))

    def findings(self, connection: int, row: int) -> tuple[Finding, ...]:
        """Findings that concern a row."""
        one = self.rows(connection)[row]
        return tuple(
            finding for finding in self.findings_so_far(connection) if concerns(finding, one)
        )

    def findings_so_far(self, connection: int) -> Sequence[Finding]:
        """Those of the report, or while it is open those that were made."""
        report, recording = self._known[connection - 1].report, self._recordings.get(connection)
        if report is not None:
            return report.findings
        return findings_of(recording.tracker) if recording is not None else ()

    def payload(self, connection: int, row: int, limit: int = 1 << 20) -> Payload:
        """The payload, at most `limit` bytes of it and of what it inflates to."""
        return self._reader(connection).payload(row, limit)

    def walk(
        self, connection: int, start: int = 0, stop: int | None = None, limit: int = 1 << 16
    ) -> Iterator[tuple[int, Payload]]:
        """The payloads of many rows in one pass, each with its index: to search in them."""
        rows = len(self.rows(connection))
        return self._reader(connection).walk(start, min(rows, stop or rows), limit)

    def sweep(self, connections: Sequence[int], limit: int = 1 << 16) -> Iterator[Passed]:
        """The payloads of all frames of many connections in one pass over the capture."""
        starts = [(self._firsts[id_ - 1], id_) for id_ in connections]
        return sweep(self._again, starts, self._reader, limit)

    def glances(self, connection: int, start: int, stop: int) -> Iterator[Glance]:
        """The rows from `start` to `stop`, looked at in passing."""
        return self.rows(connection).glances(start, stop)

    def packets(self, connection: int, row: int) -> list[PacketInfo]:
        """The packets that carry a row, the first thousand of them."""
        try:
            return packets_of(self._again, self._origin(connection), *self._place(connection, row))
        except GoneError:
            return []

    def raw(self, connection: int, row: int, limit: int = 1 << 20) -> bytes:
        """The bytes of a row as on the wire; zeros where the capture lacks some."""
        one, earliest = self._place(connection, row)
        try:
            return raw_of(self._again, self._origin(connection), one, earliest, limit)
        except GoneError:
            return header_bytes(one)

    def extent(self, connection: int) -> Extent:
        """Where the packets of its TCP connection are, those after its end included."""
        origin = self._origin(connection)
        starts = self._starts[origin.keys[0]]
        first = self._firsts[connection - 1]
        later = (start for start in starts if start > first)
        # A stream of HTTP/2 cannot be read without what came before it (RFC 7541 2.2).
        begin = max((start for start in starts if 0 < start <= first), default=first)
        return Extent(origin.keys, begin, min(later, default=None))

    def bases(self, connection: int) -> tuple[int, int]:
        """Sequence numbers of the client's and the server's first stream byte; -1: none came."""
        return self._origin(connection).bases

    def is_inside(self, connection: int) -> bool:
        """Its bytes came inside TLS or HTTP/2: those of its packets are others."""
        return self._origin(connection).plain is not None

    def frames_begin(self, connection: int, side: Side) -> int:
        """Offset of the side's first frame in its TCP stream; 0 where it never came to frames."""
        return self._origin(connection).frames[side is Side.SERVER]

    def batches(self, packet: int) -> Iterator[Sequence[Packet]]:
        """Packets of the capture once more, from one before `packet` on. Raises `GoneError`."""
        return self._again.batches(packet)

    def close(self) -> None:
        """Gives temporary files back; nothing can be looked at any more."""
        self._again.close()
        self.plain.close()
        self._reports.close()

    def _place(self, connection: int, row: int) -> tuple[Row, int]:
        return self.rows(connection)[row], self._logs[connection - 1].earliest(row)

    def _reader(self, connection: int) -> Reader:
        log = self._logs[connection - 1]
        return Reader(self._again, self._origin(connection), log, self._contexts, connection)

    def _origin(self, connection: int) -> Origin:
        """Where its packets are found; while it is open that may still change."""
        origin = self._origins.get(connection)
        if origin is None:
            origin = origin_of_connection(self._open[connection])
        return origin

    # ---- what the session tells -------------------------------------------------------------
    def record(self, tracker: Tracker) -> Recording:
        """A connection that may be a WebSocket begins."""
        return Recording(tracker, RowLog(self._silence, self._room), self._contexts)

    def recognised(self, tracker: Tracker | Encrypted, recording: Recording | None) -> None:
        """It has an id now."""
        flow = tracker.flow
        log = RowLog(self._silence, self._room) if recording is None else recording.log
        self._logs.append(log)
        self._known.append(known_from(tracker, self._reports.get, is_encrypted=recording is None))
        self._open[tracker.id] = tracker
        if flow.tls is not None:
            self.randoms[tracker.id] = flow.tls.random
        self._firsts.append(flow.first_packet or 1)
        for key in self._origin(tracker.id).keys:
            self._starts.setdefault(key, [])
        if recording is not None:
            self._recordings[tracker.id] = recording
            recording.begin()
            describe(self._known[recording.tracker.id - 1], recording.tracker)
            for breach, _ in recording.tracker.breaches:
                self.found(recording.tracker, breach)
        self._changed(tracker.id)

    def opened(self, tracker: Tracker, handshake: Handshake) -> None:  # noqa: ARG002
        """The handshake is known."""
        describe(self._known[tracker.id - 1], tracker)
        self._changed(tracker.id)

    def found(self, tracker: Tracker, breach: Breach) -> None:
        """A rule was broken. What was found before it had an id is told when it has."""
        if not tracker.id:
            return
        known = self._known[tracker.id - 1]
        if breach.severity is Severity.ERROR:
            known.errors += 1
        elif breach.severity is Severity.WARNING:
            known.warnings += 1
        else:
            known.notes += 1
        self._recordings[tracker.id].finding(breach)
        self._changed(tracker.id)

    def over(self, tracker: Tracker) -> None:
        """Its stream has ended; the judgement may still wait for others."""
        self._recordings[tracker.id].end()
        self._known[tracker.id - 1].state = State.OVER
        self._changed(tracker.id)

    def finished(self, connection: Connection) -> None:
        """It was judged."""
        self._reports.add(connection)
        judge(self._known[connection.id - 1], connection)
        self._known[connection.id - 1].state = State.FINISHED
        self._recordings.pop(connection.id, None)
        self._origins[connection.id] = origin_of_connection(self._open[connection.id])
        del self._open[connection.id]
        self._changed(connection.id)
        if self._keep is not None:
            self._ended.append(connection.id)
            if len(self._ended) > self._keep:
                self._evict(self._ended.popleft())

    def judged(self, connection: Connection) -> None:
        """What is said of it for the time being, while more may come. One that goes on after all
        has no report.
        """
        known = self._known[connection.id - 1]
        if known.state is State.FINISHED:
            return
        if connection.end.how != "capture-end":
            self._reports.add(connection)
            judge(known, connection)
            known.state = State.OVER
        else:
            known.state, known.how, known.severity, known.causes = State.OPEN, None, None, ()
            self._reports.drop(connection.id)
        self._changed(connection.id)

    def _evict(self, connection: int) -> None:
        """It is long over: nothing but its line number stays."""
        self._known[connection - 1].state = State.GONE  # first: who reads it asks whether it went
        log = self._logs[connection - 1]
        self._room.left += len(Rows(log))
        self._logs[connection - 1] = RowLog(self._silence, self._room)
        self._reports.drop(connection)
        self._changed(connection)

    def left(self, flow: Flow) -> None:
        """A TCP connection is over, WebSocket or not; it may have taken over the ports of one."""
        self.attempts.note(flow)
        if self._starts:
            for key in keys_of(*flow.halves):
                if key in self._starts:
                    self._starts[key].append(flow.first_packet or 0)

    def _changed(self, connection: int) -> None:
        self._known[connection - 1].revision += 1
        self.changes.append(connection)
