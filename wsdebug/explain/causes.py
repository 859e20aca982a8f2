"""The pages of causes and the table of them."""

from __future__ import annotations

from wsdebug.diagnosis.causes import CauseRule, all_causes
from wsdebug.diagnosis.pages import FAMILIES
from wsdebug.explain.paragraphs import WIDTH, page, paragraphs
from wsdebug.knowledge.advice import advice


def explain_cause(asked: str) -> list[str]:
    """The pages of the causes of that name or code; of a beginning of codes (`DX1`) a table."""
    word = asked.lower().replace("_", "-")
    found = [each for each in all_causes() if word in (each.name, each.code.lower())]
    if found:
        return [cause_page(each) for each in found]
    begun = [each for each in all_causes() if each.code.lower().startswith(word)]
    if len(word) < 2 or not begun:
        return []
    prefix = asked.upper()
    family = FAMILIES.get(prefix, "causes: why a connection ended")
    return [page(f"{prefix}  {family}", causes_table(begun, WIDTH), "More: wsdebug explain NAME")]


def cause_page(rule: CauseRule) -> str:
    """One cause: how it looks on the wire, and what to do."""
    parts = [paragraphs(f"{rule.title}."), paragraphs(rule.page)]
    if rule.fix:
        parts.append("What to do\n" + "\n".join(_step(topic) for topic in rule.fix))
    return page(f"{rule.code}  {rule.name}", *parts)


def _step(topic: str) -> str:
    sentence, *examples = advice(topic).split("\n")
    return "\n".join([paragraphs(sentence, "  "), *(f"    {line}" for line in examples)])


def causes_table(causes: list[CauseRule], width: int | None = None) -> str:
    """The causes, a line each: code, name, title; the title below where it does not fit."""
    size = max(len(each.name) for each in causes)
    longest = max(len(each.title) for each in causes)
    fits = width is None or size + longest + 9 <= width
    if fits:
        return "\n".join(f"{each.code}  {each.name:{size}}  {each.title}" for each in causes)
    return "\n".join(f"{each.code}  {each.name}\n       {each.title}" for each in causes)
