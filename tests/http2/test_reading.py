"""HTTP/2 however the bytes come: cut anywhere, with holes, begun late, made by an enemy."""

from __future__ import annotations

import hpack
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wsdebug.http.http2 import borders
from wsdebug.http.http2.connection import Http2
from wsdebug.http.http2.events import (
    DataLost,
    DataRead,
    Event,
    GoneAway,
    HeadRead,
    Stalled,
    StreamEnded,
    StreamReset,
    TableUnknown,
)
from wsdebug.http.http2.framing import PREFACE, Framing
from wsdebug.http.http2.header import (
    CONTINUATION,
    DATA,
    END_HEADERS,
    END_STREAM,
    GOAWAY,
    HEADERS,
    PADDED,
    RST_STREAM,
    SETTINGS,
    WINDOW_UPDATE,
)
from wsdebug.model.limits import DEFAULT_LIMITS
from wsdebug.model.place import NO_MARK, Mark, Side

CLIENT, SERVER = Side.CLIENT, Side.SERVER
CONNECT = [
    (":method", "CONNECT"),
    (":protocol", "websocket"),
    (":scheme", "https"),
    (":path", "/live"),
    (":authority", "example.test"),
]


def frame(kind: int, stream: int, body: bytes = b"", flags: int = 0) -> bytes:
    return len(body).to_bytes(3, "big") + bytes((kind, flags)) + stream.to_bytes(4, "big") + body


def setting(name: int, value: int) -> bytes:
    return frame(SETTINGS, 0, name.to_bytes(2, "big") + value.to_bytes(4, "big"))


class Talk:
    """Both sides of a connection as bytes."""

    def __init__(self) -> None:
        self.encoders = {side: hpack.Encoder() for side in Side}

    def head(self, side: Side, stream: int, fields: list[tuple[str, str]], **how: int) -> bytes:
        block = self.encoders[side].encode(fields)
        return frame(HEADERS, stream, block, END_HEADERS | how.get("flags", 0))

    def opened(self) -> list[tuple[Side, bytes]]:
        return [
            (CLIENT, PREFACE + frame(SETTINGS, 0)),
            (SERVER, setting(8, 1)),
            (CLIENT, self.head(CLIENT, 1, CONNECT)),
            (SERVER, self.head(SERVER, 1, [(":status", "200")])),
        ]


def told(parts: list[tuple[Side, bytes]], *, is_start: bool = True, step: int = 0) -> list[Event]:
    http2, events = Http2(DEFAULT_LIMITS, is_start=is_start), []
    for side, data in parts:
        size = step or max(1, len(data))
        for at in range(0, len(data), size):
            events += http2.feed(side, data[at : at + size], NO_MARK)
    return events


def joined(events: list[Event]) -> list[Event]:
    """Neighbouring pieces of one stream put together."""
    found: list[Event] = []
    for event in events:
        last = found[-1] if found else None
        if isinstance(event, DataRead) and isinstance(last, DataRead) and last[:2] == event[:2]:
            found[-1] = last._replace(data=last.data + event.data, reached=event.reached)
        else:
            found.append(event)
    return found


def conversation() -> list[tuple[Side, bytes]]:
    talk = Talk()
    opened = talk.opened()
    padded = frame(DATA, 1, b"\x03" + b"\x81\x01x" + bytes(3), PADDED)
    block = talk.encoders[CLIENT].encode([*CONNECT, ("sec-websocket-protocol", "a" * 40)])
    cut = frame(HEADERS, 3, block[:9]) + frame(CONTINUATION, 3, block[9:], END_HEADERS)
    return [
        *opened,
        (CLIENT, padded + cut + frame(DATA, 1, b"\x82\x00")),
        (SERVER, frame(DATA, 1, b"hello") + frame(DATA, 1, b"", END_STREAM)),
        (SERVER, frame(RST_STREAM, 3, (8).to_bytes(4, "big"))),
        (SERVER, frame(GOAWAY, 0, (1).to_bytes(4, "big") + (11).to_bytes(4, "big") + b"calm")),
    ]


