"""Where frames begin in the middle of a stream: behind a hole, or where a capture begins.

*Theory:* any position may begin a frame, and a frame says where the next one begins. So from the
end of the run backwards each plausible header gets the bits of its own evidence and those of
the chain behind it. The true border's chain is long and dear; an accidental one breaks off, or
falls in with the true one.

*Practice:* a header that happens to end where a true frame begins stands before the true chain.
So the chain is taken up only where something besides it says that a frame begins there.
"""

from __future__ import annotations

import math
import re
from functools import lru_cache
from typing import NamedTuple

from wsdebug.model.place import Side
from wsdebug.protocol import header as head
from wsdebug.protocol.borders import (
    AT_RUN_END,
    BEYOND,
    BEYOND_LONG,
    Shape,
    evidence,
    is_plausible,
)
from wsdebug.protocol.header import Header, header_at
from wsdebug.protocol.masking import unmask
from wsdebug.protocol.run import Run
from wsdebug.protocol.signatures import FIRST_BYTES, signature_at

WINDOW = 128 << 10
"""Bytes looked at, from the end of the run."""
WANTED = 20.0
"""Bits beyond log2 of the bytes looked at, for a border to be likely."""
AHEAD = 10.0
"""Bits by which a chain must lead over any that never meets it."""
AT_SEGMENT = 4.0
AT_SIGNATURE = 12.0
"""The chain ends where an HTTP response or the like begins: as good as at a FIN."""
_ALIKE_LENGTH = 4_096
_OWN = 10.0
"""Bits from its payload that let a frame stand for itself."""
_SKIPPED = 2
"""Links at the front of a chain that may be accidents: three in a row are one in 2^17."""


class Found(NamedTuple):
    """A border at index `at` of the run, `bits` beyond what chance allows; the pings and pongs
    behind it as (opcode, payload); `until`: where its chain ends.
    """

    at: int
    bits: float
    beats: tuple[tuple[int, bytes], ...] = ()
    until: int = 0


class _Link(NamedTuple):
    """A plausible header: the bits of its chain, where it ends, what fragmentation it needs."""

    bits: float
    own: float
    stop: int
    needs: bool | None
    header: Header


def find_border(run: Run, shape: Shape, end: float | None) -> Found | None:
    """The first border that is likely to be one; `end` is what ending exactly with the run is
    worth, None while more may come.
    """
    if shape.agreed.unknown:
        return None  # RSV bits and opcodes may mean anything: no header is implausible.
    first = max(0, len(run.data) - WINDOW)
    links = _links(run, shape, end, first)
    if not links:
        return None
    best = max(links, key=lambda at: links[at].bits)
    path = _path(links, best)
    chance = math.log2(len(run.data) - first + 1)
    at = _take_up(links, path, run)
    bits = links[at].bits if at is not None else 0.0
    if at is None or bits < WANTED + chance:
        return None
    if bits - _rival(links, set(path)) < AHEAD:
        return None
    until = min(links[path[-1]].stop, len(run.data))
    return Found(at, bits - chance, _beats(run, links, path, at), until)


def _links(run: Run, shape: Shape, end: float | None, first: int) -> dict[int, _Link]:
    """Every header from which a chain leads to the end of the run, by its index."""
    data = bytes(run.data)
    size = len(data)
    links: dict[int, _Link] = {}
    places = [found.start() for found in _candidates(shape).finditer(data, first)]
    for at in reversed(places):
        if not run.holes and _leads_nowhere(data, at, links):
            continue
        header = header_at(data, at)
        if header is None or not is_plausible(header, shape):
            continue
        known = run.known_until(at) if run.holes else size
        if at + header.size > known:
            continue
        own = evidence(data, at, header, shape, known)
        if own is None:
            continue
        link = _join(run, data, at, header, own, links, end)
        if link is not None:
            links[at] = link
    return links


def _leads_nowhere(data: bytes, at: int, links: dict[int, _Link]) -> bool:
    """Whether nothing stands where the frame would end: of most places it is the quickest test."""
    second = data[at + 1]
    length = second & 0x7F
    stop = at + length + (6 if second >= 0x80 else 2)
    if length == 127 or stop + 16 > len(data):
        return False
    if length == 126:
        stop += (data[at + 2] << 8 | data[at + 3]) - 124
        if stop + 16 > len(data):
            return False
    return stop not in links and data[stop] not in FIRST_BYTES


