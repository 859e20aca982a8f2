"""The register of causes: what a cause is, how it joins, and how a connection is asked for them."""

from __future__ import annotations

import inspect
from collections.abc import Callable

import msgspec

from wsdebug.diagnosis.betrayed import suited
from wsdebug.diagnosis.scene import Scene
from wsdebug.knowledge.advice import advice
from wsdebug.model.report import Cause, Certainty, Evidence


class Claim(msgspec.Struct, frozen=True):
    """What a cause says of one connection. `advice` in place of the cause's own topics, `title`
    where the case allows a better one, `limit` the seconds of silence that ended it.
    """

    certainty: Certainty
    because: list[Evidence]
    against: list[Evidence] = []
    considered: list[str] = []
    advice: list[str] | None = None
    title: str | None = None
    limit: float | None = None


class CauseRule(msgspec.Struct, frozen=True):
    """One cause of the catalogue. `page` is its explanation; `fix` are the topics of what is to be
    done; `last_resort`: it is only asked where nothing else is at least likely.
    """

    code: str
    name: str
    title: str
    page: str
    fix: tuple[str, ...]
    last_resort: bool
    look: Callable[[Scene], Claim | None]

    def cause(self, claim: Claim, scene: Scene) -> Cause:
        """The claim as the report has it."""
        advised = claim.advice
        if advised is None:
            advised = [
                advice(topic, suited(topic, scene.betrayed), claim.limit) for topic in self.fix
            ]
        return Cause(
            name=self.name,
            code=self.code,
            certainty=claim.certainty,
            title=claim.title or self.title,
            because=claim.because,
            against=claim.against,
            considered=claim.considered,
            advice=advised,
        )


CAUSES: dict[str, CauseRule] = {}
"""Every cause by name."""
_codes: set[str] = set()
Look = Callable[[Scene], Claim | None]


def cause(
    *, code: str, title: str, fix: tuple[str, ...] = (), last_resort: bool = False
) -> Callable[[Look], Look]:
    """Registers a function of a scene as a cause: its name with dashes is the cause's name, its
    docstring the page. `fix` names topics of `knowledge.advice`.
    """

    def register(look: Look) -> Look:
        name = look.__name__.replace("_", "-")
        if name in CAUSES or code in _codes:
            raise ValueError(f"cause {code} {name}: the code or the name is taken")
        page = inspect.getdoc(look) or ""
        CAUSES[name] = CauseRule(code, name, title, page, fix, last_resort, look)
        _codes.add(code)
        return look

    return register


def all_causes() -> list[CauseRule]:
    """Every cause, by code."""
    return sorted(CAUSES.values(), key=lambda each: each.code)


def ranked(scene: Scene) -> list[Cause]:
    """Every cause that fits, likeliest first; of equally likely ones, the one that explains
    more: the register's order by code, but for those that are a last resort.
    """
    rules = all_causes()
    found = _asked(scene, [each for each in rules if not each.last_resort])
    if not any(one.certainty.rank >= Certainty.LIKELY.rank for one in found):
        found = [*_asked(scene, [each for each in rules if each.last_resort]), *found]
    return sorted(found, key=lambda one: -one.certainty.rank)


def _asked(scene: Scene, rules: list[CauseRule]) -> list[Cause]:
    claims = ((rule, rule.look(scene)) for rule in rules)
    return [rule.cause(claim, scene) for rule, claim in claims if claim is not None]


def settled(scene: Scene) -> list[Cause] | None:
    """The answer for a connection that ended well or is open, without looking at the others; None
    where there is more to ask. It needs the verdict alone: a capture may hold very many of these.
    """
    name = {"clean": "clean-close", "capture-end": "still-open"}.get(scene.verdict.how)
    rule = CAUSES[name] if name is not None else None
    claim = rule.look(scene) if rule is not None else None
    return [rule.cause(claim, scene)] if rule is not None and claim is not None else None
