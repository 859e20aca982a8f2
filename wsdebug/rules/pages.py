"""Writes the rules' pages: `python -m wsdebug.rules.pages docs/rules`.

Each page is made of the rule's own title, docstring and fix, so that the page, `wsdebug explain`
and the report say the same. A test compares what is committed with what the rules say.
"""

from __future__ import annotations

import pathlib
import re
import sys

from wsdebug.rules import FAMILIES, Rule, all_rules

_SECTION = re.compile(r"RFC (\d+) (\d+(?:\.\d+)*)")


def pages() -> dict[str, str]:
    """File name -> Markdown, the index `README.md` among them."""
    made = {f"{rule.name}.md": page(rule) for rule in all_rules()}
    return {"README.md": index(), **made}


def page(rule: Rule) -> str:
    """The page of one rule."""
    lines = [
        f"# {rule.code} {rule.name}",
        "",
        f"**{rule.title}.**",
        "",
        f"- Severity: {rule.severity.value}",
        f"- Standard: {linked(rule.section)}",
    ]
    if rule.fatal:
        lines.append("- The receiver must fail the connection.")
    lines += ["", rule.page, "", "## What to do", "", rule.fix, ""]
    return "\n".join(lines)


def index() -> str:
    """The table of all rules."""
    lines = ["# Rules", "", "What wsdebug finds in a WebSocket connection. Made from the rules", ""]
    lines[2] += " by `python -m wsdebug.rules.pages docs/rules`."
    for prefix, family in FAMILIES.items():
        lines += [f"## {prefix}: {family}", ""]
        lines += ["| code | name | severity | standard | |", "|---|---|---|---|---|"]
        lines += [_row(rule) for rule in all_rules() if rule.code.startswith(prefix)]
        lines.append("")
    return "\n".join(lines)


def _row(rule: Rule) -> str:
    name = f"[{rule.name}]({rule.name}.md)"
    return f"| {rule.code} | {name} | {rule.severity.value} | {rule.section} | {rule.title} |"


def linked(section: str) -> str:
    """Each `RFC 6455 5.1` as a link to that section."""
    return _SECTION.sub(r"[\g<0>](https://www.rfc-editor.org/rfc/rfc\1#section-\2)", section)


def write(folder: pathlib.Path) -> None:
    """Writes all pages and removes those of rules that are gone."""
    folder.mkdir(parents=True, exist_ok=True)
    made = pages()
    for old in folder.glob("*.md"):
        if old.name not in made:
            old.unlink()
    for name, text in made.items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write(pathlib.Path(sys.argv[1]))
