"""The filter over a pass: frames become records while they pass, connections are asked when over.

Of a connection it keeps the time of its last frame, the kind of each side's open message, and a
frame whose message is about to be told.
"""

from __future__ import annotations

from msgspec import structs

from wsdebug.model.facts import Fact, Frame, Message
from wsdebug.model.place import SIDES
from wsdebug.model.report import Connection
from wsdebug.query import Filter, FrameRecord, Sieve
from wsdebug.query.records import LOOKED_AT
from wsdebug.transport import Flow

_NANO = 1e9


class _Passing:
    """What is known of one connection while its frames pass."""

    __slots__ = ("is_compressed", "kinds", "last_time", "waiting")

    def __init__(self) -> None:
        self.last_time: int | None = None
        self.kinds = dict.fromkeys(SIDES, 0)
        self.is_compressed = dict.fromkeys(SIDES, False)
        self.waiting: FrameRecord | None = None


class Choosing:
    """A filter and the connections it is being asked about."""

    def __init__(self, wanted: Filter) -> None:
        self._reads = wanted.needs_payload
        self._sieve = Sieve(wanted)
        self._passing: dict[int, _Passing] = {}
        self.needs_frames = wanted.needs_frames
        self.payload = LOOKED_AT if self._reads else 0
        """Bytes of each payload it wants to see."""
        self.left_out = 0
        """WebSockets that did not match; an encrypted connection is none as far as one can tell."""

    def fact(self, flow: Flow, fact: Fact) -> None:
        """Something was decoded."""
        if isinstance(fact, Frame):
            self._frame(flow, fact)
        elif isinstance(fact, Message) and self._reads:
            self._message(flow.index, fact)

    def wants(self, connection: Connection) -> bool:
        """Whether a connection that is over is to be shown."""
        self._judge_waiting(connection.tcp_stream)
        self._passing.pop(connection.tcp_stream, None)
        wanted = self._sieve.wants(connection.tcp_stream, connection)
        self.left_out += not wanted and connection.handshake.result != "encrypted"
        return wanted

    def would_want(self, connection: Connection) -> bool:
        """The same of one that may still send more."""
        self._judge_waiting(connection.tcp_stream)
        return self._sieve.would_want(connection.tcp_stream, connection)

    def _frame(self, flow: Flow, frame: Frame) -> None:
        self._judge_waiting(flow.index)
        passing = self._passing.setdefault(flow.index, _Passing())
        record = _record(flow, frame, passing)
        passing.last_time = frame.time
        if self._reads and frame.fin and not frame.is_control:
            passing.waiting = record  # its message is told next, inflated
        else:
            self._sieve.frame(flow.index, record)

    def _message(self, stream: int, message: Message) -> None:
        passing = self._passing.get(stream)
        if passing is None or passing.waiting is None or message.payload is None:
            return
        waiting = passing.waiting
        if (waiting.side, waiting.number) != (message.side, message.last_frame):
            return
        passing.waiting = structs.replace(
            waiting, kind=message.opcode, read=lambda: message.payload
        )
        self._judge_waiting(stream)

    def _judge_waiting(self, stream: int) -> None:
        passing = self._passing.get(stream)
        if passing is not None and passing.waiting is not None:
            self._sieve.frame(stream, passing.waiting)
            passing.waiting = None


def _record(flow: Flow, frame: Frame, passing: _Passing) -> FrameRecord:
    record = FrameRecord(
        side=frame.side,
        number=frame.number,
        header=frame.header,
        length=frame.length,
        key=frame.key,
        packet=frame.packet,
        last_packet=frame.last_packet,
        time=_seconds(flow.start, frame.time),
        gap=_seconds(passing.last_time, frame.time),
        kind=_kind(frame, passing),
    )
    if frame.is_control or not passing.is_compressed[frame.side]:
        record.read = lambda: frame.payload
    return record


def _kind(frame: Frame, passing: _Passing) -> int:
    """The opcode of the message a frame belongs to (RFC 6455 5.4); 0 where there is none."""
    if frame.is_control:
        return frame.opcode
    if frame.opcode:
        passing.kinds[frame.side] = frame.opcode
        # RFC 7692 6: RSV1 means compressed only where permessage-deflate was agreed.
        may_be = frame.agreed.deflate is not None or not frame.agreed.known
        passing.is_compressed[frame.side] = may_be and bool(frame.rsv & 4)
    kind = passing.kinds[frame.side]
    if frame.fin:
        passing.kinds[frame.side] = 0  # a continuation behind it has no message
    return kind


def _seconds(start: int | None, time: int | None) -> float | None:
    if start is None or time is None:
        return None
    return max(0, time - start) / _NANO
