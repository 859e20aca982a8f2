"""The report to paste into an issue: Markdown as GitHub reads it, safe to share as it is.

Hosts, addresses, cookies, credentials, query values and tokens are masked (display/masking.py),
payload is left out unless it was asked for, and no text from the wire can become markup, a
mention or a link.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePath
from typing import TextIO

import wsdebug
from wsdebug.display.escape import in_ascii
from wsdebug.display.masking import MARKS, Masker
from wsdebug.display.quantities import counted, grouped
from wsdebug.model.recurring import Recurring
from wsdebug.model.report import (
    Analysis,
    Connection,
    Endpoint,
    Finding,
    Moment,
)
from wsdebug.report import cause_words, fates, measures, nothing, words
from wsdebug.report.cause_markdown import reasons
from wsdebug.report.encoding import connection_from
from wsdebug.report.fleet_markdown import fleet_lines
from wsdebug.report.markup import LINE_END, code, escaped, linked
from wsdebug.report.opening_markdown import opening
from wsdebug.report.spool import Spool
from wsdebug.report.unseen import unseen
from wsdebug.report.writer import View

_IN_FULL = 5
_LINES = 100
"""Connections that get a row in the table of the others."""
_FINDINGS = 20
_QUOTED = re.compile(r'"(.*)"')
_QUOTES_PINGS = ("pong-payload-differs",)
"""Rules that quote what a ping and its pong carried."""


class MarkdownWriter:
    """Writes the Markdown report once everything is known."""

    def __init__(self, stream: TextIO, view: View) -> None:
        self._stream = stream
        self._view = view
        self._mask = Masker(("(", ")") if view.ascii else MARKS, view.reveal)
        self._spool = Spool()
        self._fates = fates.Fates(())
        self._total = 0

    def connection(self, connection: Connection) -> None:
        """Keep it until its place is known."""
        self._total += 1
        self._spool.add(connection, words.rank(connection))

    def recurring(self, one: Recurring) -> None:
        """The same of one whose report is like others."""
        self._total += 1
        self._spool.add_recurring(one, words.rank(one.pattern.example))

    def finish(self, analysis: Analysis) -> None:
        """Write it all."""
        self._fates = fates.Fates(analysis.fleet)
        for line in fleet_lines(analysis.fleet, self._mask):
            self._line(line)
        others: list[str] = []
        left = 0
        for index, raw in enumerate(self._spool.sorted(self._fates.order)):
            connection = connection_from(raw)
            is_worth_it = connection.is_broken or self._total == 1 or self._view.every
            self._about(connection)
            is_new = index < _IN_FULL and not self._fates.is_told(connection.id)
            if is_worth_it and (is_new or self._view.every):
                self._fates.tell(connection.id)
                self._in_full(connection, analysis)
            elif len(others) < _LINES:
                others.append(self._row(connection))
            else:
                left += 1
        if not analysis.summary.connections:
            self._nothing(analysis)
        self._others(others, left)
        self._foot(analysis)

    def _nothing(self, analysis: Analysis) -> None:
        seen = nothing.figures(analysis, analysis.summary.encrypted)
        self._line(self._text(nothing.sentence(seen)))
        for reason in nothing.reasons(seen):
            self._line(f"- {self._text(reason)}")
        self._line()

    def _about(self, connection: Connection) -> None:
        """Tell the mask what is private in this connection."""
        shake = connection.handshake
        hosts = [connection.server.address, connection.client.address]
        sni = connection.tls.sni if connection.tls is not None else None
        hosts += [name for name in (shake.host, sni) if name]
        payload = () if self._view.show_payload else _payload(connection)
        headers = [
            line
            for each in (shake, *shake.attempts)
            for line in (*each.request_headers, *each.response_headers)
        ]
        headers += _quoted_headers(connection)
        closes = (connection.close.client, connection.close.server)
        reasons = [one.reason for one in closes if one is not None and one.reason]
        self._mask.about(hosts, shake.path, headers, payload, reasons)

    def _text(self, text: str, limit: int = 400) -> str:
        """A sentence that may quote the wire."""
        return self._plain(escaped(self._mask.text(words.printed(text, limit))))

    def _plain(self, text: str) -> str:
        if self._view.ascii:
            return in_ascii(text.replace("…", "..."))
        return text

    def _line(self, text: str = "") -> None:
        self._stream.write(self._plain(text) + "\n")

    def _url(self, connection: Connection) -> str:
        host = connection.handshake.host
        path = connection.handshake.path
        return code(
            words.url(
                connection,
                self._mask.host(words.printed(host)) if host else self._end(connection.server),
                self._mask.path(words.printed(path)) if path else None,
            )
        )

    def _end(self, end: Endpoint) -> str:
        return f"{self._mask.host(end.address)}:{end.port}"

    # ---- one connection --------------------------------------------------------------------
    def _in_full(self, connection: Connection, analysis: Analysis) -> None:
        day = f", capture of {str(connection.start)[:10]}" if connection.start else ""
        version = analysis.wsdebug or wsdebug.__version__
        number = f" (connection {connection.id})" if self._total > 1 else ""
        first = connection.causes[0] if connection.causes else None
        died_of = (
            f" ({first.code})" if first is not None and cause_words.told_in_full(first) else ""
        )
        self._line(f"### WebSocket {words.ended(connection)}{number}{died_of}")
        self._line()
        if first is not None:
            self._line(f"**{cause_words.supposed(first)}:** {self._text(first.title, 300)}.")
        if connection.end.why:
            self._line(f"{'' if first else '**Why:** '}{self._text(connection.end.why, 2000)}")
            self._line()
        fate = self._fates.text(connection.id)
        if fate:
            self._line(f"**With others:** {escaped(fate)}")
            self._line()
        life = ", ".join(measures.lifetime(connection))
        client = code(self._end(connection.client))
        self._line(f"{self._url(connection)}, client {client}, {life}{day}, wsdebug {version}.")
        facts = [*measures.figures(connection), *unseen(connection)]
        differently = words.seen_differently(connection)
        for fact in [*([differently] if differently else []), *facts]:
            self._line(f"- {self._text(fact)}")
        self._line()
        self._timeline(connection.timeline)
        self._reasons(connection)
        self._findings(connection)
        for line in opening(connection.handshake, self._mask, self._view.reveal):
            self._line(line)

    def _timeline(self, timeline: list[Moment]) -> None:
        if not timeline:
            return
        self._line("| time | side | event | packet |")
        self._line("|---:|---|---|---:|")
        for moment in timeline:
            text = self._text(words.happened(moment), words.PAYLOAD)
            if moment.kind == "silence":
                self._line(f"| | | **{words.pause(moment, text)}** | |")
                continue
            time = "" if moment.time is None else f"{moment.time:+.3f} s"
            packet = "" if moment.packet is None else grouped(moment.packet)
            self._line(f"| {time} | {moment.side or ''} | {text} | {packet} |")
        self._line()

    def _reasons(self, connection: Connection) -> None:
        if connection.causes and cause_words.told_in_full(connection.causes[0]):
            for line in reasons(connection, self._text, self._plain):
                self._line(line)

    def _findings(self, connection: Connection) -> None:
        findings = connection.findings
        if not findings:
            self._line("No findings.")
            self._line()
            return
        self._line("**Findings**")
        groups = words.alike(findings)
        advised: set[str] = set()
        for finding, count in groups[:_FINDINGS]:
            times = f", {grouped(count)} times" if count > 1 else ""
            fatal = (
                " **Fatal:** the receiver had to fail the connection here." if finding.fatal else ""
            )
            self._line(
                f"- **{self._text(finding.code)} {self._text(words.title(finding))}**"
                f" ({finding.severity}{times}): {self._text(words.place(finding))}."
                f" Saw {self._text(finding.saw)}, wanted"
                f" {linked(self._text(words.wanted(finding)))}.{fatal}"
            )
            for line in self._details(finding, advised, cause_words.is_told(connection, finding)):
                self._line(f"  - {line}")
        left = sum(count for _, count in groups[_FINDINGS:])
        if left:
            self._line(f"- and {counted(left, 'more finding')}")
        self._line()

    def _details(self, finding: Finding, advised: set[str], is_told: bool) -> Iterator[str]:
        """What else is known of it. Advice stands once, for all findings that call for it, and not
        where the cause has said it.
        """
        advice = None if is_told else words.fix(finding)
        if advice and advice not in advised:
            advised.add(advice)
            yield f"Fix: {self._plain(escaped(advice))}"
        as_frame = words.read_as_frame(finding)
        if as_frame:
            yield f"Read as a frame: {self._text(as_frame)}"
        if self._view.show_payload:
            for name in ("preview", "payload"):
                shown = words.printed(str(finding.detail.get(name, "")), words.PAYLOAD)
                if shown and shown not in finding.saw:
                    yield f"{name}: {code(self._plain(shown))}"

    # ---- the rest --------------------------------------------------------------------------
    def _row(self, connection: Connection) -> str:
        if words.is_encrypted(connection):
            return f"| {connection.id} | {code(self._end(connection.server))} | TLS, no keys | |"
        told = self._fates.short(connection.id) or words.headline(connection)
        return (
            f"| {connection.id} | {self._url(connection)} | {words.ended(connection)}"
            f" | {self._text(told, 200)} |"
        )

    def _others(self, rows: list[str], left: int) -> None:
        if not rows:
            return
        self._line("| connection | to | end | |")
        self._line("|---:|---|---|---|")
        for row in rows:
            self._line(row)
        self._line()
        if left:
            self._line(f"and {counted(left, 'more connection')}.")
            self._line()

    def _foot(self, analysis: Analysis) -> None:
        summary = analysis.summary
        for capture in analysis.captures:
            unread = nothing.figures(Analysis(captures=[capture])).hiding
            if unread and summary.connections:
                self._line(
                    f"- capture: not read, though TCP may be in them: {nothing.listed(unread)}."
                )
            for note in [*capture.warnings, *capture.limits][:10]:
                self._line(f"- capture: {self._text(note.message)}")
        packets = measures.packets_read(analysis.captures)
        total = counted(summary.connections, "WebSocket connection")
        tls = f", {grouped(summary.encrypted)} encrypted" if summary.encrypted else ""
        self._line(f"{total}, {grouped(summary.broken)} broken{tls}, {packets}.")
        self._line()
        files = " ".join(PurePath(capture.file).name for capture in analysis.captures)
        made = code(self._mask.text(words.printed(self._view.command.replace("FILE", files))))
        complete = self._view.show_payload or not self._total
        left_out = "" if complete else "; payload left out, add `--payload preview`"
        self._line(f"<sub>made by {made}{left_out}</sub>")


def _payload(connection: Connection) -> Iterator[str]:
    """What findings carry of the payload; of an HTTP response the status line may be shown."""
    for finding in connection.findings:
        for name in ("preview", "payload"):
            text = finding.detail.get(name)
            if isinstance(text, str):
                is_response = finding.detail.get("kind") == "http-response"
                yield LINE_END.split(text, maxsplit=1)[-1] if is_response else text
        if finding.name in _QUOTES_PINGS:
            yield from _QUOTED.findall(f"{finding.saw}\n{finding.wanted}")


def _quoted_headers(connection: Connection) -> Iterator[tuple[str, str]]:
    """Headers of a response at the place of a frame, which causes quote."""
    for finding in connection.findings:
        headers = finding.detail.get("headers")
        if isinstance(headers, dict):
            yield from ((str(name), str(value)) for name, value in headers.items())