def _join(
    run: Run,
    data: bytes,
    at: int,
    header: Header,
    own: float,
    links: dict[int, _Link],
    end: float | None,
) -> _Link | None:
    """The link at `at` before the one where it ends; None where nothing can stand there."""
    size, stop = len(data), at + header.size + header.length
    needs = None if header.is_control else header.opcode == 0
    bonus = AT_SEGMENT if run.is_start(at) else 0.0
    if stop == size:
        last = AT_RUN_END if end is None else end
        return _Link(own + bonus + last, own, stop, needs, header)
    behind = links.get(stop)
    if behind is not None:
        after = behind.needs if header.is_control else not header.bits & 0x8000
        if behind.needs is not None and after is not behind.needs:
            return None  # RFC 6455 5.4
        if _is_alike(data, at, stop, links):
            own = 0.0  # what repeats proves nothing by repeating
        return _Link(
            own + bonus + behind.bits, own, stop, behind.needs if needs is None else needs, header
        )
    if stop < size and run.known_until(stop) > stop:
        rest = size - stop
        is_begun = end is None and rest < 14 and header_at(data, stop) is None
        if signature_at(data, stop):
            return _Link(own + bonus + AT_SIGNATURE, own, stop, needs, header)
        if not is_begun:
            return None
    most = BEYOND_LONG if header.bits & 0x7F == 127 else BEYOND
    return _Link(min(own, most) + bonus, own, stop, needs, header)


def _is_alike(data: bytes, at: int, stop: int, links: dict[int, _Link]) -> bool:
    """Whether the frame is, byte for byte, the one behind it or the one behind that."""
    length, behind = stop - at, stop
    for _ in range(2):
        end = links[behind].stop
        if length == end - behind and data[at:stop] == data[behind:end]:
            return length <= _ALIKE_LENGTH
        if end not in links:
            break
        behind = end
    return False


def _path(links: dict[int, _Link], at: int) -> list[int]:
    path = []
    while at in links:
        path.append(at)
        at = links[at].stop
    return path


def _take_up(links: dict[int, _Link], path: list[int], run: Run) -> int | None:
    """The first border of the chain that starts a segment, that others agree on, or whose own
    payload speaks for it; failing that, the one behind as many as may be accidents.
    """
    entered: dict[int, int] = {}
    for link in links.values():
        entered[link.stop] = entered.get(link.stop, 0) + 1
    skipped = 0
    for index, at in enumerate(path):
        is_start, link = run.is_start(at), links[at]
        twins = _twins(run, at, link.stop)
        if twins:
            # Data that repeats may read as a header at any of its turns, but begins no segments.
            if is_start and all(run.is_start(near) for near in twins):
                return at
            continue
        agreed = entered.get(at, 0) > (0 if index == 0 else 1)
        if is_start or agreed or link.own - 6.0 >= _OWN or skipped >= _SKIPPED:
            return at
        skipped += 1
    return None


def _twins(run: Run, at: int, stop: int) -> list[int]:
    """Where the same bytes stand once more: right before the frame, or right behind it."""
    length = stop - at
    whole = run.data[at:stop]
    both = (at - length, stop)
    return [near for near in both if near >= 0 and run.data[near : near + length] == whole]


def _rival(links: dict[int, _Link], path: set[int]) -> float:
    """Bits of the best chain that never meets the path."""
    best = 0.0
    meets = set(path)
    for at, link in links.items():  # from the end of the run backwards
        if link.stop in meets:
            meets.add(at)
        elif at not in meets:
            best = max(best, link.bits)
    return best


def _beats(
    run: Run, links: dict[int, _Link], path: list[int], at: int
) -> tuple[tuple[int, bytes], ...]:
    beats = []
    for place in path[path.index(at) :]:
        header = links[place].header
        if header.opcode in (9, 10) and header.length > 0:
            start = place + header.size
            payload = bytes(run.data[start : start + header.length])
            if len(payload) == header.length and run.known_until(place) >= start + header.length:
                beats.append(
                    (header.opcode, unmask(payload, header.key) if header.key else payload)
                )
    return tuple(beats[:64])


@lru_cache(maxsize=64)
def _candidates(shape: Shape) -> re.Pattern[bytes]:
    """Finds the places at which a plausible header may begin, overlapping ones too."""
    firsts = bytes(byte for byte in range(256) if _may_begin(byte, shape))
    one = b"[" + b"".join(re.escape(bytes((byte,))) for byte in firsts) + b"]"
    second = rb"[\x80-\xff]" if shape.side is Side.CLIENT else rb"[\x00-\x7f]"
    # RFC 6455 5.1: the mask bit says whose frame it is, unless this side is known not to care.
    behind = rb"[\x00-\xff]" if shape.light & head.MASK else second
    return re.compile(one + b"(?=" + behind + b")", re.DOTALL)


def _may_begin(byte: int, shape: Shape) -> bool:
    for second in (0x01, 0x81):
        header = Header(byte << 8 | second, 2, 1 + (byte & 15 == 8), None)
        if is_plausible(header, shape):
            return True
    return False