def test_what_is_told() -> None:
    events = told(conversation())
    assert [type(event) for event in events] == [
        *(HeadRead, HeadRead, DataRead, HeadRead, DataRead, DataRead, StreamEnded),
        *(StreamReset, GoneAway),
    ]
    heads = [event for event in events if isinstance(event, HeadRead)]
    assert heads[0].fields == tuple(CONNECT)
    assert heads[0].connect_enabled is True
    assert heads[2].fields[-1] == ("sec-websocket-protocol", "a" * 40)
    assert [event.data for event in events if isinstance(event, DataRead)] == [
        *(b"\x81\x01x", b"\x82\x00", b"hello"),
    ]
    assert events[-1] == GoneAway(SERVER, 1, 11, b"calm", NO_MARK)


@pytest.mark.parametrize("step", [1, 2, 3, 7, 9, 10])
def test_cuts_change_nothing(step: int) -> None:
    assert joined(told(conversation(), step=step)) == joined(told(conversation()))


def test_other_streams_are_not_told() -> None:
    talk = Talk()
    get = [(":method", "GET"), (":scheme", "https"), (":path", "/"), (":authority", "a.test")]
    parts = [
        (CLIENT, PREFACE + frame(SETTINGS, 0) + talk.head(CLIENT, 1, get, flags=END_STREAM)),
        (SERVER, frame(SETTINGS, 0) + talk.head(SERVER, 1, [(":status", "200")])),
        (SERVER, frame(DATA, 1, b"<html>", END_STREAM)),
    ]
    assert told(parts) == []


def test_a_hole_inside_data_is_measured() -> None:
    """The frame's end is known, so what follows it is read on."""
    http2 = Http2(DEFAULT_LIMITS, is_start=True)
    events: list[Event] = []
    for side, data in Talk().opened():
        events += http2.feed(side, data, NO_MARK)
    whole = frame(DATA, 1, bytes(100)) + frame(DATA, 1, b"behind")
    events += http2.feed(SERVER, whole[:40], NO_MARK)
    events += http2.gap(SERVER, 30, NO_MARK)
    events += http2.feed(SERVER, whole[70:], NO_MARK)
    data = events[2:]
    assert data[0] == DataRead(1, SERVER, bytes(31), data[0].reached, NO_MARK)
    assert data[1] == DataLost(1, SERVER, 30, NO_MARK)
    assert [event.data for event in data[2:]] == [bytes(39), b"behind"]


def test_behind_a_hole_frames_are_found_again_and_the_table_is_unknown() -> None:
    talk = Talk()
    http2 = Http2(DEFAULT_LIMITS, is_start=True)
    events: list[Event] = []
    for side, data in talk.opened():
        events += http2.feed(side, data, NO_MARK)
    lost = talk.head(CLIENT, 3, [*CONNECT[:-1], (":authority", "other.test")])
    events += http2.gap(CLIENT, len(lost) + 5, NO_MARK)
    later = talk.head(CLIENT, 5, [*CONNECT[:-1], (":authority", "other.test")])
    rest = frame(DATA, 1, b"abc") + frame(DATA, 1, b"def") + frame(DATA, 1, b"ghi") + later
    events += http2.feed(CLIENT, b"\xff\xff\xff" + rest, NO_MARK)
    kinds = [event for event in events[2:] if not isinstance(event, DataRead)]
    assert kinds == [TableUnknown(CLIENT, NO_MARK), DataLost(1, CLIENT, None, NO_MARK)]
    assert b"".join(e.data for e in events if isinstance(e, DataRead)) == b"abcdefghi"


def test_a_capture_begun_late_reads_data_and_no_heads() -> None:
    parts = [(SERVER, frame(DATA, 7, b"\x81\x02hi") * 3), (CLIENT, frame(DATA, 7, b"x") * 3)]
    events = told(parts, is_start=False)
    unknown = [TableUnknown(SERVER, NO_MARK), TableUnknown(CLIENT, NO_MARK)]
    assert [event for event in events if not isinstance(event, DataRead)] == unknown
    assert {event.stream for event in events if isinstance(event, DataRead)} == {7}


