"""Connections that ended in order are kept as three numbers, and no cause comes out otherwise."""

from __future__ import annotations

import random

import msgspec
import pytest

from tests.diagnosis.fleets import crowd_dies, member, ns
from wsdebug.diagnosis.fleet import FleetWatch, Member
from wsdebug.diagnosis.fleet.arrivals import LATEST
from wsdebug.model.limits import DEFAULT_LIMITS
from wsdebug.model.report import FleetCause

ADDRESS = b"\xc0\x00\x02\x01"
CLEAN = {"how": "clean", "ender": "server", "is_clean": True, "code": 1000}
ODD = (
    {"code": 1001},
    {"code": 1012},
    {"how": "rst", "code": None},
    {"how": "handshake-rejected", "is_open": False, "code": None},
    {"is_clean": False},
    {"bad": 0.0},
    {"leg": "back", "mate": 1},
    {"leg": "front", "mate": 2},
    {"is_open": False},
    {"code": None},
)
"""What may be otherwise of one that ended in order."""


def population(rng: random.Random) -> list[Member]:
    """Members most of which ended in order, of a server of which much can be said."""
    found = crowd_dies(rng.choice([0, 0, 3, 12]), at=10)
    if rng.random() < 0.5:
        found.append(member(99, 0, 10.0, bad=9.99))
    together = rng.choice([None, 10.0, 12.0])
    for id_ in range(100, 100 + rng.randrange(60)):
        start = rng.choice([rng.uniform(0, 20), 10.3, 12.0])
        ended = start + rng.choice([0.2, 0.5, 3, 30])
        if together is not None and start < together:
            ended = together + rng.uniform(0, 0.004)
        more = {**CLEAN, **(rng.choice(ODD) if rng.random() < 0.4 else {})}
        if "bad" in more:
            more["bad"] = rng.choice([ended - 0.001, 9.995])
        is_open = rng.random() < 0.03
        more["packet"] = None if is_open else packet_at(ended)
        found.append(member(id_, start, None if is_open else ended, **more))
    rng.shuffle(found)
    return found


def packet_at(time: float) -> int:
    """As a clock shows it that was not set back."""
    return round(time * 10_000) + 1


def told(
    members: list[Member], more: list[Member], arrivals: list[tuple[float, bool]], most: int
) -> tuple[list[FleetCause], int, int]:
    watch = FleetWatch(msgspec.structs.replace(DEFAULT_LIMITS, fleet=most))
    for one in members:
        watch.add(one)
    for time, accepted in arrivals:
        watch.arrived(ADDRESS, 80, ns(time), packet_at(time), accepted=accepted)
    return watch.causes(more), watch.left_out, watch.size


@pytest.mark.parametrize("seed", range(150))
def test_causes_are_those_of_members_kept_whole(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = random.Random(seed)
    members, most = population(rng), rng.choice([1_000, 20])
    cut = rng.choice([len(members), len(members) // 2])
    tries = [(rng.choice([10.2, 10.4, rng.uniform(0, 30)]), rng.random() < 0.5) for _ in range(40)]
    given = members[:cut], members[cut:], tries, most
    kept = told(*given)
    monkeypatch.setattr(Member, "is_orderly", property(lambda _: False))
    assert kept == told(*given)


def test_most_of_those_are_kept_as_numbers_and_have_causes() -> None:
    """Else nothing was compared above."""
    orderly, codes = 0, set[str]()
    for seed in range(150):
        rng = random.Random(seed)
        members = population(rng)
        orderly += sum(one.is_orderly for one in members)
        codes |= {cause.code for cause in told(members, [], [(10.4, True)] * 20, 1_000)[0]}
    assert orderly > 1_000
    assert codes >= {"DX501", "DX503", "DX504", "DX505", "DX506"}


@pytest.mark.parametrize("start", [-LATEST, LATEST, LATEST + 1, 10 * LATEST])
def test_a_file_may_claim_any_time(start: int) -> None:
    """A time stamp of pcapng goes on to the year 9999."""
    watch = FleetWatch(DEFAULT_LIMITS)
    for ended in (start + ns(1), 0):
        watch.add(msgspec.structs.replace(member(1, 0, 1, **CLEAN), start=start, ended=ended))
    assert watch.causes() == []
    assert watch.size == 2
