"""A capture of a million rows that nobody had to read, and one that arrives step by step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from wsdebug.analysis.store import Rows
from wsdebug.analysis.store.log import Room, RowLog
from wsdebug.model.errors import UserError
from wsdebug.model.instant import Instant
from wsdebug.model.report import Analysis, Capture, Endpoint
from wsdebug.model.rows import FrameView, Known, Passed, Payload
from wsdebug.model.rows import State as KnownState

START = 1_700_000_000_000_000_000


class State(NamedTuple):
    progress: float | None = 1.0
    packets: int = 0
    done: bool = True
    stopped: bool = False
    error: UserError | None = None


class Counted(Sequence):
    """Rows that count how often one of them was taken apart."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self.taken = 0

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, index):
        self.taken += 1
        return self._rows[index]


class Synthetic:
    """Store and loader in one: one connection with `copies` times a thousand rows."""

    def __init__(self, copies: int, report=None, payload: bytes = b"{}") -> None:
        log = RowLog(1 << 62, Room(2000))
        for at in range(1000):
            opcode = 9 if at % 10 == 3 else 1
            side = at % 2
            log.add(
                side, offset=at * 10, length=8, times=(START + at, START + at),
                packets=(at + 1, at + 1, at + 1), header=(0x80 | opcode) << 8 | 8,
            )  # fmt: skip
        log.data = bytearray(bytes(log.data) * copies)
        self._rows = Counted(Rows(log))
        self._payload = payload
        self.analysis = Analysis(captures=[Capture(file="made.pcap", format="pcap")])
        here = Endpoint("192.0.2.1", 50000)
        self.connections = [
            Known(
                id=1, tcp_stream=0, client=here, server=here, start=Instant(START), path="/made",
            )
        ]  # fmt: skip
        self.changes = [1]
        if report is not None:
            self.finish(report)
        self.state = State()
        self.stops = 0

    def finish(self, report) -> None:
        """The connection has ended as the report says."""
        known = self.connections[0]
        known.load = lambda _: report
        known.state = KnownState.FINISHED
        known.severity, known.how = report.severity, report.end.how
        known.causes = tuple(each.code for each in report.causes)
        known.revision += 1
        self.changes.append(1)

    @property
    def store(self):
        return self

    def start(self) -> None: ...
    def poll(self) -> State:
        return self.state

    def stop(self) -> None:
        self.stops += 1
        self.state = self.state._replace(done=True, stopped=True)

    def close(self) -> None: ...
    def rows(self, connection):
        return self._rows

    def row_of(self, connection, side, frame):
        return None

    def row_at(self, connection, packet):
        return None

    def frame(self, connection, row):
        return FrameView(self._rows[row], b"\x81\x08", (), ())

    def payload(self, connection, row, limit=1 << 20):
        return Payload(self._payload, complete=True)

    def walk(self, connection, start=0, stop=None, limit=1 << 16):
        for index in range(start, stop or len(self._rows)):
            yield index, Payload(self._payload, complete=True)

    def glances(self, connection, start, stop):
        for glance in self._rows._rows.glances(start, stop):
            self._rows.taken += 1
            yield glance

    def sweep(self, connections, limit=1 << 16):
        for id_ in connections:
            for row in self._rows:
                yield Passed(id_, row, Payload(self._payload, complete=True))
            yield Passed(id_, None, None)

    def packets(self, connection, row):
        return []

    def raw(self, connection, row, limit=1 << 20):
        return b"\x81\x08" + self._payload
