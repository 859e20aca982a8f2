"""Writes the pages of the fleet causes: `python -m wsdebug.diagnosis.fleet.pages docs/fleet`.

Each is made of the cause's own title, docstring and advice, so that the page, `wsdebug explain` and
the report say the same. A test compares what is committed with what the causes say.
"""

from __future__ import annotations

import pathlib
import sys

from wsdebug.diagnosis.fleet import FleetRule, all_fleet_causes


def pages() -> dict[str, str]:
    """File name -> Markdown, the index `README.md` among them."""
    return {"README.md": index(), **{f"{each.name}.md": page(each) for each in all_fleet_causes()}}


def page(rule: FleetRule) -> str:
    """The page of one."""
    advice: list[str] = []
    for each in rule.advice:
        said, *lines = each.split("\n")
        advice += [f"- {said}", *(f"\n      {line}\n" for line in lines)]
    lines = [
        f"# {rule.code} {rule.name}",
        "",
        f"**{rule.title}.**",
        "",
        rule.page,
        "",
        "## What to do",
        "",
        *advice,
        "",
    ]
    return "\n".join(lines)


def index() -> str:
    """The table of all."""
    lines = [
        "# Many connections at once",
        "",
        "What wsdebug sees in several connections of one server together. Made from the causes",
        "by `python -m wsdebug.diagnosis.fleet.pages docs/fleet`.",
        "",
        "| code | name | |",
        "|---|---|---|",
    ]
    lines += [
        f"| {each.code} | [{each.name}]({each.name}.md) | {each.title} |"
        for each in all_fleet_causes()
    ]
    return "\n".join([*lines, ""])


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
