"""What was told of one connection that is watched live."""

from __future__ import annotations

from wsdebug.analysis.tracker import Tracker
from wsdebug.diagnosis.fleet import Member
from wsdebug.diagnosis.news import Sign


class Watched:
    """One connection, until its report is final. Times are ns by the clock of the capture."""

    __slots__ = (
        "due", "ending", "findings", "judged_at", "lines", "looked", "member", "opened",
        "revision", "signs", "steps", "told", "tracker", "wait",
    )  # fmt: skip

    def __init__(self, tracker: Tracker) -> None:
        self.tracker = tracker
        self.opened = False
        """It was told that it is open."""
        self.findings = 0
        """So many of its breaches were looked at."""
        self.ending: int | None = None
        """When it was noticed that its end has begun."""
        self.due = 0
        """When to judge it next."""
        self.looked = 0
        """When it was judged last."""
        self.wait = 0
        """How long to wait after the next judgement: each time twice as long."""
        self.judged_at = -1
        """The last packet of it, or of its path, that was known when it was judged."""
        self.revision = 0
        """How often its report was told."""
        self.told: int | None = None
        """The report that was told last, as a number that is another for another report."""
        self.member: Member | None = None
        """It as the fleet sees it, while it is judged for the time being."""
        self.signs: dict[tuple[str, object], Sign] = {}
        """News that lasts."""
        self.steps: set[object] = set()
        """Idle timeouts that were told."""
        self.lines = 0
        """News told so far."""
