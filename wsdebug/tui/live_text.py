"""What the screen says of a capture that is going on: the header's part, and news."""

from __future__ import annotations

from collections.abc import Iterable

from wsdebug.display.escape import printable
from wsdebug.display.quantities import grouped
from wsdebug.display.times import span_of_time
from wsdebug.model.live import News
from wsdebug.tui.line import Line, Piece, paragraph
from wsdebug.tui.source import Live, Progress

_OVER = 1.0
"""Seconds over which packets are counted."""
_MOST = 10_000
"""Connections whose news are kept."""


class Meter:
    """Packets a second."""

    def __init__(self) -> None:
        self._since: float | None = None
        self._packets = 0
        self.rate = 0

    def update(self, packets: int, now: float) -> bool:
        """`now` in seconds; whether the rate is another."""
        if self._since is None:
            self._since, self._packets = now, packets
        elapsed = now - self._since
        if elapsed < _OVER:
            return False
        before, self.rate = self.rate, round((packets - self._packets) / elapsed)
        self._since, self._packets = now, packets
        return self.rate != before


def live_pieces(live: Live, state: Progress, rate: int, *, is_held: bool) -> list[Piece]:
    """`● live eth0  1 204 pkt/s  0 dropped`."""
    name = printable(live.name, 40)
    if state.done:
        return [(f" {name}: ended ", "warning")]
    pieces: list[Piece] = [(f" ● live {name} ", "strong")]
    if is_held:
        pieces.append((" held, = goes on ", "warning"))
    pieces.append((f" {grouped(rate)} pkt/s ", ""))
    if live.dropped is not None:
        role = "warning" if live.dropped else "faint"
        pieces.append((f" {grouped(live.dropped)} dropped ", role))
    pieces += [(f" {sentence.rstrip('.')} ", "warning") for sentence in live.lost]
    return pieces


def saved(live: Live) -> Piece:
    """Where it lies."""
    return f" saved to {printable(live.path, 200)}", "faint"


class Book:
    """The news that last, of each connection."""

    def __init__(self) -> None:
        self._lasting: dict[int, dict[tuple[object, ...], News]] = {}

    def write(self, told: Iterable[tuple[int, News]]) -> None:
        """Take up what is new; what is over goes."""
        for id_, news in told:
            key = (news.kind, news.side, news.packet)
            page = self._lasting.setdefault(id_, {})
            page.pop(key, None)
            if not news.over:
                page[key] = news
        while len(self._lasting) > _MOST:
            del self._lasting[next(iter(self._lasting))]

    def lines(self, id_: int, width: int) -> list[Line]:
        """What goes on with a connection."""
        lines: list[Line] = []
        for news in self._lasting.get(id_, {}).values():
            lines += paragraph(sentence(news), width, label=[("~ ", "warning")])
        return lines


def sentence(news: News) -> str:
    """`the server's ping S3 has no pong yet (for 5.0 s)`."""
    how = "after" if news.over else "for"
    return f"{news.text} ({how} {span_of_time(news.seconds)})"
