"""The register of what can befall many connections at once, and how a capture is asked for it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property

import msgspec

from wsdebug.diagnosis.fleet.arrivals import Door
from wsdebug.diagnosis.fleet.burst import Burst, bursts
from wsdebug.diagnosis.fleet.crowd import Crowd
from wsdebug.diagnosis.fleet.set_back import SetBack, set_backs
from wsdebug.model.report import Certainty, Evidence, FleetCause


class FleetClaim(msgspec.Struct, frozen=True, kw_only=True):
    """What a fleet cause says of one server; its fields are those of `FleetCause`."""

    server: str
    certainty: Certainty
    title: str
    connections: Sequence[int] = ()
    culprit: int | None = None
    victims: Sequence[int] = ()
    attempts: int | None = None
    because: Sequence[Evidence] = ()
    against: Sequence[Evidence] = ()
    considered: Sequence[str] = ()
    advice: Sequence[str] = ()
    begin: int = 0
    end: int = 0
    """From when to when it happened, in ns."""


class Fleet:
    """All servers of a capture, and what was found so far."""

    def __init__(
        self,
        crowds: Iterable[Crowd],
        doors: Iterable[Door],
        moments: Callable[[], Iterable[tuple[int, int]]] = tuple,
    ) -> None:
        """`moments`: time and packet of all that began and ended, asked for only where there is
        something to say.
        """
        self.crowds = sorted(crowds, key=lambda crowd: crowd.server)
        self.doors = list(doors)
        self._moments = moments
        self.withheld: SetBack | None = None
        """The step of the clock for which something is not said."""
        self.claims: list[FleetClaim] = []
        """What was found before a `last_resort` is asked."""

    @cached_property
    def bursts(self) -> list[Burst]:
        """Of all servers."""
        return [burst for crowd in self.crowds for burst in bursts(crowd)]

    @cached_property
    def _set_backs(self) -> list[SetBack]:
        return set_backs(self._moments())

    def is_in_order(self, claim: FleetClaim) -> bool:
        """Whether the capture's clock can be believed around what is claimed."""
        steps = self._set_backs
        step = next((one for one in steps if one.touches(claim.begin, claim.end)), None)
        self.withheld = self.withheld or step
        return step is None

    @property
    def explained(self) -> set[int]:
        """The connections of which somebody knows already what befell them."""
        return {id_ for claim in self.claims for id_ in (*claim.connections, *claim.victims)}


FleetLook = Callable[[Fleet], Iterator[FleetClaim]]


class FleetRule(msgspec.Struct, frozen=True):
    """One fleet cause. `page` is its explanation, `advice` what is to be done in general;
    `last_resort`: it is asked when all others have been.
    """

    code: str
    name: str
    title: str
    page: str
    advice: tuple[str, ...]
    last_resort: bool
    look: FleetLook

    def cause(self, claim: FleetClaim) -> FleetCause:
        """The claim as the report has it."""
        return FleetCause(
            name=self.name,
            code=self.code,
            server=claim.server,
            certainty=claim.certainty,
            title=claim.title,
            connections=list(claim.connections),
            culprit=claim.culprit,
            victims=list(claim.victims),
            attempts=claim.attempts,
            because=list(claim.because),
            against=list(claim.against),
            considered=list(claim.considered),
            advice=[*claim.advice, *self.advice],
        )


FLEET: dict[str, FleetRule] = {}
"""Every fleet cause by name."""


def fleet_cause(
    *, code: str, title: str, advice: tuple[str, ...], last_resort: bool = False
) -> Callable[[FleetLook], FleetLook]:
    """Registers a function of a fleet: its name with dashes is the cause's name, its docstring
    the page.
    """

    def register(look: FleetLook) -> FleetLook:
        name = look.__name__.replace("_", "-")
        if name in FLEET or any(each.code == code for each in FLEET.values()):
            raise ValueError(f"fleet cause {code} {name}: the code or the name is taken")
        page = inspect.getdoc(look) or ""
        FLEET[name] = FleetRule(code, name, title, page, advice, last_resort, look)
        return look

    return register


def all_fleet_causes() -> list[FleetRule]:
    """Every fleet cause, by code."""
    return sorted(FLEET.values(), key=lambda each: each.code)


def found_in(fleet: Fleet) -> list[FleetCause]:
    """Every fleet cause that fits, by code, then by server."""
    rules = sorted(all_fleet_causes(), key=lambda each: each.last_resort)
    found: list[FleetCause] = []
    for rule in rules:
        claims = [claim for claim in rule.look(fleet) if fleet.is_in_order(claim)]
        found += map(rule.cause, claims)
        fleet.claims += claims
    return sorted(found, key=lambda cause: (cause.code, cause.server))
