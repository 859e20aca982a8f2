"""The path behind `json`: `.type`, `.items[0].id`, `["odd name"]`."""

from __future__ import annotations

import re
from typing import Any

from wsdebug.model.report import Connection
from wsdebug.query.errors import QueryError
from wsdebug.query.field import Field, Getter
from wsdebug.query.lexer import Token
from wsdebug.query.records import FrameLike

_STEP = re.compile(r'\.([^.\[\]"]+)|\[(\d{1,9})\]|\["((?:[^"\\]|\\.)*)"\]')
ABSENT: tuple[()] = ()
_MOST = 32


def steps_of(token: Token) -> tuple[str | int, ...]:
    """The steps of a path. A name of digits behind a dot is an index too, where there is a list."""
    steps: list[str | int] = []
    at = len("json")
    while at < len(token.text):
        found = _STEP.match(token.text, at)
        if found is None:
            hint = 'Write json.type, json.items[0].id or json["odd name"].'
            place = token.at + at
            raise QueryError("The path behind json breaks off.", place, len(token.text) - at, hint)
        quoted = found[3].replace('\\"', '"') if found[3] is not None else None
        steps.append(int(found[2]) if found[2] else quoted if quoted is not None else found[1])
        at = found.end()
    if not 0 < len(steps) <= _MOST:
        raise QueryError(
            f"A path behind json has 1 to {_MOST} steps.",
            token.at,
            token.length,
            'Write json.type == "price".',
        )
    return tuple(steps)


def getter(field: Field, steps: tuple[str | int, ...]) -> Getter:
    """The value at the end of the path; the empty tuple where there is none."""

    def get(frame: FrameLike | None, connection: Connection) -> Any:
        value = field.get(frame, connection)
        for step in steps:
            value = _step(value, step)
        return value

    return get


def _step(value: Any, step: str | int) -> Any:
    if isinstance(value, dict):
        return value.get(str(step), ABSENT)
    if isinstance(value, list) and str(step).isdecimal():
        at = int(step)
        return value[at] if at < len(value) else ABSENT
    return ABSENT
