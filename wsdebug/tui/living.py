"""The screen over a capture that goes on: how fast it comes, what goes on, and holding still."""

from __future__ import annotations

import time

from wsdebug.tui.line import Piece
from wsdebug.tui.live_text import Meter, live_pieces, saved, sentence
from wsdebug.tui.sharing import Sharing
from wsdebug.tui.source import LiveLoader, Progress

_TOLD = 3
"""News that are told at one time; panel 3 has all of a connection's."""


class Living(Sharing):
    """What only a live capture has."""

    is_held = False
    """Nothing is drawn anew; the capture goes on."""
    _meter: Meter | None = None

    def action_hold(self) -> None:
        """Hold the picture still, or let it go on."""
        if self.options.live is None:
            self.say("Nothing moves here: = is for a capture that goes on.")
            return
        self.is_held = not self.is_held
        self.renew_titles()

    def live_tick(self, state: Progress) -> bool:
        """Look at what goes on; whether the header has changed."""
        if self.options.live is None:
            return False
        self._meter = self._meter or Meter()
        told = self.loader.fresh_news() if isinstance(self.loader, LiveLoader) else []
        self.why.book.write(told)
        for id_, news in told[-_TOLD:] if not self.is_held else ():
            self.say(f"#{id_}: {sentence(news)}")
        if any(id_ == self.trace.chosen for id_, _ in told) and not self.is_held:
            self.why.renew(top=False)
        return self._meter.update(state.packets, time.monotonic()) or bool(state.done)

    def live_pieces(self, state: Progress) -> list[Piece]:
        """The header's part, and where the capture is saved."""
        live = self.options.live
        if live is None:
            return []
        rate = self._meter.rate if self._meter is not None else 0
        return [*live_pieces(live, state, rate, is_held=self.is_held), saved(live)]
