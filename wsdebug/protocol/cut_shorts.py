"""Frames and messages cut short, kept until both sides are over: a Close of the other side may have
ended them, or stand in bytes that the capture lacks.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from wsdebug.model.facts import CutShort, Fact
from wsdebug.model.place import Side


class CutShorts:
    """Those of one connection."""

    __slots__ = ("_facts",)

    def __init__(self) -> None:
        self._facts: tuple[CutShort, ...] = ()

    def hold(self, facts: Sequence[Fact]) -> list[Fact]:
        """Keep them back; the other facts."""
        if not facts:
            return []
        self._facts += tuple(fact for fact in facts if isinstance(fact, CutShort))
        return [fact for fact in facts if not isinstance(fact, CutShort)]

    def tell(self, explained: frozenset[Side]) -> list[Fact]:
        """All of them; `explained`: sides that sent a Close, or may have."""
        return [
            msgspec.structs.replace(cut, closed=cut.closed or cut.span.side.other in explained)
            for cut in self._facts
        ]
