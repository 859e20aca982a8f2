"""The report for people at a terminal or in a pipe: worst first, totals last."""

from __future__ import annotations

import itertools
import shlex
from collections.abc import Iterator
from typing import TextIO

from wsdebug.display.columns import columns, cut, padded
from wsdebug.display.quantities import counted, grouped
from wsdebug.model.recurring import Recurring
from wsdebug.model.report import Analysis, Capture, CaptureNote, Connection, Severity
from wsdebug.report import fleet_text, measures, nothing, words
from wsdebug.report.connection_text import ConnectionText
from wsdebug.report.encoding import connection_from
from wsdebug.report.fates import Fates
from wsdebug.report.page import Page
from wsdebug.report.spool import Spool
from wsdebug.report.writer import View

_IN_FULL = 5
"""Broken connections shown in full; the others get a line, and so do those that died with one of
them.
"""
_FEW = 5
"""Fine or encrypted connections that get a line each; where there are more they are counted."""
_NOTES = 10
"""Warnings of one capture file shown."""


class Counts:
    """Connections by the worst thing about them, as they come in."""

    def __init__(self) -> None:
        self.by: dict[str, int] = dict.fromkeys(words.KINDS, 0)

    def add(self, connection: Connection) -> None:
        """Count one."""
        self.by[words.kind_of(connection)] += 1

    @property
    def total(self) -> int:
        """Encrypted ones are not known to be WebSockets."""
        return sum(self.by.values()) - self.by["tls"]


