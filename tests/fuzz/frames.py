"""Target: frames and messages behind a handshake: deflate, gaps, every split.

Pieces of any size tell the same; so do Python and what is compiled; spans lie inside the stream;
what a watch table leaves out broke no rule. And a healthy conversation, with bytes missing
anywhere, is never accused.
"""

from __future__ import annotations

import random
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence

from tests.analysis.streams import accept, request
from tests.compiled.built import pure
from tests.fuzz.healthy import healthy
from tests.fuzz.seeds import conversations
from tests.fuzz.tape import (
    FEED,
    FIN,
    FRAME,
    GAP,
    LOST,
    RST,
    Step,
    assert_same,
    length_of,
    packed,
    played,
    unpacked,
)
from tests.protocol.streams import frame
from wsdebug.model.facts import Fact, Frame
from wsdebug.model.limits import Limits
from wsdebug.model.place import Part, Span
from wsdebug.model.report import Severity
from wsdebug.rules import judge

LIMITS = Limits(message=1 << 16, payload=64)
QUICK = Limits(message=1 << 16)
"""By which the quick lanes are taken: nobody wants to see payload."""
MOST = 16 << 10
HEALTHY = 0x80
"""The option by which a tape is turned into a conversation without a fault."""
EXTENSIONS = (
    b"",
    b"permessage-deflate",
    b"permessage-deflate; server_no_context_takeover; client_no_context_takeover",
    b"permessage-deflate; server_max_window_bits=9; client_max_window_bits=9",
)


def seeds() -> Iterator[bytes]:
    """What followed the heads, raw and as steps to build; and healthy ones."""
    for number, talk in enumerate(conversations()):
        steps = [Step(FEED, side, data[:1_000]) for side, data in talk[2:10]]
        yield packed(number % 4, steps)
        if number % 8 == 0:
            yield packed(number % 4 | HEALTHY, steps[:6])
    text = "Grüße, 世界".encode()
    for options in range(4):
        yield packed(options, [Step(FRAME, 1, b"\xc1\0" + text), Step(FRAME, 0, b"\x81\0" + text),
                               Step(FRAME, 1, b"\x01\0" + text), Step(FRAME, 1, b"\x89\0hi"),
                               Step(GAP, 1, b"\0\x05"), Step(FRAME, 1, b"\x80\0" + text),
                               Step(FRAME, 0, b"\x88\0\x03\xe8bye"), Step(FIN, 0, b""),
                               Step(RST, 1, b"")])  # fmt: skip


def mutate(raw: bytes, change: object, seed: int) -> bytes:
    """Inside of one step, the order of the steps, or the tape itself."""
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
        what = dice.choice((GAP, LOST, FIN, RST))
        steps.insert(at, Step(what, dice.randrange(2), bytes([0, dice.randrange(256)])))
    elif kind == 4:
        steps[at] = steps[at]._replace(what=dice.choice((FEED, FRAME)))
    else:
        steps[at] = steps[at]._replace(data=bytes(change(steps[at].data)))
    return packed(options, steps)


def check(data: bytes) -> None:
    """Raises `AssertionError` where one of the promises above is broken."""
    options, steps = unpacked(data)
    field = EXTENSIONS[options & 3]
    fields = [b"Sec-WebSocket-Extensions: " + field] if field else []
    opening = [Step(FEED, 0, request(*fields)), Step(FEED, 1, accept(*fields))]
    if options & HEALTHY:
        steps = healthy(steps, options & 3)
        _check_healthy(opening, steps)
        _check_compiled(opening + steps)
        return
    steps = opening + [_built(step, options & 3) for step in steps]
    whole = played(steps, LIMITS, "whole")
    assert_same(played(steps, LIMITS, "some"), whole)
    if sum(len(step.data) for step in steps) < 2_000:
        assert_same(played(steps, LIMITS, "single"), whole)
    _check_spans(whole.facts, steps)
    _check_watch(whole.facts, steps)
    _check_compiled(steps)


def _check_compiled(steps: Sequence[Step]) -> None:
    for how in ("whole", "some"):
        with pure():
            expected = played(steps, QUICK, how)
        assert played(steps, QUICK, how) == expected


def _built(step: Step, deflate: int) -> Step:
    """A frame of the tape: its first byte, how it is masked, and its payload."""
    if step.what != FRAME or len(step.data) < 2:
        return step
    first, how, payload = step.data[0], step.data[1], step.data[2:]
    if deflate and first & 0x70 == 0x40:
        payload = zlib.compress(payload, 6, -15)[: 1 << 16] + bytes(how & 1)
    key = b"%04d" % (len(payload) % 10_000) if (step.who == 0) ^ (how >> 7) else None
    form = (None, 16, 64)[how % 3] if how & 0x40 else None
    return step._replace(data=frame(first & 15, payload, fin=first >> 7, rsv=first >> 4 & 7,
                                    key=key, form=form))  # fmt: skip


def _check_spans(facts: Sequence[Fact], steps: Sequence[Step]) -> None:
    """Nothing is said of bytes that nobody sent, and packets are those that came."""
    size = [0, 0]
    for step in steps:
        if step.what in (FEED, FRAME):
            size[step.who] += len(step.data)
        elif step.what == GAP:
            size[step.who] += length_of(step)
    for fact in facts:
        span = getattr(fact, "span", None)
        if isinstance(span, Span) and span.part is Part.STREAM:
            most = size[0 if span.side.value == "client" else 1]
            assert 0 <= span.offset <= most, fact
            assert span.length >= 0, fact
            assert span.packet is None or 1 <= span.packet <= len(steps), fact
        if isinstance(fact, Frame):
            most = size[0 if fact.side.value == "client" else 1]
            assert 0 <= fact.offset < most, fact
            assert 2 <= fact.header_length <= 14, fact


def _check_watch(facts: Sequence[Fact], steps: Sequence[Step]) -> None:
    every = played(steps, LIMITS, "whole", None).facts
    assert Counter(map(repr, _judged(facts))) == Counter(map(repr, _judged(every)))


def _judged(facts: Sequence[Fact]) -> list[object]:
    return [breach for fact in facts for breach in judge(fact)]


def _check_healthy(opening: list[Step], steps: list[Step]) -> None:
    facts = played([*opening, *steps], LIMITS, "some").facts
    breaches = [breach for fact in facts for breach in judge(fact)]
    accused = [breach for breach in breaches if breach.severity is not Severity.NOTE]
    assert not accused, accused[0]
