"""Writes the causes' pages: `python -m wsdebug.diagnosis.pages docs/causes`.

Each page is made of the cause's own title, docstring and advice, so that the page, `wsdebug
explain` and the report say the same. A test compares what is committed with what the causes say.
"""

from __future__ import annotations

import pathlib
import sys
from collections.abc import Sequence

from wsdebug.diagnosis.causes import CauseRule, all_causes
from wsdebug.diagnosis.fleet import FleetRule, all_fleet_causes
from wsdebug.knowledge.advice import advice

FAMILIES = {
    "DX1": "bytes on the socket that are no frames",
    "DX2": "opened, then ended",
    "DX3": "never opened",
    "DX4": "nothing wrong, and still asked",
    "DX5": "many connections at once",
}
"""The beginnings of codes, in the order of the catalogue."""


def pages() -> dict[str, str]:
    """File name -> Markdown, the index `README.md` among them."""
    return {"README.md": index(), **{f"{each.name}.md": page(each) for each in _every()}}


def page(rule: CauseRule | FleetRule) -> str:
    """The page of one cause."""
    lines = [f"# {rule.code} {rule.name}", "", f"**{rule.title}.**", "", rule.page, ""]
    told = map(advice, rule.fix) if isinstance(rule, CauseRule) else rule.advice
    steps = _steps(list(told))
    if steps:
        lines += ["## What to do", "", *steps, ""]
    return "\n".join(lines)


def _every() -> list[CauseRule | FleetRule]:
    return [*all_causes(), *all_fleet_causes()]


def _steps(told: Sequence[str]) -> list[str]:
    lines = []
    for number, text in enumerate(told, 1):
        sentence, *examples = text.split("\n")
        lines.append(f"{number}. {sentence}")
        if examples:
            lines += ["   ```text", *(f"   {line}" for line in examples), "   ```"]
    return lines


def index() -> str:
    """The table of all causes."""
    lines = ["# Causes", "", "Why a WebSocket connection ended, as wsdebug tells it. Made from the"]
    lines += ["causes by `python -m wsdebug.diagnosis.pages docs/causes`.", ""]
    for prefix, family in FAMILIES.items():
        lines += [f"## {prefix}: {family}", "", "| code | name | |", "|---|---|---|"]
        lines += [
            f"| {each.code} | [{each.name}]({each.name}.md) | {each.title} |"
            for each in _every()
            if each.code.startswith(prefix)
        ]
        lines.append("")
    return "\n".join(lines)


def write(folder: pathlib.Path) -> None:
    """Writes all pages and removes those of causes that are gone."""
    folder.mkdir(parents=True, exist_ok=True)
    made = pages()
    for old in folder.glob("*.md"):
        if old.name not in made:
            old.unlink()
    for name, text in made.items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write(pathlib.Path(sys.argv[1]))
