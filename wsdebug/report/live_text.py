"""A capture that grows, for people: a line for each thing as it happens, then the usual report."""

from __future__ import annotations

from collections import Counter, OrderedDict
from typing import TextIO

from wsdebug.display.endpoints import socket_name
from wsdebug.display.times import span_of_time
from wsdebug.model.instant import Instant
from wsdebug.model.live import News, Opened
from wsdebug.model.report import Analysis, Connection, Finding, FleetCause, Severity
from wsdebug.report import cause_words, fates, words
from wsdebug.report.page import Page
from wsdebug.report.text import TextWriter
from wsdebug.report.writer import View

_FINDINGS = 10
"""Findings of one connection that get a line."""
_KNOWN = 20_000
"""Connections of which is remembered what was said."""


class LiveText:
    """A listener, and the writer of the report at the end."""

    def __init__(self, stream: TextIO, view: View) -> None:
        self._stream = stream
        self._page = Page(stream, view)
        self._quiet = view.totals_only
        self._report = TextWriter(stream, view)
        self._starts: OrderedDict[int, int | None] = OrderedDict()
        self._said: dict[int, object] = {}
        """What was said last of a connection's end."""
        self._findings: Counter[int] = Counter()
        self._is_first = True

    # ---- as it happens ---------------------------------------------------------------------
    def opened(self, connection: Opened) -> None:
        """It is open."""
        start = connection.start.ns if connection.start is not None else None
        self._remember(connection.id, start)
        client = socket_name(connection.client.address, connection.client.port)
        server = socket_name(connection.server.address, connection.server.port)
        how = connection.recognised
        if how is None:
            scheme = "wss" if connection.secure else "ws"
            where = f"{connection.host or server}{connection.path or ''}"
            text = f"opened  {scheme}://{where}  {client}"
        else:
            text = f"was open already  {client} to {server}  (known by {how.by}, {how.confidence})"
        self._line(start, connection.id, "", text)

    def found(self, connection: int, finding: Finding) -> None:
        """It broke a rule."""
        if len(self._findings) > _KNOWN:
            self._findings.clear()
        self._findings[connection] += 1
        number = self._findings[connection]
        if number > _FINDINGS:
            return
        place = [finding.side.value] if finding.side is not None else []
        if finding.side is not None and finding.frame is not None:
            place.append(words.frame_name(finding.side, finding.frame))
        place += [f"packet {finding.packet}"] if finding.packet is not None else []
        more = "; more of them are only counted" if number == _FINDINGS else ""
        text = f"{finding.code} {words.title(finding)} ({', '.join(place)}){more}"
        symbol = self._page.symbol(finding.severity)
        self._line(self._time(connection, finding.time), connection, symbol, text)

    def news(self, connection: int, news: News) -> None:
        """Something goes on."""
        lasting = span_of_time(news.seconds)
        text = f"{news.text} ({f'after {lasting}' if news.over else f'for {lasting}'})"
        self._line(news.at.ns, connection, "~", text)

    def judged(self, connection: Connection, revision: int) -> None:
        """It has ended, or more is known of its end."""
        if words.is_encrypted(connection):
            return
        end, told = connection.end, self._said.get(connection.id)
        is_over = end.how != "capture-end"
        said = _sense(connection) if is_over else None
        if said == told:
            return
        if connection.start is not None and connection.id not in self._starts:
            self._remember(connection.id, connection.start.ns)
        self._said[connection.id] = said
        symbol, text = self._verdict(connection) if is_over else ("", "it goes on, after all")
        revised = "revised: " if revision > 1 and told is not None else ""
        time = self._time(connection.id, end.time)
        self._line(time, connection.id, symbol, f"{revised}{text}")

    def befell(self, cause: FleetCause, revision: int) -> None:
        """Several connections together."""
        revised = "revised: " if revision > 1 else ""
        text = f"{revised}{cause.server}  {cause.code} {cause.title}. {_sure(cause)}"
        self._line(None, None, self._page.symbol(fates.severity(cause)), text)

    # ---- at the end ------------------------------------------------------------------------
    def connection(self, connection: Connection) -> None:
        """Its final report, for the end."""
        self._report.connection(connection)

    def finish(self, analysis: Analysis) -> None:
        """The usual report."""
        if not self._is_first:
            self._page.line()
        self._report.finish(analysis)

    # ---- lines -----------------------------------------------------------------------------
    def _verdict(self, connection: Connection) -> tuple[str, str]:
        is_fine = words.kind_of(connection) == "fine"
        symbol = self._page.symbol(None if is_fine else connection.severity)
        text = words.ended(connection)
        if not is_fine:
            text += f"  {words.headline(connection)}".removesuffix(".") + "."
            if connection.causes and connection.end.severity is Severity.ERROR:
                text += f" {cause_words.sure(connection.causes[0])}"
        return symbol, text

    def _remember(self, id_: int, start: int | None) -> None:
        self._starts[id_] = start
        if len(self._starts) > _KNOWN:
            old, _ = self._starts.popitem(last=False)
            self._said.pop(old, None)
            self._findings.pop(old, None)

    def _time(self, id_: int, seconds: float | None) -> int | None:
        start = self._starts.get(id_)
        return None if start is None or seconds is None else start + round(seconds * 1e9)

    def _line(self, time: int | None, id_: int | None, symbol: str, text: str) -> None:
        if self._quiet:
            return
        self._is_first = False
        page = self._page
        clock = "" if time is None else str(Instant(time))[11:23]
        front = f"{clock:12}  {'' if id_ is None else f'#{id_}':4} {symbol or ' '} "
        page.line(front + page.safe(text))
        self._stream.flush()


def _sense(connection: Connection) -> object:
    """What a reader would take for another verdict."""
    end = connection.end
    first = connection.causes[0] if connection.causes else None
    cause = None if first is None else (first.code, first.certainty)
    seen = (end.seen_by_application.client, end.seen_by_application.server)
    return end.how, end.by, seen, connection.severity, cause


def _sure(cause: FleetCause) -> str:
    return f"{cause.certainty.value.capitalize()}."
