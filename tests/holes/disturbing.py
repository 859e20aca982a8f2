"""Captures told again as busy machines tell them: packets in the wrong order, twice, cut, lost; and
what wsdebug then says of a connection that it does not say of the whole capture.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeAlias

import wsdebug
from wsdebug.capture import open_captures
from wsdebug.model.place import Packet
from wsdebug.model.report import Analysis, Certainty, Connection, Severity

Packets: TypeAlias = list[Packet]
Disturbance: TypeAlias = Callable[[Packets, random.Random], Packets]

MILLISECOND = 1_000_000
HOW_ONLY = ("DX201", "DX209", "DX210", "DX303", "DX401")
"""They say how it ended, not why: true wherever it did end so."""
UNKNOWABLE = ("DX402", "DX403", "DX404", "DX405")


def load(path: Path) -> Packets:
    return [packet for batch in open_captures([str(path)]).batches() for packet in batch]


# ---- what happens to packets ------------------------------------------------------------------
def timed(packet: Packet, time: int) -> Packet:
    return (packet[0], time, *packet[2:])


def shuffled(packets: Packets, dice: random.Random) -> Packets:
    """Each is stamped up to a millisecond late, and written in the order of the stamps."""
    late = [timed(one, (one[1] or 0) + dice.randint(0, MILLISECOND)) for one in packets]
    return sorted(late, key=lambda one: one[1] or 0)


def out_of_order(packets: Packets, dice: random.Random) -> Packets:
    """The stamps are right, the order of the file is not, by up to a millisecond."""
    return sorted(packets, key=lambda one: (one[1] or 0) + dice.randint(0, MILLISECOND))


def doubled(packets: Packets, _: random.Random) -> Packets:
    """As with `tcpdump -i any` on a bridge: each again, 20 µs later."""
    twice = [each for one in packets for each in (one, timed(one, (one[1] or 0) + 20_000))]
    return sorted(twice, key=lambda one: one[1] or 0)


def lossy(packets: Packets, dice: random.Random, share: float = 0.05) -> Packets:
    return [one for one in packets if dice.random() >= share]


def cut(packets: Packets, _: random.Random) -> Packets:
    return [(*one[:3], one[3][:96], *one[4:]) for one in packets]


def stopped(packets: Packets, dice: random.Random) -> Packets:
    return packets[: dice.randrange(2, len(packets))]


def begun_late(packets: Packets, dice: random.Random) -> Packets:
    return packets[dice.randrange(1, max(2, len(packets) * 2 // 3)) :]


def all_at_once(packets: Packets, dice: random.Random) -> Packets:
    """Twice, a sixth of it lost, what is left cut."""
    return cut(lossy(doubled(packets, dice), dice, 0.15), dice)


# ---- what is said more -------------------------------------------------------------------------
def more_said(whole: Analysis, lesser: Analysis, also: set[str]) -> list[tuple[object, ...]]:
    """Findings, ends that are errors or warnings, and causes that are more than likely, of which
    the whole capture knows nothing. `also`: causes that its truth names besides.
    """
    known = {_key(one): one for one in whole.connections}
    found: list[tuple[object, ...]] = []
    for one in lesser.connections:
        before = known.get(_key(one))
        found += [(one.tcp_stream, one.h2_stream, *each) for each in _more(one, before, also)]
    return found


def _key(one: Connection) -> tuple[object, ...]:
    ends = frozenset((end.address, end.port) for end in (one.client, one.server))
    return ends, one.h2_stream


def _more(
    one: Connection, before: Connection | None, also: set[str]
) -> Iterator[tuple[object, ...]]:
    yield from ((name,) for name in _serious(one) - (_serious(before) if before else Counter()))
    severities = [Severity.NOTE, Severity.WARNING, Severity.ERROR]
    worst = severities.index(before.end.severity) if before else 0
    if severities.index(one.end.severity) > worst:
        yield one.end.how, one.end.why
    ranks = {cause.code: cause.certainty.rank for cause in before.causes} if before else {}
    for cause in one.causes:
        if cause.code in UNKNOWABLE or cause.code in also or _is_so(cause.code, one, before):
            continue
        if cause.certainty.rank > max(Certainty.LIKELY.rank, ranks.get(cause.code, 0)):
            yield cause.code, cause.certainty.value, cause.title


def _is_so(code: str, one: Connection, before: Connection | None) -> bool:
    if before is None or code not in HOW_ONLY:
        return False
    return (one.end.how, one.end.by) == (before.end.how, before.end.by)


def _serious(one: Connection) -> Counter[str]:
    return Counter(each.name for each in one.findings if each.severity is not Severity.NOTE)


def read(path: Path, keys: Path | None) -> Analysis:
    return wsdebug.read(path) if keys is None else wsdebug.read(path, keylog=keys)
