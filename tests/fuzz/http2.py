"""Target: HTTP/2 connections with WebSockets on them: frames, header blocks, holes, every split.

Pieces of any size tell the same as long as no border is searched for; nothing is told of streams
that were said to be plain, and no more bytes than came; an ordinary conversation beside WebSockets
stays one. As a capture, every promise of the target `reports` holds.
"""

from __future__ import annotations

import random
import struct
from collections.abc import Iterator, Sequence

import hpack

from tests.fuzz import reports
from tests.fuzz.packets import Layers, Pcap
from tests.fuzz.seeds import CAPTURES
from tests.fuzz.tape import (
    FEED,
    FIN,
    FRAME,
    GAP,
    LOST,
    RST,
    Step,
    length_of,
    packed,
    pieces,
    unpacked,
)
from wsdebug.http.http2.connection import Http2
from wsdebug.http.http2.events import DataLost, DataRead, Event, HeadRead
from wsdebug.http.http2.framing import PREFACE
from wsdebug.http.http2.header import END_HEADERS, HEADERS, SETTINGS
from wsdebug.model.limits import Limits
from wsdebug.model.place import Side

LIMITS = Limits(message=1 << 18, head=8 << 10, fields=100, streams=8)
MOST = 16 << 10
LATE = 0x80
"""The option by which the capture begins later."""
AS_CAPTURE = 0x40
"""The option by which the tape is read as a capture, too."""
_SIDES = (Side.CLIENT, Side.SERVER)
_CONNECT = (
    (":method", "CONNECT"), (":protocol", "websocket"), (":scheme", "https"), (":path", "/live"),
    (":authority", "example.test"),
)  # fmt: skip


def seeds() -> Iterator[bytes]:
    """What real software said, whole and as frames, and a conversation that uses everything."""
    for path in sorted((CAPTURES / "http2").glob("h2c-*.pcap")):
        steps = list(_told(path.read_bytes()))[:60]
        for options in (0, LATE, AS_CAPTURE):
            yield packed(options, steps)
        yield packed(AS_CAPTURE | LATE, steps[8:])
        yield packed(0, list(_as_frames(steps)))
    yield packed(AS_CAPTURE, [*_opened(), Step(GAP, 0, b"\0\x05"), Step(LOST, 1, b"")])
    yield packed(0, [*_opened(), *_everything(), Step(FIN, 1, b""), Step(RST, 0, b"")])


def mutate(raw: bytes, change: object, seed: int) -> bytes:
    """Inside of one step, the order of the steps, a hole, or the tape itself."""
    assert callable(change)
    options, steps = unpacked(raw)
    dice = random.Random(seed)
    kind = dice.randrange(8)
    if not steps or kind == 0:
        return bytes(change(raw))
    at = dice.randrange(len(steps))
    if kind == 1:
        steps.insert(dice.randrange(len(steps)), steps.pop(at))
    elif kind == 2:
        steps.insert(at, steps[dice.randrange(len(steps))])
    elif kind == 3:
        what = dice.choice((GAP, GAP, LOST, FIN, RST))
        steps.insert(at, Step(what, dice.randrange(2), bytes([0, dice.randrange(256)])))
    elif kind == 4:
        options ^= dice.choice((LATE, AS_CAPTURE, 1))
    else:
        steps[at] = steps[at]._replace(data=bytes(change(steps[at].data)))
    return packed(options, steps)


def check(data: bytes) -> None:
    """Raises `AssertionError` where one of the promises above is broken."""
    options, tape = unpacked(data)
    steps = [_built(step) for step in tape]
    is_start = not options & LATE
    whole, is_searched = _played(steps, "whole", is_start=is_start)
    for how in ("some", *(["single"] if sum(len(s.data) for s in steps) < 2_000 else [])):
        told, _ = _played(steps, how, is_start=is_start)
        if not is_searched:
            assert _joined(told) == _joined(whole)
    _check_sizes(whole, steps)
    if options & AS_CAPTURE:
        reports.check(captured(steps, is_start=is_start))


# ---- bytes -----------------------------------------------------------------------------------
def _frame(kind: int, flags: int, stream: int, body: bytes) -> bytes:
    return len(body).to_bytes(3, "big") + bytes((kind, flags)) + stream.to_bytes(4, "big") + body


def _built(step: Step) -> Step:
    """A frame of the tape: type, flags, stream, payload."""
    if step.what != FRAME or len(step.data) < 3:
        return step
    kind, flags, stream = step.data[:3]
    return step._replace(data=_frame(kind % 12, flags, stream, step.data[3:]))


def _opened() -> Iterator[Step]:
    yield Step(FEED, 0, PREFACE + _frame(SETTINGS, 0, 0, b""))
    yield Step(FEED, 1, _frame(SETTINGS, 0, 0, b"\0\x08\0\0\0\x01"))
    block = hpack.Encoder().encode(_CONNECT)
    yield Step(FEED, 0, _frame(HEADERS, END_HEADERS, 1, block))
    yield Step(
        FEED, 1, _frame(HEADERS, END_HEADERS, 1, hpack.Encoder().encode([(":status", "200")]))
    )


