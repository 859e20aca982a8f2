"""One comparison: `field operator value` as a function of a frame and its connection.

A field may have several values: `==`, `<`, `contains` hold if they hold for any, `!=` if it
holds for all, as in Wireshark. Where there is no value, no comparison holds, `!=` neither.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from wsdebug.model.report import Connection
from wsdebug.query.field import Getter
from wsdebug.query.patterns import Pattern
from wsdebug.query.records import FrameLike

Test: TypeAlias = Callable[[FrameLike | None, Connection], bool]
Check: TypeAlias = Callable[[Any], bool]

_ORDERED = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}


def check(sign: str, wanted: Any) -> Check:
    """Whether one value compares so; `wanted` is a list for `in`, a `Pattern` for matches."""
    if isinstance(wanted, Pattern):
        return lambda value: isinstance(value, str) and wanted.found(value)
    if sign == "contains":
        return lambda value: isinstance(value, str) and wanted in value
    if sign == "in":
        return _is_one_of(wanted)
    if sign in _ORDERED:
        ordered = _ORDERED[sign]
        return lambda value: _comparable(value, wanted) and ordered(value, wanted)
    return _equals(wanted)


def _equals(wanted: Any) -> Check:
    if hasattr(wanted, "network_address"):  # an address is asked whether it lies in a network
        return lambda value: value in wanted
    if isinstance(wanted, bool | None):
        return lambda value: value is wanted
    return lambda value: value == wanted and not isinstance(value, bool)


def _is_one_of(wanted: Sequence[Check | tuple[Any, Any]]) -> Check:
    checks = [one if callable(one) else _between(*one) for one in wanted]
    return lambda value: any(each(value) for each in checks)


def _between(low: Any, high: Any) -> Check:
    return lambda value: _comparable(value, low) and low <= value <= high


def _comparable(value: Any, wanted: Any) -> bool:
    """Numbers with numbers, text with text; a JSON value may be anything."""
    if isinstance(value, str) or isinstance(wanted, str):
        return isinstance(value, str) and isinstance(wanted, str)
    return isinstance(value, int | float) and not isinstance(value, bool)


def comparison(get: Getter, sign: str, wanted: Any, *, has_null: bool = False) -> Test:
    """The comparison. `has_null`: None is a value (JSON), and what is absent is the empty tuple."""
    holds = check("==" if sign == "!=" else sign, wanted)
    if sign == "!=":
        return lambda frame, connection: _all_differ(get(frame, connection), holds, has_null)

    def test(frame: FrameLike | None, connection: Connection) -> bool:
        value = get(frame, connection)
        if value is None:
            return has_null and holds(None)
        if type(value) is tuple:
            return any(map(holds, value))
        return holds(value)

    return test


def _all_differ(value: Any, equals: Check, has_null: bool) -> bool:
    if value is None:
        return has_null and not equals(None)
    if type(value) is tuple:
        return bool(value) and not any(map(equals, value))
    return not equals(value)


def presence_of(get: Getter, *, has_null: bool = False) -> Test:
    """A field by itself: a flag is set, anything else is there."""

    def test(frame: FrameLike | None, connection: Connection) -> bool:
        value = get(frame, connection)
        if isinstance(value, bool) and not has_null:
            return value
        return value != () and (has_null or value is not None)

    return test
