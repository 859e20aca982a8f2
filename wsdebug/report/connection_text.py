"""One connection in full, as text: what it was, why it ended, what happened, what was wrong."""

from __future__ import annotations

from wsdebug.display.columns import columns, padded, wrapped
from wsdebug.display.quantities import counted, grouped
from wsdebug.display.times import since_start
from wsdebug.model.report import Connection, Finding, Moment
from wsdebug.report import cause_words, measures, words
from wsdebug.report.cause_text import write_reasons, write_why
from wsdebug.report.page import Page
from wsdebug.report.unseen import unseen

_FINDINGS = 20
"""Different findings of one connection shown; the rest is counted."""
_TIME = 12
"""Columns up to the end of a time in "What happened"."""
_NARROW = 70
"""Below this width packets stand behind what happened, not in a column of their own."""


class ConnectionText:
    """Writes one connection. `fate`: what it shares with others; `every`: findings that say the
    same are not counted together.
    """

    def __init__(
        self, page: Page, connection: Connection, fate: str | None, *, every: bool
    ) -> None:
        self._page = page
        self._connection = connection
        self._fate = fate
        self._every = every
        self._advised: set[str] = set()

    def write(self) -> None:
        """All of it, and an empty line."""
        self._head()
        write_why(self._page, self._connection)
        if self._fate:
            self._page.paragraph(self._fate, 10, "  With", "strong")
        self._timeline()
        write_reasons(self._page, self._connection)
        self._findings()
        self._page.gap()

    def _head(self) -> None:
        page, connection = self._page, self._connection
        kind = words.kind_of(connection)
        mark = page.symbol(None if kind == "fine" else connection.severity)
        if kind == "tls":
            mark = "?"
        left = f"#{connection.id}  {page.safe(words.url(connection))}"
        client = f"   {page.safe(words.endpoint(connection.client))}"
        ended = words.ended(connection)
        if columns(left) + columns(client) + columns(ended) + 4 <= page.width:
            left += client
            client = ""
        page.row(left, ended, mark)
        if client:
            page.line(f"      from {client.strip()}")
        life = measures.lifetime(connection)
        if columns("   ".join(life)) + 6 <= page.width:
            page.line(f"      {'   '.join(life)}")
        else:
            page.paragraph(", ".join(life), 6)
        differently = words.seen_differently(connection)
        for line in [*([differently] if differently else []), *measures.figures(connection)]:
            page.paragraph(line, 6)
        for line in unseen(connection):
            page.paragraph(line, 6, "    !", "warning")

    # ---- what happened ---------------------------------------------------------------------
    def _timeline(self) -> None:
        if not self._connection.timeline:
            return
        self._page.line()
        self._page.line(self._page.paint("  What happened", "strong"))
        for moment in self._connection.timeline:
            if moment.kind == "silence":
                self._silence(moment)
            else:
                self._moment(moment)

    def _silence(self, moment: Moment) -> None:
        line = f"---- {words.pause(moment, self._page.safe(moment.text))} ----"
        indent = max(0, min(_TIME + 2, self._page.width - columns(line)))
        self._page.line(" " * indent + line)

    def _moment(self, moment: Moment) -> None:
        page = self._page
        text = page.safe(words.happened(moment), words.PAYLOAD)  # payload may stand in it
        packet = "" if moment.packet is None else f"packet {grouped(moment.packet)}"
        side = moment.side.value if moment.side is not None else ""
        is_narrow = page.width < _NARROW
        room = page.width - _TIME - 10 - (15 if packet and not is_narrow else 0)
        first, *others = wrapped(text, room)
        if packet and is_narrow:  # a column for the packet would leave too little
            others.append(packet)
            packet = ""
        time = f"{since_start(moment.time):>{_TIME}}"
        who = page.paint(f"{side:6}", side) if side else f"{side:6}"
        page.line(f"{time}  {who}  {padded(first, room)}  {packet}")
        for line in others:
            page.line(f"{'':{_TIME + 10}}{line}")

    # ---- findings --------------------------------------------------------------------------
    def _findings(self) -> None:
        page, findings = self._page, self._connection.findings
        groups = words.alike(findings)
        if self._every:
            groups = [(finding, 1) for finding in findings]
        shown = groups[: None if self._every else _FINDINGS]
        for finding, count in shown:
            page.line()
            self._finding(finding, count)
        page.line()
        left = sum(count for _, count in groups[len(shown) :])
        if left:
            page.line(f"  and {counted(left, 'more finding')} (-v shows all)")
        frames = words.frames_with_findings(findings)
        if frames and not words.is_encrypted(self._connection):
            page.paragraph(frames, 24, "  Frames with findings:")
        ending = words.ending_to_explain(self._connection)
        died_of = [
            each.code for each in self._connection.causes[:1] if cause_words.told_in_full(each)
        ]
        codes = dict.fromkeys([*died_of, *(finding.code for finding, _ in shown), *ending])
        if codes:
            page.paragraph(f"wsdebug explain {' '.join(codes)}", 8, "  More:")

    def _finding(self, finding: Finding, count: int) -> None:
        page = self._page
        name = f"{page.safe(finding.code)} {page.safe(words.title(finding))}"
        times = f" x {grouped(count)}" if count > 1 else ""
        right = finding.severity.value + times
        first_line, *others = wrapped(name, page.width - columns(right) - 5)
        page.row(first_line.replace(" ", "  ", 1), right, page.symbol(finding.severity), 2)
        for line in others:
            page.line(f"           {line}")
        first = " (the first)" if count > 1 else ""
        page.paragraph(f"{finding.name}: {words.place(finding)}{first}", 6)
        page.paragraph(finding.saw, 14, "      saw")
        page.paragraph(words.wanted(finding), 14, "      wanted")
        for label, text in self._details(finding):
            page.paragraph(text, 14, f"      {label}", limit=words.PAYLOAD)
        if finding.fatal:
            text = "the receiver had to fail the connection here"
            page.paragraph(text, 14, "      FATAL", "error")
        advice = None if cause_words.is_told(self._connection, finding) else words.fix(finding)
        if advice and advice not in self._advised:  # once is enough for findings of one kind
            self._advised.add(advice)
            page.paragraph(advice, 14, "      fix")

    def _details(self, finding: Finding) -> list[tuple[str, str]]:
        """The bytes themselves, where the finding carries them."""
        detail = finding.detail
        lines: list[tuple[str, str]] = []
        if "preview" in detail and str(detail["preview"]) not in finding.saw:
            length = detail.get("length")
            size = f", {counted(length, 'byte')}" if isinstance(length, int) else ""
            lines.append(("bytes", f"{detail.get('kind', 'unknown')}{size}: {detail['preview']}"))
        as_frame = words.read_as_frame(finding)
        if as_frame:
            lines.append(("read as", as_frame))
        if "payload" in detail:
            lines.append(("payload", str(detail["payload"])))
        return lines
