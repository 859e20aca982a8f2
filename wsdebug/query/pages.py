"""What is told of fields and the language: one source for `explain`, the screen's help and
docs/filters.md, which `python -m wsdebug.query.pages docs/filters.md` writes. A test compares.
"""

from __future__ import annotations

import pathlib
import sys

from wsdebug.query.field import Field, Level
from wsdebug.query.fields import FIELDS
from wsdebug.query.patterns import LOOKED_AT as PATTERN_SEES
from wsdebug.query.records import LOOKED_AT

LANGUAGE = (
    ("and && / or || / not !", "join conditions; not binds most, then and; ( ) for the rest"),
    ("== != < <= > >=", "eq ne lt le gt ge, as in Wireshark"),
    ("contains / matches ~", "text in it; a pattern in it, in any case"),
    ("in { } / not in { }", "one of several values, with ranges: code in {1002 4000..4999}"),
    ('"text" or /pattern/ alone', "any text payload that has it"),
    ("a field alone", "a bit is set; of others: there is one"),
    ("units", "k M (1024 and 1024 times 1024); us ms s m h, none is seconds"),
)
"""Each form and what it means."""
SEMANTICS = (
    "A connection matches if the conditions on it hold and, where there are conditions on frames, "
    "if one of its frames meets them all. A field with several values (code, packet, rule) meets "
    "== if any value does, and != if all do. Where there is no value no comparison holds, not "
    "even !=; not (op == close) holds."
)
REACH = (
    f"Of a payload the first {LOOKED_AT >> 10} KiB are looked at. A pattern sees the first "
    f"{PATTERN_SEES[0] >> 10} KiB of a text, with one open repeat (* or +) "
    f"{PATTERN_SEES[1] >> 10} KiB, with two {PATTERN_SEES[2] >> 10} KiB, with three "
    f"{PATTERN_SEES[3]} characters; more repeats, and a repeat inside a repeat, are refused: so "
    "no pattern runs for ever."
)
_OF = {
    Level.FRAME: "of a frame",
    Level.CONNECTION: "of a connection",
    Level.EITHER: "of a frame or of a connection",
}
_GROUPS = (
    ("Frames", Level.FRAME),
    ("Frames and connections", Level.EITHER),
    ("Connections", Level.CONNECTION),
)


def facts_of(field: Field) -> list[tuple[str, str]]:
    """What there is to say of a field, as rows: what it is, its names, values, an example."""
    rows = [("is", f"{field.says} ({_OF[field.level]})")]
    if field.short:
        rows.append(("also", ", ".join(field.short)))
    if field.wireshark:
        rows.append(("Wireshark", field.wireshark))
    rows.append(("values", field.kind.says))
    rows.append(("takes", " ".join(field.kind.operators)))
    rows.append(("example", field.example))
    return rows


def groups() -> list[tuple[str, list[Field]]]:
    """The fields by what they belong to."""
    return [(name, [field for field in FIELDS if field.level is of]) for name, of in _GROUPS]


def markdown() -> str:
    """docs/filters.md."""
    lines = ["# Filters", "", "Made from the fields by `python -m wsdebug.query.pages`.", ""]
    lines += ["`wsdebug read FILE -Y 'op == close and close.code >= 4000'` shows only the"]
    lines += ["connections that match. `wsdebug explain len` explains a field.", ""]
    lines += ["| written | means |", "|---|---|"]
    lines += [f"| `{_cell(form)}` | {_cell(means)} |" for form, means in LANGUAGE]
    lines += ["", SEMANTICS, "", REACH, ""]
    for name, fields in groups():
        lines += [f"## {name}", "", "| field | is | Wireshark | example |", "|---|---|---|---|"]
        lines += [_row(field) for field in fields]
        lines.append("")
    return "\n".join(lines)


def _row(field: Field) -> str:
    names = ", ".join(f"`{name}`" for name in (field.name, *field.short))
    wireshark = f"`{field.wireshark}`" if field.wireshark else ""
    return f"| {names} | {_cell(field.says)} | {wireshark} | `{_cell(field.example)}` |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    pathlib.Path(sys.argv[1]).write_text(markdown(), encoding="utf-8")
