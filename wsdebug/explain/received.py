"""What each library logs that receives a header, as client or server, with permessage-deflate or
without.
"""

from __future__ import annotations

from wsdebug.explain.bytes_behind import Setting, settings
from wsdebug.explain.paragraphs import listing
from wsdebug.knowledge.libraries import Library, Said, Situation, all_libraries, what_it_logs

_STAR = " *"


def received_table(header: int, length: int) -> str:
    """The table, empty where nobody objects. A star: worked out, not seen."""
    rows = [row for one in all_libraries() for row in _rows(one, header, length)]
    if not rows:
        return ""
    state = "" if header & 0x0F00 else " with no message open"
    if any("deflate: " in text for _, text in rows):
        state += " (deflate: permessage-deflate agreed)"
    table = f"What a library logs that gets this{state}\n" + listing(rows)
    if any(name.endswith(_STAR) for name, _ in rows):
        table += "\n  * worked out from its source, not seen from the running library"
    return table


def _rows(one: Library, header: int, length: int) -> list[tuple[str, str]]:
    """A row for each answer that differs."""
    said = {
        (role, deflate): what_it_logs(
            one, Situation(role=role, deflate=deflate, header=header, length=length)
        )
        for role, deflate in settings(one)
    }
    by_text: dict[str, list[Setting]] = {}
    for setting, answer in said.items():
        if answer is not None and not answer.waiting:
            by_text.setdefault(_words(answer), []).append(setting)
    star = _STAR if any(answer is not None and answer.derived for answer in said.values()) else ""
    rows: list[tuple[str, str]] = []
    for text, where in by_text.items():
        label = _label(where, list(said))
        rows.append((one.name + star if not rows else "", f"{label}{text}"))
    return rows


def _label(where: list[Setting], possible: list[Setting]) -> str:
    roles, deflates = {role for role, _ in where}, {deflate for _, deflate in where}
    words = []
    if roles != {role for role, _ in possible}:
        words.append(f"as {next(iter(roles)).value}")
    if deflates != {deflate for _, deflate in possible}:
        words.append("with deflate" if True in deflates else "without deflate")
    return f"{', '.join(words)}: " if words else ""


def _words(said: Said) -> str:
    if said.text:
        return said.text
    if said.reason:
        return f'nothing; its Close {said.sent} says "{said.reason}"'
    if said.code:
        return f"nothing ({said.code})"
    return "nothing"