class TextWriter:
    """Writes the text report once everything is known."""

    def __init__(self, stream: TextIO, view: View) -> None:
        self._page = Page(stream, view)
        self._view = view
        self._spool = Spool()
        self._counts = Counts()
        self._fates = Fates(())
        self._more: list[int] = []
        """Ids of broken or warned connections that got one line only."""

    def connection(self, connection: Connection) -> None:
        """Keep it until its place is known."""
        self._counts.add(connection)
        if not self._view.totals_only:
            self._spool.add(connection, words.rank(connection))
            if self._view.keep is not None:
                self._spool.trim(self._view.keep)

    def recurring(self, one: Recurring) -> None:
        """The same of one whose report is like others."""
        example = one.pattern.example
        self._counts.add(example)
        if not self._view.totals_only:
            self._spool.add_recurring(one, words.rank(example))

    def finish(self, analysis: Analysis) -> None:
        """Write it all."""
        if not self._view.totals_only:
            self._fates = Fates(analysis.fleet)
            self._head(analysis)
            fleet_text.write(self._page, analysis.fleet)
            if self._counts.total or self._counts.by["tls"]:
                self._connections()
        if self._counts.total:
            self._totals(analysis)
        else:
            nothing.write(self._page, analysis, self._counts.by["tls"])

    # ---- head ------------------------------------------------------------------------------
    def _head(self, analysis: Analysis) -> None:
        page = self._page
        alone = len(analysis.captures) == 1
        total = counted(self._counts.total, "connection")
        for capture in analysis.captures:
            began, length = measures.capture_size(capture)
            parts = [page.safe(capture.file), began, length, measures.packets_read([capture])]
            parts += [total] if alone else []
            for line in _filled(filter(None, parts), page.width):
                page.line(page.paint(line, "strong"))
            unread = nothing.figures(Analysis(captures=[capture])).hiding
            if unread and self._counts.total:
                text = f"Not read, though TCP may be in them: {nothing.listed(unread)}."
                page.paragraph(text, 2, "!", "warning")
            for note in _notes(capture):
                page.paragraph(_note(note), 2, "!", "warning")
        if not alone:
            page.line(page.paint(f"{counted(len(analysis.captures), 'file')}  {total}", "strong"))
        page.line()

    # ---- connections -----------------------------------------------------------------------
    def _connections(self) -> None:
        connections = map(connection_from, self._spool.sorted(self._fates.order))
        for kind, group in itertools.groupby(connections, words.kind_of):
            full = lines = 0
            for connection in group:
                if self._in_full(connection, kind, full):
                    self._fates.tell(connection.id)
                    fate = self._fates.text(connection.id)
                    ConnectionText(self._page, connection, fate, every=self._view.every).write()
                    full += 1
                elif lines < self._room(kind):
                    self._one_line(connection, kind)
                    lines += 1
            self._counted(kind, self._counts.by[kind] - full - lines)
        self._page.gap()

    def _room(self, kind: str) -> int:
        """How many connections of a kind get a line of their own."""
        number = self._counts.by[kind]
        if kind in ("error", "warning") or number <= _FEW:
            return number
        return _FEW if kind == "tls" else 0

    def _in_full(self, connection: Connection, kind: str, already: int) -> bool:
        if self._view.every:
            return True
        alone = self._counts.total + self._counts.by["tls"] == 1
        is_new = already < _IN_FULL and not self._fates.is_told(connection.id)
        return alone or (kind == "error" and is_new)

    def _one_line(self, connection: Connection, kind: str) -> None:
        page = self._page
        if kind in ("error", "warning"):
            self._more.append(connection.id)
        id_ = f"#{connection.id}"
        if kind == "tls":
            left = f"{id_}  {_tls(connection)}"
            page.row(page.safe(left), "encrypted, no keys", "?")
            return
        place = cut(page.safe(words.url(connection)), 32, page.safe("…"))
        left = f"{id_}  {padded(place, 24)}  {padded(words.ended(connection), 13)}"
        told = self._fates.short(connection.id) or words.headline(connection)
        headline = "" if kind == "fine" else page.safe(told)
        fits = columns(left) + columns(headline) + 4 <= page.width
        page.row(
            f"{left}  {headline}" if headline and fits else left,
            "",
            page.symbol(None if kind == "fine" else connection.severity),
        )
        if headline and not fits:
            page.row(headline, "", indent=6)

    def _counted(self, kind: str, number: int) -> None:
        """Those of a kind that got no line."""
        if number <= 0:
            return
        if kind == "tls":
            self._page.line(f"? {counted(number, 'more connection')} in TLS without keys.")
        elif kind == "fine":
            verb = "ended well or are open" if number > 1 else "ended well or is open"
            self._page.line(f"{self._page.symbol(None)} {counted(number, 'connection')} {verb}.")
        elif kind in ("error", "warning"):
            one = "an error" if kind == "error" else "a warning"
            text = f"{counted(number, 'connection')} more with {one}, not kept (--keep)."
            self._page.line(f"{self._page.symbol(Severity(kind))} {text}")
        else:
            text = f"{counted(number, 'connection')} with notes only."
            self._page.line(f"{self._page.symbol(Severity.NOTE)} {text}")

    # ---- totals ----------------------------------------------------------------------------
    def _totals(self, analysis: Analysis) -> None:
        by = self._counts.by
        parts = [f"{grouped(by['error'])} broken"]
        for number, said in (
            (by["warning"], "with warnings"),
            (by["note"] + by["fine"], "fine"),
            (by["tls"], "encrypted"),
        ):
            parts += [f"{grouped(number)} {said}"] if number else []
        line = ", ".join(parts) + "."
        if self._more and analysis.captures:
            files = " ".join(shlex.quote(self._page.safe(each.file)) for each in analysis.captures)
            ids = ",".join(map(str, self._more[:5]))
            hint = f"Details: wsdebug read {files} -c {ids}"
            if columns(line) + 3 + columns(hint) > self._page.width:
                self._page.paragraph(line, 0)
                self._page.line(hint)  # a command is not broken into lines
                return
            self._page.line(f"{line}   {hint}")
            return
        self._page.paragraph(line, 0)


def _filled(parts: Iterator[str], width: int) -> Iterator[str]:
    """The parts, two blanks between them, on as few lines as they need."""
    line = ""
    for part in parts:
        joined = f"{line}  {part}" if line else part
        if columns(joined) > width and line:
            yield line
            joined = f"  {part}"
        line = joined
    yield line


def _notes(capture: Capture) -> list[CaptureNote]:
    """What the reader should know about the capture, the rest counted."""
    notes = [*capture.warnings, *capture.limits]
    left = len(notes) - _NOTES
    return notes if left <= 0 else [*notes[:_NOTES], CaptureNote("more", f"and {left} more")]


def _note(note: CaptureNote) -> str:
    named = note.packet is None or "packet" in note.message
    return note.message if named else f"{note.message} (packet {grouped(note.packet or 0)})"


def _tls(connection: Connection) -> str:
    tls = connection.tls
    version = (tls.version if tls else None) or "TLS"
    name = tls.sni if tls else None
    where = words.endpoint(connection.server)
    return f"{version} to {name + ' ' if name else ''}{where}"
