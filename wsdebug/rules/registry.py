"""The register of rules: what a rule is, how it joins, and how a fact is judged."""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import msgspec

from wsdebug.model.facts import Fact, Frame
from wsdebug.model.place import Side, Span
from wsdebug.model.report import Severity


class Offence(msgspec.Struct, frozen=True):
    """What a rule saw: where, what stood there and what the standard wants, as noun phrases safe
    to show. `severity` is set where the case is lighter than the rule.
    """

    span: Span
    saw: str
    wanted: str
    severity: Severity | None = None
    frame: int | None = None
    detail: dict[str, Any] = {}


class Breach(msgspec.Struct, frozen=True):
    """An offence together with the rule it breaks. `fatal`: the receiver had to fail the
    connection.
    """

    name: str
    code: str
    severity: Severity
    span: Span
    saw: str
    wanted: str
    section: str
    fatal: bool
    frame: int | None
    detail: dict[str, Any]


class Rule(msgspec.Struct, frozen=True):
    """One rule of the catalogue. `page` is its explanation, paragraphs apart by empty lines."""

    code: str
    name: str
    title: str
    section: str
    severity: Severity
    fix: str
    fatal: bool
    page: str
    check: Callable[[Any], Iterator[Offence]]

    def breach(self, offence: Offence) -> Breach:
        """The offence as a breach of this rule; only an error can be fatal."""
        severity = offence.severity or self.severity
        return Breach(
            name=self.name,
            code=self.code,
            severity=severity,
            span=offence.span,
            saw=offence.saw,
            wanted=offence.wanted,
            section=self.section,
            fatal=self.fatal and severity is Severity.ERROR,
            frame=offence.frame,
            detail=offence.detail,
        )


RULES: dict[str, Rule] = {}
"""Every rule by name."""

_by_fact: dict[type, list[Rule]] = {}
_codes: set[str] = set()

F = TypeVar("F", bound=Fact)
Check = Callable[[F], Iterator[Offence]]


def rule(
    *,
    code: str,
    title: str,
    section: str,
    severity: Severity,
    fix: str,
    fatal: bool = False,
    only_http1: bool = False,
) -> Callable[[Check[F]], Check[F]]:
    """Registers a function of one fact as a rule: its name with dashes is the rule's name, its
    docstring the page, the type of its parameter the fact it judges. `only_http1`: a rule of the
    upgrade, which HTTP/2 has not (RFC 8441 4).
    """

    def register(check: Check[F]) -> Check[F]:
        name = check.__name__.replace("_", "-")
        if name in RULES or code in _codes:
            raise ValueError(f"rule {code} {name}: the code or the name is taken")
        fact = _fact_type(check)
        page, judge = inspect.getdoc(check) or "", _on_http1(check) if only_http1 else check
        added = Rule(code, name, title, section, severity, fix, fatal, page, judge)
        RULES[name] = added
        _codes.add(code)
        _by_fact.setdefault(fact, []).append(added)
        return check

    return register


def _on_http1(check: Callable[[Any], Iterator[Offence]]) -> Callable[[Any], Iterator[Offence]]:
    def look(fact: Any) -> Iterator[Offence]:
        return iter(()) if fact.is_http2 else check(fact)

    return look


def _fact_type(check: Callable[[Any], Iterator[Offence]]) -> type:
    """The annotation of the one parameter."""
    hints = typing.get_type_hints(check)
    (parameter,) = (hints[name] for name in hints if name != "return")
    fact: type = parameter
    if fact not in typing.get_args(Fact):
        raise TypeError(f"{check.__name__}: {fact} is no fact")
    return fact


def judge(fact: Fact) -> list[Breach]:
    """Every rule that the fact breaks, in the order a reader meets the places: client before
    server, then by offset, then by code.
    """
    rules = _by_fact.get(type(fact))
    if rules is None:
        return []
    breaches = [each.breach(offence) for each in rules for offence in each.check(fact)]
    if len(breaches) > 1:
        breaches.sort(key=_place)
    return [_with_header(fact, each) for each in breaches] if isinstance(fact, Frame) else breaches


def breaks_any(fact: Fact) -> bool:
    """Whether the fact breaks a rule, whichever."""
    return any(True for rule in _by_fact.get(type(fact), ()) for _ in rule.check(fact))


def _with_header(frame: Frame, breach: Breach) -> Breach:
    """What a receiver makes of it depends on the whole header, not on the one bit."""
    header = {
        "header": f"{frame.header:04x}",
        "payload_length": frame.length,
        "in_message": frame.in_message,
    }
    return msgspec.structs.replace(breach, detail={**breach.detail, **header})


def _place(breach: Breach) -> tuple[bool, int]:
    return breach.span.side is Side.SERVER, breach.span.offset


FAMILIES = {
    "HS": "opening handshake",
    "FR": "frames",
    "MS": "messages",
    "CL": "closing",
    "PP": "ping and pong",
    "TC": "transport",
}
"""The first two letters of a code, in the order of the catalogue."""


def all_rules() -> list[Rule]:
    """Every rule, by family and number."""
    families = list(FAMILIES)
    return sorted(RULES.values(), key=lambda each: (families.index(each.code[:2]), each.code))


def title_of(name: str) -> str:
    """The title of a rule."""
    return RULES[name].title