def _everything() -> Iterator[Step]:
    for who in (0, 1):
        for kind in range(10):
            body = b"\x03\x81\x01x\0\0\0" if kind == 0 else bytes(8 if kind == 6 else 4)
            yield Step(FRAME, who, bytes((kind, 8 if kind == 0 else 0, 1)) + body)


def _told(raw: bytes) -> Iterator[Step]:
    file = Pcap.parsed(raw)
    assert file is not None
    first = b""
    for _, _, packet, _ in file.packets:
        at = Layers(packet)
        data = packet[at.data : at.end]
        if at.is_tcp and data:
            first = first or packet[at.tcp : at.tcp + 2]
            yield Step(FEED, int(packet[at.tcp : at.tcp + 2] != first), data)


def _as_frames(steps: Sequence[Step]) -> Iterator[Step]:
    for step in steps:
        at = len(PREFACE) if step.data.startswith(PREFACE) else 0
        if at:
            yield step._replace(data=PREFACE)
        while at + 9 <= len(step.data):
            size = int.from_bytes(step.data[at : at + 3], "big")
            body = step.data[at + 9 : at + 9 + size]
            yield Step(
                FRAME, step.who, step.data[at + 3 : at + 5] + step.data[at + 8 : at + 9] + body
            )
            at += 9 + size


# ---- what is told ----------------------------------------------------------------------------
def _played(steps: Sequence[Step], how: str, *, is_start: bool) -> tuple[list[Event], bool]:
    http2, events, is_searched = Http2(LIMITS, is_start=is_start), [], not is_start
    for number, step in enumerate(steps, 1):
        side, mark = _SIDES[step.who], (number, number * 1_000_000, None)
        if step.what in (FEED, FRAME):
            for piece in pieces(step.data, how):
                events += http2.feed(side, piece, mark)
                is_searched |= any(one.is_lost for one in http2._framing.values())
        elif step.what in (GAP, LOST):
            length = length_of(step) if step.what == GAP else None
            events += http2.gap(side, length, mark)
            is_searched |= any(one.is_lost for one in http2._framing.values())
    return events, is_searched


def _joined(events: Sequence[Event]) -> list[Event]:
    """Neighbouring pieces of one stream in one packet put together."""
    found: list[Event] = []
    for event in events:
        last = found[-1] if found else None
        if isinstance(event, DataRead) and isinstance(last, DataRead) and (
            (last.stream, last.side, last.mark) == (event.stream, event.side, event.mark)
        ):  # fmt: skip
            found[-1] = last._replace(data=last.data + event.data, reached=event.reached)
        else:
            found.append(event)
    return found


def _check_sizes(events: Sequence[Event], steps: Sequence[Step]) -> None:
    for who, side in enumerate(_SIDES):
        mine = [step for step in steps if step.who == who]
        fed = sum(len(step.data) for step in mine if step.what in (FEED, FRAME))
        size = fed + sum(length_of(step) for step in mine if step.what == GAP)
        read = [one for one in events if isinstance(one, DataRead) and one.side is side]
        assert sum(len(one.data) for one in read) <= fed
        assert all(0 < one.reached <= size for one in read)
        lost = [one for one in events if isinstance(one, DataLost) and one.side is side]
        assert all(one.length is None or 0 < one.length <= size for one in lost), lost
        heads = [one for one in events if isinstance(one, HeadRead) and one.side is side]
        assert all(0 <= one.offset <= one.offset + one.length <= size for one in heads)
        assert all(len(one.fields) <= LIMITS.fields for one in heads)


# ---- as a capture ----------------------------------------------------------------------------
def captured(steps: Sequence[Step], *, is_start: bool) -> bytes:
    """TCP segments of it, with its SYNs or without."""
    packets: list[tuple[int, int, bytes, int]] = []
    next_ = [1000, 5000]

    def add(who: int, flags: int, data: bytes = b"") -> None:
        tcp = struct.pack(
            "!HHIIBBHHH", *((4000, 8080) if who == 0 else (8080, 4000)), next_[who],
            next_[1 - who], 0x50, flags, 0xFFFF, 0, 0,
        )  # fmt: skip
        hosts = b"\x0a\0\0\x01\x0a\0\0\x02" if who == 0 else b"\x0a\0\0\x02\x0a\0\0\x01"
        ip = struct.pack("!BBHHHBBH", 0x45, 0, 40 + len(data), 1, 0, 64, 6, 0) + hosts
        raw = bytes(12) + b"\x08\0" + ip + tcp + data
        packets.append((1_700_000_000 + len(packets), 0, raw, len(raw)))
        next_[who] += len(data) + (flags & 3 > 0)

    if is_start:
        add(0, 0x02)
        add(1, 0x12)
        add(0, 0x10)
    for step in steps:
        if step.what in (FEED, FRAME):
            for at in range(0, len(step.data), 1400):
                add(step.who, 0x18, step.data[at : at + 1400])
        elif step.what in (GAP, LOST):
            next_[step.who] += length_of(step)
        else:
            add(step.who, 0x11 if step.what == FIN else 0x14)
    return Pcap(1, packets).bytes()
