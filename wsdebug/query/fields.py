"""The one table of fields: filters, `explain`, help and docs/filters.md are made of it."""

from __future__ import annotations

import difflib

from wsdebug.query.connection_fields import CONNECTION_FIELDS
from wsdebug.query.field import Field
from wsdebug.query.frame_fields import HEADER_FIELDS, PAYLOAD_FIELDS

FIELDS: tuple[Field, ...] = (*HEADER_FIELDS, *PAYLOAD_FIELDS, *CONNECTION_FIELDS)
"""Every field."""
_BY_NAME = {name: field for field in FIELDS for name in field.names}


def field_of(name: str) -> Field | None:
    """The field of that name, in any case; for `json` without its path."""
    return _BY_NAME.get(name.lower())


def nearest(name: str) -> str | None:
    """The name of a field that is most like one that there is not. Short names come first."""
    word = name.lower()[:80]
    known = [*_BY_NAME]
    near = difflib.get_close_matches(word, known, 1, 0.6)
    return near[0] if near else None
