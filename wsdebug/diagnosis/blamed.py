"""A violation that a connection died of, and what followed it, as evidence."""

from __future__ import annotations

import msgspec

from wsdebug.diagnosis.hanging_up import hung_up
from wsdebug.diagnosis.life import Life, Stamp
from wsdebug.diagnosis.scene import shown
from wsdebug.display.times import later
from wsdebug.model.place import Side
from wsdebug.model.report import Certainty, Evidence, Finding
from wsdebug.rules import RULES

FAILING = (1002, 1003, 1007, 1009, 1010)
"""Codes of a receiver that fails the connection (RFC 6455 7.4.1)."""


class Blame(msgspec.Struct, frozen=True):
    """A violation and what followed. `how`: close, fin or rst, by `by`, after `delay` seconds."""

    finding: Finding
    offender: Side
    how: str
    by: Side
    at: Stamp
    delay: float
    life: Life
    code: int | None = None
    """Of the Close."""
    is_complete: bool = True
    """Of what the offender sent nothing is missing, on no leg of the path."""
    is_late: bool = False
    """The code answers it, and came later than a round trip explains."""
    is_vague: bool = False
    """The end blames nothing: who ended it may as well have wanted to end there."""
    is_for_answer: bool = False
    """The receiver had sent its Close, and reads this in place of the answer."""

    @property
    def is_answered(self) -> bool:
        """The receiver itself says by its code that it failed the connection."""
        return self.how == "close" and self.code in FAILING and not self.is_for_answer

    @property
    def certainty(self) -> Certainty:
        """Certain where the receiver says so at once, else very likely; late, it is a guess. What
        is missing of the offender's bytes may tell more, or be the real offence: then likely.
        """
        if self.is_late:
            return Certainty.POSSIBLE
        if not self.is_complete or self.is_vague:
            return Certainty.LIKELY
        return Certainty.CERTAIN if self.is_answered else Certainty.VERY_LIKELY

    @property
    def reaction(self) -> Evidence:
        """What followed, as evidence."""
        if self.is_for_answer:
            text = f"The {self.by} had sent its Close and reads this in place of the answer."
            return Evidence(text, self.by, None, self.at.packet)
        when = later(self.delay)
        if self.how == "close":
            code = "without a code" if self.code is None else str(self.code)
            text = f"The {self.by} sent Close {code} {when}."
        else:
            did = hung_up(self.life, self.how)
            text = f"The {self.by} {did} {when}, without a Close frame."
        return Evidence(text, self.by, None, self.at.packet)


def violation_evidence(found: Blame) -> list[Evidence]:
    """The violation and what followed."""
    finding = found.finding
    return [shown(finding, f"{_title(finding)}: {finding.saw}."), found.reaction]


def _title(finding: Finding) -> str:
    return RULES[finding.name].title.rstrip(".")
