"""The libraries as data against what the real ones said: row by row, byte by byte."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from wsdebug.knowledge.cases import cases, said_in_case
from wsdebug.knowledge.libraries import LIBRARIES, Event, Said, Situation, library, what_it_logs
from wsdebug.model.place import Side

FOLDER = Path(__file__).parent / "vocabulary"
ROWS: list[dict[str, Any]] = [
    json.loads(line) for line in (FOLDER / "rows.jsonl").read_text(encoding="utf-8").splitlines()
]
FIRST_BYTE: dict[str, dict[str, str]] = json.loads(
    (FOLDER / "ws-first-byte.json").read_text(encoding="utf-8")
)
SIDES = {"c": Side.CLIENT, "s": Side.SERVER}

EXCEPTIONS = {
    ("coder/websocket", "j_close_1byte"): "the text quotes the byte, which the row leaves out",
}
"""(library, case) whose derived row is not reproduced, and why."""


def asked() -> list[tuple[str, str, str, str, dict[str, Any]]]:
    """(evidence, library, case, role letter, row) for each answer in each role."""
    return [
        (row["evidence"], row["library"], case, letter, row)
        for row in ROWS
        for where in row["where"].split()
        for case, _, letters in [where.partition(":")]
        for letter in letters
    ]


SILENT = (
    *("(no error", "(clean close", "(accepted", "(empty reason", "(no console", "onClose(1006"),
    *(
        "(error event with empty",
        "(no text;",
        "(channelInactive",
        "(close 10",
        "(treated as",
        "(close 1002",
    ),
)
"""How rows begin that tell that nothing is logged."""


def text_of(row: dict[str, Any]) -> str | None:
    """The row's text without its remarks; None where the library says nothing; "?" where the row
    has a remark in place of a text.
    """
    text = re.sub(
        r"( \[after: .*\]| close reason='.*'| \(log\).*| \(exceptionCaught\))$", "", row["text"]
    )
    text = re.sub(r"^\((waits for 6 bytes|accepted as message|parser: \w+)\) (?!close)", "", text)
    if text.startswith(SILENT) or text.endswith("(no text)"):
        return None
    unstated = re.search(r"^\(|: \(.*\)$|unverified", text)
    return "?" if unstated else text


RENAMED = {
    "1006 'Session Closed' (ClosedChannelException)": "Session Closed",
    "BadPayloadException / NotUtf8Exception": "?",
    "BadPayloadException (DataFormatException)": "?",
    "WebSocketException (InvalidPayloadData)": "?",
    "DecompressionException (JdkZlib/JZlib text)": "?",
    "onClose 1006 + EOFException": "EOFException",
    "onError(IOException: Connection reset) + onClose(1006, ..., remote)": "Connection reset",
    "onError(IOException: Connection reset by peer / Broken pipe) + onClose 1006": (
        "IOException: Connection reset by peer / Broken pipe"
    ),
    "WebSocket network error: ...": "WebSocket network error: <reason>",
    "Failed to decompress a WebSocket frame: [...]": (
        "Failed to decompress a WebSocket frame: [<reason>]"
    ),
}
"""Rows that write callbacks, classes and texts in one cell."""
ENDS = {
    'close handler, local 1006: "End of File"/"Underlying Transport Error"': {
        "End of File",
        "Underlying Transport Error",
    }
}


def same_text(said: Said | None, row: dict[str, Any]) -> bool:
    wanted = text_of(row)
    wanted = RENAMED.get(wanted, wanted) if wanted else wanted
    if wanted == "?":
        return True
    text = said.text if said else None
    if wanted in ENDS:
        return text in ENDS[wanted]
    if wanted and wanted.endswith((" N", "index N")):
        return text is not None and re.sub(r"<\w+>$", "N", text) == wanted
    return text == wanted


def sent_of(row: dict[str, Any]) -> tuple[int | None, str | None] | None:
    """The code and reason of the Close it wrote; None where the row does not tell."""
    written = row.get("sent")
    if written is None or str(written).startswith(("none", "op10")):
        return None, None
    found = re.fullmatch(r"(?:close )?(\d+|\(empty\)|empty)(?: (.*))?", str(written))
    if found is None:
        return None
    code = 1005 if "empty" in found[1] else int(found[1])
    reason = (found[2] or "").strip("'\"")
    return code, None if reason in ("", "(no reason)", "(text)") else reason


def answer(name: str, case_id: str, letter: str, row: dict[str, Any]) -> Said | None:
    role, deflate = SIDES[letter.lower()], letter.isupper()
    case = cases()[case_id]
    said = said_in_case(library(name), case, role, deflate=deflate)
    ended = row.get("waits") or str(row.get("sent")).startswith("op10")  # 10: only a pong came back
    if said is None and ended and text_of(row):
        return what_it_logs(library(name), Event(role=role, name="fin"))
    return said


@pytest.mark.parametrize("name", sorted({row["library"] for row in ROWS}))
@pytest.mark.parametrize("evidence", ["executed", "derived"])
def test_every_row_is_reproduced(name: str, evidence: str) -> None:
    wrong = []
    for kind, owner, case, letter, row in asked():
        if owner != name or kind != evidence or (name, case) in EXCEPTIONS:
            continue
        said = answer(name, case, letter, row)
        if not same_text(said, row):
            wrong.append((case, letter, "text", text_of(row), said))
            continue
        if said is None and (sent_of(row) or (None,))[0] is not None:
            wrong.append((case, letter, "nothing said", row, said))
        if row.get("waits") or said is None:
            continue
        wrong.extend((case, letter, what, row, said) for what in differing(said, row))
    assert wrong == []


def differing(said: Said, row: dict[str, Any]) -> list[str]:
    """Everything but the text in which the answer differs from the row."""
    found = [k for k in ("code", "cause") if k in row and getattr(said, k) != row[k]]
    sent = sent_of(row)
    if sent is not None and row["library"] != "uWebSockets":  # its echoes are not told apart
        if said.sent != sent[0]:
            found.append("sent")
        if sent[1] is not None and said.reason != sent[1]:
            found.append("reason")
    named = re.search(r"NS_ERROR_\w+", row["text"])
    if named is not None and said.code != named[0]:
        found.append("code")
    if "surfaced" in row and said.surfaced != row["surfaced"]:
        found.append("surfaced")
    if row["evidence"] == "executed" and said.derived and said.text:
        found.append("derived")
    return found


def test_exceptions_are_few_and_derived() -> None:
    assert len(EXCEPTIONS) <= 3
    kinds = {(row[1], row[2]): row[0] for row in asked()}
    assert {kinds[place] for place in EXCEPTIONS} <= {"derived"}


def test_all_rows_are_asked_and_all_libraries_known() -> None:
    assert len(asked()) > 6000
    assert {row["library"] for row in ROWS} < set(LIBRARIES)
    assert len(LIBRARIES) == 39
    assert set(cases()) - {case for _, _, case, _, _ in asked()} == {"http_408"}  # as 502, by name


# ---- ws, byte by byte ---------------------------------------------------------------------------
SECOND = {
    "second_byte<0x80": 0x01,
    "second_byte<0x80,len84": 0x54,
    "second_byte>=0x80": 0x81,
    "second_byte>=0x80,len84": 0xD4,
}


def bytes_in(ranges: str) -> list[int]:
    spans = (part.partition("-") for part in ranges.split())
    return [
        value
        for first, _, last in spans
        for value in range(int(first, 16), int(last or first, 16) + 1)
    ]


@pytest.mark.parametrize("column", list(FIRST_BYTE))
def test_ws_by_its_first_byte(column: str) -> None:
    role, deflate = Side(column.removesuffix("+pmd")), column.endswith("+pmd")
    seen = 0
    for label, ranges in FIRST_BYTE[column].items():
        which, _, text = label.rpartition(" -> ")
        for first in bytes_in(ranges):
            for second in [SECOND[which]] if which else SECOND.values():
                said = what_it_logs(
                    library("ws"),
                    Situation(
                        role=role,
                        header=first << 8 | second,
                        deflate=deflate,
                        length=second & 0x7F,
                        received=2,
                    ),
                )
                seen += 1
                if text.startswith("(header accepted"):
                    assert said is not None, (label, hex(first), hex(second))
                    assert said.waiting
                else:
                    assert said is not None, (label, hex(first), hex(second))
                    assert said.text == f"Invalid WebSocket frame: {text}", (
                        hex(first),
                        hex(second),
                    )
                    assert not said.derived
    assert seen == 256 * 4
