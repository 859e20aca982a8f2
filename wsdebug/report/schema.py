"""The JSON Schema of the report, made from the types that the report is made from."""

from __future__ import annotations

from typing import Any

import msgspec

from wsdebug.model.instant import Instant
from wsdebug.model.live import News, Opened
from wsdebug.model.report import (
    SCHEMA,
    Analysis,
    Capture,
    Cause,
    Connection,
    Ending,
    Finding,
    FleetCause,
    Summary,
)
from wsdebug.report.machine import OWN_LINES

_LINES = {
    "capture": Capture,
    "connection": Connection,
    "finding": Finding,
    "end": Ending,
    "cause": Cause,
    "fleet": FleetCause,
    "summary": Summary,
    "opened": Opened,
    "news": News,
}
"""What stands on each type of line of JSON lines; `opened` and `news` in live captures alone."""


def schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of what `wsdebug read --format json` prints; a line of JSON lines is
    `$defs/Line`.
    """
    (root, *_), definitions = msgspec.json.schema_components(
        (Analysis, *_LINES.values()), schema_hook=_of_instant, ref_template="#/$defs/{name}"
    )
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": SCHEMA,
        "description": (
            "The report of wsdebug for programs. It is complete: addresses, headers, query values"
            " and whatever payload was asked for are not masked. Fields may be added; absent is"
            " null. A line of JSON lines is described by $defs/Line."
        ),
        **root,
        "$defs": {**definitions, "Line": _line(definitions)},
    }


def _line(definitions: dict[str, Any]) -> dict[str, Any]:
    return {
        "title": "Line",
        "description": (
            "One line of --format jsonl. The lines of a connection's highest revision are its"
            " report. Of a live capture those of revision 0 come before its end is known: opened,"
            " finding and news; a later revision replaces an earlier one whole."
        ),
        "oneOf": [_typed(name, kind.__name__, definitions) for name, kind in _LINES.items()],
    }


def _typed(name: str, kind: str, definitions: dict[str, Any]) -> dict[str, Any]:
    record: dict[str, Any] = {"$ref": f"#/$defs/{kind}"}
    if name == "connection":  # findings, end and causes stand on lines of their own
        whole = definitions[kind]
        record = {
            **whole,
            "title": "ConnectionLine",
            "properties": {
                key: value for key, value in whole["properties"].items() if key not in OWN_LINES
            },
            "required": [key for key in whole["required"] if key not in OWN_LINES],
        }
    is_one = name in ("connection", "finding", "end", "cause", "opened", "news")
    head = {
        "type": {"const": name},
        "connection": {"type": "integer"} if is_one else {"type": "null"},
        "revision": {"type": "integer", "minimum": 0},
    }
    return {
        "allOf": [record],
        "type": "object",
        "properties": head,
        "required": [*head],
    }


def _of_instant(kind: type) -> dict[str, Any]:
    if kind is Instant:
        return {
            "type": "string",
            "format": "date-time",
            "description": "UTC; nanoseconds where the capture has them",
        }
    raise NotImplementedError(kind)
