"""The packets of chosen connections as pcapng, with nothing private left in them.

What was found is not written beside them, since findings quote; whoever reads the file finds the
same. That is looked at before anything is handed out (`checking`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import BinaryIO

import wsdebug
from wsdebug.analysis.store import Store
from wsdebug.analysis.store.attempts import attempts_beside
from wsdebug.anonymise.carried import SILENT, Walk, streams_of
from wsdebug.anonymise.packets import Rewriter
from wsdebug.anonymise.secret import Secret
from wsdebug.anonymise.streams import Replaced, Tools, replaced
from wsdebug.capture.writing import PcapngWriter
from wsdebug.export import Written
from wsdebug.model.errors import UserError
from wsdebug.transport.half import MASK
from wsdebug.transport.ip import Header
from wsdebug.transport.refill import Refill
from wsdebug.transport.segment import SYN

_ABOUT = "wsdebug anonymised this: addresses, hosts, secrets and payloads are not the real ones."
_HALF_SPACE = 1 << 31
_MOST_KEPT = 7
"""Bytes of a run of a compressed text that may stay although they tell something."""


def export_anonymised(
    store: Store,
    connections: Sequence[int],
    stream: BinaryIO,
    end: int | None,
    secret: Secret | None = None,
) -> Written:
    """Write the packets of `connections` (ids) and of the attempts to connect beside them; `end` as
    for `export_packets`. `UserError` where something cannot be anonymised: then the file is no use.
    """
    _refuse_http2(store, connections)
    _refuse_inside(store, connections)
    tools = Tools(secret or Secret())
    extents = [store.extent(each) for each in connections]
    attempts = attempts_beside(store, connections)
    walk = Walk(store, extents, attempts)
    bases = [store.bases(each) for each in connections]
    raw = streams_of(walk, bases)
    _learn_keys(store, tools)
    streams = [
        _replaced(store, id_, pair, tools) for id_, pair in zip(connections, raw, strict=True)
    ]
    writer = PcapngWriter(stream, wsdebug.__version__, [_ABOUT])
    rewriter = Rewriter(tools.addresses)
    for packet, header, index, sender in walk.packets():
        data = packet[3][header.start : header.end]
        if index == SILENT:  # what a RST or a SYN carries is no part of a stream
            payload = tools.secret.stream(b"outside", data, len(data))
        else:
            place = _place(bases[index][sender], header)
            payload = _payload(streams[index][sender], place, data, tools.secret)
        writer.packet(rewriter.packet(packet, header, payload))
    writer.finish(end)
    return Written(writer.packets, len(attempts))


def _refuse_http2(store: Store, connections: Sequence[int]) -> None:
    """Names and values of all streams stand compressed in one table (RFC 7541): none of them could
    be replaced alone, and the other streams would go along as they are.
    """
    for each in connections:
        report = store.connections[each - 1].report
        if report is not None and report.h2_stream is not None:
            raise UserError(
                f"Connection {each} is a stream of HTTP/2, which cannot be anonymised: its headers "
                "are compressed together with those of all other streams.",
                "Nothing was written. Choose connections of HTTP/1.1 (-c), or share the report "
                "instead: wsdebug export FILE -o report.md",
            )


def _refuse_inside(store: Store, connections: Sequence[int]) -> None:
    """Other bytes inside would have to be encrypted anew."""
    for each in connections:
        if store.is_inside(each):
            raise UserError(
                f"Connection {each} came inside TLS: what was read there cannot be anonymised.",
                "Nothing was written. Choose other connections (-c), or read it without its keys.",
            )


def _learn_keys(store: Store, tools: Tools) -> None:
    for known in store.connections:
        report = known.report
        for attempt in (report.handshake, *report.handshake.attempts) if report else ():
            for name, value in attempt.request_headers:
                if name.strip().lower() == "sec-websocket-key":
                    tools.nonces.learn(value)


def _replaced(store: Store, id_: int, pair: tuple[Refill, Refill], tools: Tools) -> list[Replaced]:
    sides, longest = replaced(store, id_, pair, tools)
    if longest > _MOST_KEPT:
        raise UserError(
            f"Connection {id_} has compressed messages whose code leaves no choice: "
            f"{longest} letters and digits in a row would stay as they are.",
            "Nothing was written. Choose other connections: -c",
        )
    return sides


def _place(base: int, header: Header) -> int:
    """Where the payload stands in the side's stream; negative before it."""
    seq = header.seq + (1 if header.bits & SYN else 0)
    return ((seq - base + _HALF_SPACE) & MASK) - _HALF_SPACE


def _payload(side: Replaced, at: int, data: bytes, secret: Secret) -> bytes:
    """What the segment carries now. Bytes that contradict those that were kept go on doing so."""
    start, stop = max(0, -at), min(len(data), len(side.old) - at)
    if start >= stop:
        return secret.stream(b"outside", data, len(data))
    noise = secret.stream(b"other", data, len(data)) if data else b""
    told = bytearray(noise)
    new = side.new[at + start : at + stop]
    old = side.old[at + start : at + stop]
    told[start:stop] = new
    if old != data[start:stop]:
        for place in range(start, stop):
            if data[place] != side.old[at + place]:
                told[place] = (side.new[at + place] + 1 + noise[place] % 255) & 0xFF
    return bytes(told)
