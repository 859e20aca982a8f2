"""Target: TLS records under keys that are known, with bytes changed, missing, and cut anywhere.

Nothing raises; what comes out as plaintext is what was sent, in its order, however much of it: it
was authenticated, and nobody without the keys can make up more. What waits stays within its limit.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import cache, partial
from itertools import pairwise
from pathlib import Path

from tests.fuzz.tape import FEED, GAP, LOST, Step, length_of, packed, pieces, unpacked
from wsdebug.analysis.tls_keys import TlsKeys
from wsdebug.capture import open_captures
from wsdebug.model.limits import DEFAULT_LIMITS
from wsdebug.model.place import SIDES, Mark, Side
from wsdebug.transport import Flow, Half, Transport
from wsdebug.transport.tls import TlsSession

MOST = 16 << 10
FOLDER = Path(__file__).parents[2] / "captures" / "tls"
NAMES = (
    "tls-node", "tls-key-update", "tls-padded", "tls-early-data", "tls-12-renegotiated",
    "tls-12-aes128-gcm", "tls-12-cbc-sha256", "tls-12-cbc-sha1-mac-then-encrypt",
)  # fmt: skip
_HELD = 80 << 10


class Plain:
    """What comes out, and where something is said to be missing."""

    def __init__(self) -> None:
        self.streams: dict[Side, bytes] = defaultdict(bytes)
        self.gaps: dict[Side, list[int]] = defaultdict(list)

    def data(self, side: Side, data: bytes, mark: Mark) -> None:
        """The next bytes."""
        assert mark[2] is None or mark[2] >= 0
        self.streams[side] += data

    def lack(self, side: Side, _: Mark) -> None:
        """A hole."""
        self.gaps[side].append(len(self.streams[side]))


class Wire:
    """The consumer that writes down what TCP brings."""

    def __init__(self, flow: Flow) -> None:
        self.told: list[tuple[int, bytes]] = []
        for half in flow.halves:
            half.feed = partial(self._take, half.known_side)

    def _take(self, side: Side, data: bytes, _: Mark) -> None:
        self.told.append((SIDES.index(side), data))

    def end(self, *_: object) -> None:
        """Not of interest."""

    gap = overlap = close = end


@cache
def conversation(name: str) -> tuple[tuple[int, bytes], ...]:
    """Who said what on the last connection of a stored capture."""
    wires: list[Wire] = []

    def opener(flow: Flow, *_: Half | bytes) -> None:
        flow.consumer = Wire(flow)  # type: ignore[assignment]
        wires.append(flow.consumer)  # type: ignore[arg-type]

    captures = open_captures([str(FOLDER / f"{name}.pcap")])
    transport = Transport(opener)
    for batch in captures.batches():
        transport.consume(batch)
    transport.finish()
    return tuple(wires[-1].told)


@cache
def _keys(name: str) -> TlsKeys:
    return TlsKeys(str(FOLDER / f"{name}.keys"), [], DEFAULT_LIMITS)


@cache
def _sent(name: str) -> dict[Side, bytes]:
    steps = [Step(FEED, who, data) for who, data in conversation(name)]
    return _played(name, steps, "whole").streams


def _played(name: str, steps: list[Step], how: str) -> Plain:
    plain = Plain()
    session = TlsSession(_keys(name), plain)
    for number, step in enumerate(steps, 1):
        side, mark = SIDES[step.who], (number, number * 1_000_000, number * 7)
        if step.what == GAP:
            session.gap(side, length_of(step), mark)
        elif step.what == LOST:
            session.gap(side, None, mark)
        else:
            for piece in pieces(step.data, how):
                session.feed(side, piece, mark)
        held = [one for reader in session.sides.values() for one in reader.held]
        assert sum(len(getattr(one, "body", b"")) for one in held) < _HELD
    for side in SIDES:
        session.end(side, (None, None, None))
    return plain


def seeds() -> Iterator[bytes]:
    """The stored conversations, whole, and with a hole in them."""
    for number, name in enumerate(NAMES):
        steps = [Step(FEED, who, data) for who, data in conversation(name)]
        yield packed(number, steps)
        for at in range(3, len(steps), 3):
            hole = Step(GAP, steps[at].who, (len(steps[at].data) - 1).to_bytes(2, "big"))
            yield packed(number, [*steps[:at], hole, *steps[at + 1 :]])


def mutate(raw: bytes, change: Callable[[bytes], bytes], seed: int) -> bytes:
    """Steps dropped, doubled, swapped, made a hole, or changed in their bytes."""
    dice = random.Random(seed)
    options, steps = unpacked(raw)
    if not steps:
        return packed(options, [Step(FEED, who, data) for who, data in conversation(NAMES[0])])
    at = dice.randrange(len(steps))
    step = steps[at]
    what = dice.randrange(6)
    if what == 0:
        del steps[at]
    elif what == 1:
        steps.insert(at, step)
    elif what == 2:
        other = dice.randrange(len(steps))
        steps[at], steps[other] = steps[other], step
    elif what == 3:
        steps[at] = Step(GAP, step.who, max(0, len(step.data) - 1).to_bytes(2, "big"))
    elif what == 4:
        steps[at] = step._replace(data=change(step.data))
    else:
        cut = dice.randint(0, len(step.data))
        hole = Step(LOST, step.who, b"")
        steps[at : at + 1] = [step._replace(data=step.data[:cut]), hole]
    return packed(options, steps)


def check(data: bytes) -> None:
    """One input."""
    options, steps = unpacked(data)
    name = NAMES[options % len(NAMES)]
    for how in ("whole", "some"):
        plain = _played(name, steps, how)
        for side in SIDES:
            _is_part_of(plain.streams[side], plain.gaps[side], _sent(name).get(side, b""))


def _is_part_of(came: bytes, gaps: list[int], sent: bytes) -> None:
    """Between two holes it is a piece of what was sent, behind the piece before."""
    borders, place = [0, *gaps, len(came)], 0
    for begin, stop in pairwise(borders):
        found = sent.find(came[begin:stop], place)
        assert found >= 0, (came[begin:stop][:40], place)
        place = found + stop - begin