def test_a_stalled_window() -> None:
    """RFC 9113 6.9.1: who has used it up waits for WINDOW_UPDATE."""
    http2 = Http2(DEFAULT_LIMITS, is_start=True)
    talk, events = Talk(), []
    small = (CLIENT, PREFACE + setting(4, 10))
    for side, data in [small, *talk.opened()[1:]]:
        events += http2.feed(side, data, NO_MARK)
    full: Mark = (9, 9_000, None)
    more: Mark = (12, 7_000_000_000, None)
    events += http2.feed(SERVER, frame(DATA, 1, bytes(10)), full)
    events += http2.feed(CLIENT, frame(WINDOW_UPDATE, 1, (100).to_bytes(4, "big")), more)
    assert events[-1] == Stalled(1, SERVER, full, more)


def test_the_search_for_a_border_looks_at_each_byte_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many pieces the bytes come in."""
    looked = []

    def walked(_: bytes, walk: borders.Walk) -> None:
        looked.append(walk)

    monkeypatch.setattr(borders, "walked", walked)
    data = b"\0\0\x04\x08\0\0\0\0\0\xff" * 2_000
    counts = []
    for step in (len(data), 10):
        looked.clear()
        framing = Framing(is_start=False)
        for at in range(0, len(data), step):
            assert list(framing.put(data[at : at + step], NO_MARK)) == []
        counts.append(len(looked))
    assert 0 < counts[1] <= counts[0] < len(data)


def test_a_hole_is_told_once_until_more_comes() -> None:
    """A thousand streams times a thousand holes is too much to tell."""
    http2, events = Http2(DEFAULT_LIMITS, is_start=True), []
    for side, data in Talk().opened():
        list(http2.feed(side, data, NO_MARK))
    for _ in range(5):
        events += http2.gap(SERVER, 100, NO_MARK)
    assert events.count(DataLost(1, SERVER, None, NO_MARK)) == 1
    events += http2.feed(SERVER, frame(DATA, 1, b"a") * 3, NO_MARK)
    events += http2.gap(SERVER, 100, NO_MARK)
    assert events.count(DataLost(1, SERVER, None, NO_MARK)) == 2


def test_a_window_is_not_known_behind_a_lost_window_update() -> None:
    http2 = Http2(DEFAULT_LIMITS, is_start=True)
    talk, events = Talk(), []
    for side, data in [(CLIENT, PREFACE + setting(4, 10)), *talk.opened()[1:]]:
        events += http2.feed(side, data, NO_MARK)
    update = frame(WINDOW_UPDATE, 1, (100).to_bytes(4, "big"))
    events += http2.feed(CLIENT, update[:10], NO_MARK)
    events += http2.gap(CLIENT, 3, NO_MARK)
    events += http2.feed(SERVER, frame(DATA, 1, bytes(50)), NO_MARK)
    events += http2.feed(CLIENT, update, NO_MARK)
    assert not [event for event in events if isinstance(event, Stalled)]


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(list(Side)), st.binary(max_size=80)), max_size=12))
def test_nothing_raises(parts: list[tuple[Side, bytes]]) -> None:
    told(parts)
    told(parts, is_start=False)
    told([*Talk().opened(), *parts])


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 9), st.integers(0, 255), st.integers(0, 5), st.binary(max_size=60))
def test_no_frame_raises(kind: int, flags: int, stream: int, body: bytes) -> None:
    told([*Talk().opened(), (CLIENT, frame(kind, stream, body, flags))])
    told([*Talk().opened(), (SERVER, frame(kind, stream, body, flags))])


def test_a_header_bomb_is_refused() -> None:
    """A few bytes that unpack to megabytes (RFC 7541 7.1.3): the table counts as lost."""
    encoder = hpack.Encoder()
    first = encoder.encode([("x", "y" * 4_000)])
    block = first + encoder.encode([("x", "y" * 4_000)]) * 10_000
    parts = [*Talk().opened(), (CLIENT, frame(HEADERS, 3, block, END_HEADERS))]
    assert isinstance(told(parts)[-1], TableUnknown)
