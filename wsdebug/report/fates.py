"""Fleet causes in words, for text and Markdown: who was the culprit, what do victims share."""

from __future__ import annotations

from collections.abc import Sequence

from wsdebug.display.quantities import counted, grouped
from wsdebug.model.report import Evidence, FleetCause, Severity

_HARMLESS = frozenset({"server-shutdown"})
_TOGETHER = {
    "common-idle-timeout": "The same idle timeout ended",
    "common-age-limit": "The same age limit ended",
}


class Fates:
    """What befell each connection of a capture, as far as it befell others as well."""

    def __init__(self, fleet: Sequence[FleetCause]) -> None:
        self._texts: dict[int, str] = {}
        self._short: dict[int, str] = {}
        self._culprits: set[int] = set()
        self._befell: dict[int, int] = {}
        self._told: set[int] = set()
        ranked = list(enumerate(fleet))
        for number, cause in reversed(ranked):  # the first of the list has the last word
            for victim in cause.victims:
                self._texts[victim] = _victim(cause)
                self._short[victim] = _briefly(cause)
                self._befell[victim] = number
        for number, cause in ranked:
            if cause.culprit is not None:
                self._culprits.add(cause.culprit)
                self._texts[cause.culprit] = _culprit(cause)
                self._befell[cause.culprit] = number

    def text(self, id_: int) -> str | None:
        """A sentence for the connection's own page; None where nothing befell others."""
        return self._texts.get(id_)

    def short(self, id_: int) -> str | None:
        """The same in a few words, of victims only."""
        return self._short.get(id_)

    def is_told(self, id_: int) -> bool:
        """Whether another connection that the same befell has been told in full: its culprit, or
        the first of its victims.
        """
        return self._befell.get(id_) in self._told

    def tell(self, id_: int) -> None:
        """A connection is told in full."""
        if id_ in self._befell:
            self._told.add(self._befell[id_])

    def order(self, key: tuple[int, int]) -> tuple[int, int, int]:
        """A sort key (kind, id) with culprits first and victims last among those of their kind:
        one victim is like the next.
        """
        kind, id_ = key
        place = 0 if id_ in self._culprits else 2 if id_ in self._short else 1
        return kind, place, id_


def severity(cause: FleetCause) -> Severity:
    """A shutdown in order is no fault."""
    return Severity.NOTE if cause.name in _HARMLESS else Severity.ERROR


def culprit(cause: FleetCause) -> str | None:
    """`Culprit: #3.`"""
    return None if cause.culprit is None else f"The culprit is #{cause.culprit}."


def evidence(one: Evidence) -> str:
    """A sentence, with its packet."""
    where = "" if one.packet is None else f" (packet {grouped(one.packet)})"
    return f"{sentence(one.text).removesuffix('.')}{where}."


def sentence(text: str) -> str:
    """With a capital letter and a full stop."""
    return f"{text[:1].upper()}{text[1:].removesuffix('.')}."


def _victim(cause: FleetCause) -> str:
    named = f"{cause.code} {cause.name}, {cause.certainty.value}"
    if cause.culprit is not None:
        return f"It died with #{cause.culprit} ({named})."
    others = counted(len(cause.victims) - 1, "other")
    if cause.name in _TOGETHER:
        return f"{_TOGETHER[cause.name]} {others} ({named})."
    return f"It ended together with {others} ({named})."


def _briefly(cause: FleetCause) -> str:
    if cause.culprit is not None:
        return f"{cause.code} died with #{cause.culprit}"
    return f"{cause.code} {cause.name}"


def _culprit(cause: FleetCause) -> str:
    number = counted(len(cause.victims), "other connection")
    return f"It took {number} with it ({cause.code} {cause.name}, {cause.certainty.value})."
