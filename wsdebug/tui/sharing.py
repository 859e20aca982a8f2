"""Actions that explain, copy, save and help."""

from __future__ import annotations

from collections.abc import Callable

from wsdebug.explain import explain
from wsdebug.model.errors import UserError
from wsdebug.model.rows import RowKind
from wsdebug.report import words
from wsdebug.tui import clipboard, keys
from wsdebug.tui.commands import palette
from wsdebug.tui.finding import Finding
from wsdebug.tui.pages import Choice, Menu, Page, help_lines, text_lines
from wsdebug.tui.saving import savings

_COPIED = 100_000
"""Characters that terminals take at once (OSC 52); more is cut, and said to be."""


class Sharing(Finding):
    """Explaining, copying, saving, helping."""

    # ---- explain and help ------------------------------------------------------------------
    def action_explain(self) -> None:
        """A page on what the cursor is on."""
        asked = self._asked()
        if asked is None:
            self.say("There is nothing to explain on this line.")
            return
        try:
            page = explain(asked, ascii_only=self.paint.ascii_only)
        except UserError as error:
            self.say(f"{error} {error.hint or ''}", bad=True)
            return
        self.app.push_screen(Page(self.paint, f"explain {asked}", text_lines(page)))

    def _asked(self) -> str | None:
        line = self.current_panel.current
        if line.explain is not None:
            return line.explain
        row, report = self.frames.row, self.trace.report
        in_frames = self.panel in (keys.FRAMES, keys.DETAIL)
        if in_frames and row is not None and row.kind in (RowKind.FRAME, RowKind.FOREIGN):
            return f"{row.header:04x}"
        if report is None or in_frames:
            return None
        if report.causes:
            return report.causes[0].code
        if report.findings:
            return words.alike(report.findings)[0][0].code
        return next(iter(words.ending_to_explain(report)), None)

    def action_help(self) -> None:
        """The keys, those of this panel first."""
        lines = help_lines(self.panel, ascii_only=self.paint.ascii_only)
        self.app.push_screen(Page(self.paint, "keys", lines))

    def action_palette(self) -> None:
        """Every command by name."""
        self.app.push_screen(palette(self))

    # ---- copy ------------------------------------------------------------------------------
    def action_copy(self) -> None:
        """Choose what goes on the clipboard."""
        offers = self._copies()
        if not offers:
            self.say("There is nothing to copy yet.")
            return
        choices = [Choice(key, says) for key, says, _ in offers]

        def copy(chosen: int | None) -> None:
            if chosen is not None:
                self._copy(offers[chosen][1], offers[chosen][2]())

        self.app.push_screen(Menu(self.paint, "copy", choices), copy)

    def _copies(self) -> list[tuple[str, str, Callable[[], str]]]:
        detail, report, id_ = self.detail.detail, self.trace.report, self.trace.chosen
        offers: list[tuple[str, str, Callable[[], str]]] = []
        if detail is not None and detail.raw:
            offers.append(("h", "bytes in hex", lambda: clipboard.frame_hex(detail)))
            offers.append(("p", "payload as text", lambda: clipboard.payload_text(detail)))
        if detail is not None and id_ is not None and detail.packets:
            stream = self.trace.known(id_).tcp_stream
            offers.append(
                ("w", "filter for Wireshark", lambda: clipboard.display_filter(detail, stream))
            )
        if report is not None and id_ is not None:
            analysis, options = self.loader.analysis, self.options
            said = clipboard.command(options, id_, "markdown")
            offers.append(("e", "evidence: why it ended", lambda: clipboard.evidence(report)))
            offers.append(
                ("m", "Markdown report, masked", lambda: clipboard.markdown(analysis, report, said))
            )
            offers.append(("c", "command", lambda: clipboard.command(options, id_)))
        return offers

    def _copy(self, name: str, text: str) -> None:
        self.app.copy_to_clipboard(text[:_COPIED])
        more = "" if len(text) <= _COPIED else ", the beginning: x saves all"
        self.say(f"Copied: {name}{more}.")

    # ---- save ------------------------------------------------------------------------------
    def action_export(self) -> None:
        """Choose what is written to a file in this folder."""
        offers = savings(self)
        if not offers:
            self.say("There is nothing to save yet.")
            return
        choices = [Choice(each.key, each.says, each.path.name) for each in offers]

        def save(chosen: int | None) -> None:
            if chosen is None:
                return
            offer = offers[chosen]

            def write() -> None:
                said, bad = offer.write()
                self.app.call_from_thread(self.say, said, bad=bad)

            self.run_worker(write, thread=True, group="save")

        self.app.push_screen(Menu(self.paint, "save", choices), save)
