"""The register of views: what a view is and how it joins."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import msgspec

from wsdebug.views.payload import Payload


class Shown(msgspec.Struct, frozen=True):
    """What a view makes of a payload: a line for lists, and the lines of the whole, made when
    asked for. Both may hold anything from the wire: `choose` makes them safe and limits them.
    """

    summary: str
    lines: Callable[[], list[str]]


Look: TypeAlias = Callable[[Payload], Shown | None]


class View(msgspec.Struct, frozen=True):
    """One view. `look` gives None for a payload that is not its own."""

    name: str
    priority: int
    look: Look


VIEWS: list[View] = []
"""Every view, the highest priority first."""


def view(name: str, priority: int) -> Callable[[Look], Look]:
    """Registers a function of a payload as a view."""

    def register(look: Look) -> Look:
        if any(each.name == name or each.priority == priority for each in VIEWS):
            raise ValueError(f"view {name} {priority}: the name or the priority is taken")
        VIEWS.append(View(name, priority, look))
        VIEWS.sort(key=lambda each: -each.priority)
        return look

    return register
