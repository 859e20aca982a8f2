"""Reading a capture that grows beside an interface."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence

from wsdebug.analysis.loading import Loader
from wsdebug.analysis.session import Session
from wsdebug.capture.growing import Growth
from wsdebug.model.handshake import Agreed
from wsdebug.model.limits import DEFAULT_LIMITS, Limits
from wsdebug.model.live import Listener, News, Opened
from wsdebug.model.report import Connection, Finding, FleetCause

_NEWS = 1_000
_IDLE = 0.05
"""Seconds to wait where nothing was there to read."""


class LiveLoader(Loader):
    """Fills the store while the capture grows, reports for the time being included. `stop` reads
    no further; ending the capture itself is for who began it.
    """

    def __init__(
        self,
        growth: Growth,
        now: Callable[[int | None], int | None],
        *,
        is_done: Callable[[], bool] = lambda: False,
        limits: Limits = DEFAULT_LIMITS,
        decode_as: Mapping[int, Agreed] | None = None,
        capture_filter: str | None = None,
        keylog: str | None = None,
        most: int | None = None,
        keep: int | None = None,
        others: Sequence[Listener] = (),
    ) -> None:
        """`now`: the time of the capture, in ns, where its last packet has that time, and None as
        long as it is too soon to look again. `is_done`: whether the time for reading is over.
        `others` are told what happens as well.
        """
        self._session = Session(
            (),
            growth=growth,
            limits=limits,
            rows=True,
            decode_as=decode_as,
            capture_filter=capture_filter,
            keylog=keylog,
            most=most,
            keep=keep,
        )
        self._begin()
        self._now = now
        self._is_done = is_done
        self._told: deque[tuple[int, News]] = deque(maxlen=_NEWS)
        self._befallen: dict[tuple[str, str, int], FleetCause] = {}
        self._others = others
        self._session.listen(self)

    def fresh_news(self) -> list[tuple[int, News]]:
        """What goes on with which connection, as far as it was not asked for before."""
        return [self._told.popleft() for _ in range(len(self._told))]

    def _has_enough(self) -> bool:
        now = self._now(self._session.end)
        if now is not None:
            self._session.tick(now)
        if self._session.is_waiting:
            self._stop.wait(_IDLE)
        return super()._has_enough() or self._is_done()

    def _note_stop(self) -> None:
        """A live capture is whole when it is stopped."""

    # ---- what the session tells ------------------------------------------------------------
    def opened(self, connection: Opened) -> None:
        """The store knows it."""
        for each in self._others:
            each.opened(connection)

    def found(self, connection: int, finding: Finding) -> None:
        """The store knows it."""
        for each in self._others:
            each.found(connection, finding)

    def news(self, connection: int, news: News) -> None:
        """Something goes on."""
        self._told.append((connection, news))
        for each in self._others:
            each.news(connection, news)

    def judged(self, connection: Connection, revision: int) -> None:
        """A report for the time being, or the last one."""
        self.store.judged(connection)
        for each in self._others:
            each.judged(connection, revision)

    def befell(self, cause: FleetCause, revision: int) -> None:
        """Several connections together."""
        key = cause.code, cause.server, cause.culprit or min(cause.connections, default=0)
        self._befallen[key] = cause
        found = sorted(self._befallen.values(), key=lambda each: (each.code, each.server))
        self._session.analysis.fleet = found
        for each in self._others:
            each.befell(cause, revision)
