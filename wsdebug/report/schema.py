"""The JSON Schema of the report, made from the types that the report is made from."""

from __future__ import annotations

from typing import Any

import msgspec

from wsdebug.model.instant import Instant
from wsdebug.model.report import SCHEMA, Analysis


def schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of what `wsdebug read --format json` prints."""
    (root,), definitions = msgspec.json.schema_components(
        (Analysis,), schema_hook=_of_instant, ref_template="#/$defs/{name}"
    )
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": SCHEMA,
        "description": (
            "The report of wsdebug for programs. It is complete: addresses, headers, query values"
            " and whatever payload was asked for are not masked. Fields may be added; absent is"
            " null."
        ),
        **root,
        "$defs": definitions,
    }


def _of_instant(kind: type) -> dict[str, Any]:
    if kind is Instant:
        return {
            "type": "string",
            "format": "date-time",
            "description": "UTC; nanoseconds where the capture has them",
        }
    raise NotImplementedError(kind)
