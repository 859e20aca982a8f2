"""The pages of rules and the table of them."""

from __future__ import annotations

from wsdebug.diagnosis.causes import all_causes
from wsdebug.explain.causes import causes_table
from wsdebug.explain.paragraphs import WIDTH, page, paragraphs
from wsdebug.rules import FAMILIES, Rule, all_rules


def rule_page(rule: Rule) -> str:
    """One rule: what it means, who does it, what to do."""
    facts = [f"severity  {rule.severity.value}", f"standard  {rule.section}"]
    if rule.fatal:
        facts.append("fatal     the receiver must fail the connection")
    return page(
        f"{rule.code}  {rule.name}",
        paragraphs(f"{rule.title}."),
        "\n".join(facts),
        paragraphs(rule.page),
        "What to do\n" + paragraphs(rule.fix, "  "),
    )


def family_page(prefix: str) -> str:
    """The rules of one family, a line each."""
    rules = [rule for rule in all_rules() if rule.code.startswith(prefix)]
    family = FAMILIES.get(prefix, "rules")
    return page(f"{prefix}  {family}", table(rules, WIDTH), "More: wsdebug explain NAME")


def rules_table(width: int | None = None) -> str:
    """Every rule, a line each: code, name, severity, section, title; then every cause. Where the
    lines do not fit in `width` columns, the title stands on a line of its own.
    """
    return f"{table(all_rules(), width)}\n\n{causes_table(all_causes(), width)}\n"


def table(rules: list[Rule], width: int | None = None) -> str:
    """The rules as columns; of several sections the first is shown."""
    rows = [
        (rule.code, rule.name, rule.severity.value, _first_section(rule), rule.title)
        for rule in rules
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    fits = width is None or sum(widths) + 8 + max(len(row[4]) for row in rows) <= width
    between = "  " if fits else "\n       "
    lines = []
    for row in rows:
        cells = [cell.ljust(size) for cell, size in zip(row[:4], widths, strict=True)]
        lines.append("  ".join(cells).rstrip(" " if not fits else "") + between + row[4])
    return "\n".join(lines)


def _first_section(rule: Rule) -> str:
    return rule.section.partition(",")[0]
