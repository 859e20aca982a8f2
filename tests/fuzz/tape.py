"""A conversation as bytes that a fuzzer can change: options, then steps of what, who and bytes."""

from __future__ import annotations

import random
import struct
import zlib
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from wsdebug.model.facts import Fact
from wsdebug.model.limits import Limits
from wsdebug.model.place import Side
from wsdebug.protocol import Decoder
from wsdebug.protocol.decoder import Watch
from wsdebug.rules import watch_table

FEED, GAP, LOST, FIN, RST, FRAME, KINDS = range(7)
"""Bytes; so many missing; unknown how many missing; the end, in two ways; a frame to be built."""
_SIDES = (Side.CLIENT, Side.SERVER)
_MOST = 200
"""Steps of one tape."""


class Step(NamedTuple):
    """One thing that happens."""

    what: int
    who: int
    data: bytes


class Outcome(NamedTuple):
    """Everything that must not depend on how the bytes were cut."""

    facts: list[Fact]
    result: str
    is_websocket: bool | None
    limits_hit: frozenset[str]
    is_searched: bool
    """A border was lost and searched for. The search looks when enough bytes have come and takes
    the start of a segment as evidence: what it finds may depend on the cuts (decision 9)."""


def packed(options: int, steps: Sequence[Step]) -> bytes:
    """The tape."""
    return bytes([options]) + b"".join(
        struct.pack("!BH", step.what << 1 | step.who, len(step.data)) + step.data
        for step in steps
        if len(step.data) <= 0xFFFF
    )


def unpacked(raw: bytes) -> tuple[int, list[Step]]:
    """Options and steps of any bytes."""
    steps, at = [], 1
    while at + 3 <= len(raw) and len(steps) < _MOST:
        what, length = struct.unpack_from("!BH", raw, at)
        at += 3
        steps.append(Step((what >> 1) % KINDS, what & 1, raw[at : at + length]))
        at += length
    return raw[0] if raw else 0, steps


def played(
    steps: Sequence[Step], limits: Limits, how: str, watch: Watch | None = watch_table
) -> Outcome:
    """What a decoder tells of it. `how`: each step whole, in some pieces, or byte by byte."""
    decoder = Decoder(watch, limits)
    facts: list[Fact] = []
    ended: set[int] = set()
    for number, step in enumerate(steps, 1):
        if step.who in ended:
            continue  # behind FIN or RST the transport brings nothing
        if step.what in (FIN, RST):
            ended.add(step.who)
        side, mark = _SIDES[step.who], (number, number * 1_000_000, None)
        if step.what in (FEED, FRAME):
            for piece in pieces(step.data, how):
                facts += decoder.feed(side, piece, mark)
        elif step.what == GAP:
            facts += decoder.gap(side, length_of(step), mark)
        elif step.what == LOST:
            facts += decoder.gap(side, None, mark)
        else:
            facts += decoder.end(side, "fin" if step.what == FIN else "rst", mark)
    facts += decoder.finish()
    is_searched = decoder.joined is not None or any(
        stream.is_lost or stream._blind_since >= 0 for stream in decoder.streams.values()
    )
    result = decoder.result, decoder.is_websocket, decoder.limits_hit, is_searched
    return Outcome(facts, *result)


def assert_same(told: Outcome, whole: Outcome) -> None:
    """The same facts; in one step they may come in another order: sides wait for each other."""
    assert told.is_searched == whole.is_searched
    if not whole.is_searched:
        assert told[1:3] == whole[1:3]
        assert told.limits_hit == whole.limits_hit or not whole.is_websocket
        assert _ordered(told.facts) == _ordered(whole.facts)


def _ordered(facts: Sequence[Fact]) -> list[tuple[str, str]]:
    return sorted((type(fact).__name__, repr(fact)) for fact in facts)


def length_of(step: Step) -> int:
    """Of a gap."""
    return 1 + int.from_bytes(step.data[:2], "big")


def pieces(data: bytes, how: str) -> list[bytes]:
    """The bytes cut up; the same cuts for the same bytes."""
    if how == "whole" or len(data) < 2:
        return [data] if data else []
    if how == "single":
        return [data[at : at + 1] for at in range(len(data))]
    dice = random.Random(zlib.crc32(data))
    cuts = sorted({0, len(data), *(dice.randrange(len(data)) for _ in range(3))})
    return [data[start:stop] for start, stop in pairwise(cuts)]
