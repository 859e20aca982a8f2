"""The pages of what befalls many connections at once, and the table of them."""

from __future__ import annotations

from wsdebug.diagnosis.fleet import FleetRule, all_fleet_causes
from wsdebug.explain.paragraphs import page, paragraphs

FLEET = "DX5"
"""How their codes begin."""


def fleet_page(rule: FleetRule) -> str:
    """One of them: what it looks like, what it is taken for, what to do."""
    return page(
        f"{rule.code}  {rule.name}",
        paragraphs(f"{rule.title}."),
        paragraphs(rule.page),
        "What to do\n" + "\n".join(_advice(each) for each in rule.advice),
    )


def explain_fleet(asked: str) -> list[str]:
    """The page with this name or code, or the table of all for `dx5` and what begins like it."""
    if len(asked) > 1 and FLEET.lower().startswith(asked):
        return [fleet_table()]
    return [
        fleet_page(each) for each in all_fleet_causes() if asked in (each.name, each.code.lower())
    ]


def fleet_table() -> str:
    """All of them, a line each."""
    rules = all_fleet_causes()
    lines = [f"{each.code}  {each.name}\n       {each.title}" for each in rules]
    return page(
        f"{FLEET}  many connections at once", "\n".join(lines), "More: wsdebug explain NAME"
    )


def _advice(text: str) -> str:
    """A piece of advice; lines of code or settings stand below it as they are."""
    said, *lines = text.split("\n")
    return "\n".join([paragraphs(said, "  "), *(f"    {line}" for line in lines)])
