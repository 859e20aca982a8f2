"""The pages of causes, and their lines on other pages.

The one place where `explain` asks what a cause is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from wsdebug.explain.paragraphs import listing, page, paragraphs
from wsdebug.explain.texts import opened
from wsdebug.knowledge.cases import cases
from wsdebug.knowledge.cause_names import CAUSE_FAMILIES, CAUSE_NAMES
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
    "message-too-big": ("DX208",),
}
"""Which causes an event points to, the commonest first."""

_MOST_LINES = 12


def causes_meant(word: str) -> list[str]:
    """The codes of the causes with that code or name, in lower case."""
    return [code for code, cause in CAUSE_NAMES.items() if word in (code.lower(), cause.name)]


def is_cause_prefix(word: str) -> bool:
    """Whether it begins the code of a cause: `DX`, `DX2`."""
    return word.upper().startswith("DX") and any(
        code.startswith(word.upper()) for code in CAUSE_NAMES
    )


def cause_page(code: str) -> str:
    """A cause: what it is, the bytes and the log lines that point to it."""
    cause = CAUSE_NAMES[code]
    parts = [paragraphs(cause.title)]
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
    parts.append("Whether it was this one, a capture tells: wsdebug read CAPTURE")
    return page(f"{code}  {cause.name}", *parts)


def _log_lines(code: str) -> Iterator[tuple[str, str]]:
    """Library and text of what is said where this is the cause, bytes left aside."""
    for one in all_libraries():
        for event, check in one.on.items():
            if check.text and code in EVENT_CAUSES.get(event, ()):
                yield one.name, check.text
        for saying in one.says:
            if code in saying.causes:
                yield one.name, saying.text


def causes_page(prefix: str) -> str:
    """The causes whose code begins so, a line each."""
    begin = prefix.upper()
    families = [words for code, words in CAUSE_FAMILIES.items() if begin.startswith(code)]
    rows = cause_rows(code for code in CAUSE_NAMES if code.startswith(begin))
    return page(f"{begin}  {families[0] if families else 'causes'}", listing(rows))


def cause_rows(codes: Iterable[str]) -> list[tuple[str, str]]:
    """For each cause its code, and its name with the title."""
    return [(code, f"{CAUSE_NAMES[code].name}: {CAUSE_NAMES[code].title}") for code in codes]
