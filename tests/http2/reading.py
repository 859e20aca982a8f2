"""HTTP/2 of a capture read without the rest of wsdebug."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

from wsdebug.capture import open_captures
from wsdebug.http.http2.connection import Http2
from wsdebug.http.http2.events import DataRead, Event
from wsdebug.http.recognise import Opening, recognise
from wsdebug.model.limits import DEFAULT_LIMITS
from wsdebug.model.place import Side
from wsdebug.transport import Flow, Half, Transport


class Reader:
    """Keeps every event of one connection."""

    def __init__(self, flow: Flow, events: list[Event]) -> None:
        http2 = Http2(DEFAULT_LIMITS, is_start=True)
        for half in flow.halves:
            half.feed = lambda data, mark, side=half.known_side: events.extend(
                http2.feed(side, data, mark)
            )

    def gap(self, *_: object) -> None: ...
    def overlap(self, *_: object) -> None: ...
    def end(self, *_: object) -> None: ...
    def close(self, *_: object) -> None: ...


def events_of(path: Path) -> list[Event]:
    events: list[Event] = []

    def opener(flow: Flow, half: Half, data: bytes) -> None:
        if recognise(data) not in (Opening.HTTP2, Opening.OTHER):
            flow.ignore()
            return
        flow.set_client(half if data.startswith(b"PRI") else half.peer)
        flow.consumer = Reader(flow, events)

    transport = Transport(opener, DEFAULT_LIMITS, lambda _: None)
    for batch in open_captures([str(path)], DEFAULT_LIMITS, None, None, keep=False).batches():
        transport.consume(batch)
    transport.finish()
    return events


def data_of(path: Path) -> dict[tuple[Side, int], bytes]:
    found: dict[tuple[Side, int], bytes] = defaultdict(bytes)
    for event in events_of(path):
        if isinstance(event, DataRead):
            found[event.side, event.stream] += event.data
    return found
