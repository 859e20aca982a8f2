"""Target: HTTP heads, alone and as the two sides of a connection up to the switch.

Fields and faults lie inside the head; pieces of any size tell the same; a head is whole exactly
where its empty line came.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

from tests.fuzz.seeds import conversations
from tests.fuzz.tape import FEED, Step, assert_same, packed, played, unpacked
from wsdebug.http import parse_head
from wsdebug.model.handshake import Head
from wsdebug.model.limits import Limits
from wsdebug.model.place import Side
from wsdebug.rules import judge

LIMITS = Limits(head=8 << 10, fields=100, waiting=32 << 10, payload=64, message=1 << 14)
MOST = 16 << 10


def seeds() -> Iterator[bytes]:
    """The first words of each connection."""
    for talk in conversations():
        steps = [Step(FEED, side, data[:2_000]) for side, data in talk[:4]]
        yield packed(0, steps)


def mutate(raw: bytes, change: object, seed: int) -> bytes:
    """Inside of one step, or the tape itself."""
    assert callable(change)
    options, steps = unpacked(raw)
    if not steps or seed & 3 == 0:
        return bytes(change(raw))
    at = random.Random(seed).randrange(len(steps))
    steps[at] = steps[at]._replace(data=bytes(change(steps[at].data)))
    return packed(options, steps)


def check(data: bytes) -> None:
    """Raises `AssertionError` where one of the promises above is broken."""
    _, steps = unpacked(data)
    for step in steps:
        if step.what == FEED:
            for side in Side:
                _check_head(step.data, side)
    whole = played(steps, LIMITS, "whole")
    assert_same(played(steps, LIMITS, "some"), whole)
    if sum(len(step.data) for step in steps) < 1_500:
        assert_same(played(steps, LIMITS, "single"), whole)
    for fact in whole.facts:
        judge(fact)


def _check_head(data: bytes, side: Side) -> None:
    head = parse_head(data, side, limits=LIMITS)
    assert 0 <= head.length <= min(len(data), LIMITS.head)
    for field in head.fields:
        assert 0 <= field.offset <= field.offset + field.length <= head.length
        raw = data[field.offset : field.offset + field.length].decode("latin-1")
        assert raw.startswith(field.name), field
    for fault in head.faults:
        assert 0 <= fault.offset <= fault.offset + fault.length <= head.length, fault
    assert len(head.fields) <= LIMITS.fields
    _check_stable(data[: head.length], side, head)


def _check_stable(data: bytes, side: Side, head: Head) -> None:
    """What stands behind a whole head changes nothing in it."""
    if head.complete:
        assert parse_head(data + b"X: y\r\n\r\n", side, limits=LIMITS) == head
        assert parse_head(data, side, limits=LIMITS) == head
