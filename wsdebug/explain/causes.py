"""The pages of causes, the table of them, and their lines on other pages.

The one place where `explain` asks what a cause is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from wsdebug.diagnosis.causes import CauseRule, all_causes
from wsdebug.diagnosis.fleet import all_fleet_causes
from wsdebug.diagnosis.pages import FAMILIES
from wsdebug.explain.paragraphs import WIDTH, listing, page, paragraphs
from wsdebug.explain.texts import opened
from wsdebug.knowledge.advice import advice
from wsdebug.knowledge.cases import cases
from wsdebug.knowledge.libraries import all_libraries

EVENT_CAUSES = {
    "fin": ("DX202", "DX209", "DX203", "DX502"),
    "fin-in-frame": ("DX213",),
    "rst": ("DX210", "DX211", "DX221"),
    "received-then-sent": ("DX401", "DX201"),
    "sent-then-received": ("DX401", "DX201"),
    "sent-only": ("DX207", "DX215", "DX208"),
    "received-only": ("DX201",),
    "ping-timeout": ("DX206", "DX205"),
    "idle": ("DX202", "DX204"),
    "rejected": ("DX303", "DX301"),
    "redirected-to-http": ("DX303",),
    "handshake-timeout": ("DX304",),
    "handshake-cut": ("DX305",),
    "wrong-accept": ("DX309",),
    "extension-not-requested": ("DX307",),
    "extension-none-requested": ("DX307",),
    "subprotocol-not-requested": ("DX308",),
    "subprotocol-none-requested": ("DX308",),
    "no-upgrade": ("DX307",),
    "connection-not-alone": ("DX307",),
    "message-too-big": ("DX208",),
}
"""Which causes an event points to, the commonest first."""

_MOST_LINES = 12


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
    return page(f"{rule.code}  {rule.name}", *parts, *_pointing_to(rule.code))


def _pointing_to(code: str) -> list[str]:
    """The bytes and the log lines that point to a cause."""
    parts = []
    leading = [case for case in cases().values() if code in case.causes and not case.quiet]
    if leading:
        rows = [(case.raw[:2].hex(" ") or case.end.upper(), case.title) for case in leading]
        parts.append("What a receiver meets\n" + listing(rows))
    rows = [(name, opened(text)) for name, text in _log_lines(code)]
    if rows:
        more = [("", f"and {len(rows) - _MOST_LINES} more")] if len(rows) > _MOST_LINES else []
        parts.append("Log lines that point to it\n" + listing(rows[:_MOST_LINES] + more))
    if leading:
        parts.append("What each library logs of such bytes: wsdebug explain BYTES (in hex)")
    return [*parts, "Whether it was this one, a capture tells: wsdebug read CAPTURE"]


def _log_lines(code: str) -> Iterator[tuple[str, str]]:
    """Library and text of what is said where this is the cause, bytes left aside."""
    for one in all_libraries():
        for event, check in one.on.items():
            if check.text and code in EVENT_CAUSES.get(event, ()):
                yield one.name, check.text
        for saying in one.says:
            if code in saying.causes:
                yield one.name, saying.text


def cause_rows(codes: Iterable[str]) -> list[tuple[str, str]]:
    """For each cause its code, and its name with the title; codes of none are left out."""
    told = {each.code: f"{each.name}: {each.title}." for each in all_causes()}
    told.update({each.code: f"{each.name}: {each.title}." for each in all_fleet_causes()})
    return [(code, told[code]) for code in codes if code in told]


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
