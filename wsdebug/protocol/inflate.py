"""permessage-deflate, strictly (RFC 7692 7.2.2): raw DEFLATE on zlib, which alone is no judge.

What zlib lets pass is looked at here: a message that ends within a block, a block with BFINAL,
distances beyond the agreed window, references into messages whose context was given up.

Every call of zlib depends on the stream alone, never on how it arrived (the caller hands over
blocks that end at frame ends or every `BLOCK` bytes): an error swallows the output of its call.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import NamedTuple

from wsdebug.model.handshake import Deflate
from wsdebug.model.place import Side
from wsdebug.protocol.small_messages import (
    NOTHING,
    PIECE,
    TAIL,
    WINDOW,
    SmallMessages,
    primed,
)
from wsdebug.protocol.twins import Twins

BLOCK = 16 << 10
"""Compressed bytes handed over at one time."""
NARROW = 256
"""Compressed bytes a call for a window below 15 bits: short calls copy what they leave."""
EXACT = 64 << 10
"""Inflated bytes for which a window below 15 bits is checked to the byte; behind them to within
`STEP` bytes. zlib measures a distance against the window plus the output of the same call."""
STEP = 32


class InflateFault(NamedTuple):
    """Why a strict inflater refuses a message; reasons as in `DeflateFault`."""

    reason: str
    text: str


class Inflater(SmallMessages):
    """The compressed messages of one side: `begin`, then `feed` block by block. `fault` is what
    was found in this message, `readable` whether its output can be had.
    """

    __slots__ = (
        "_blocks", "_known", "_total", "_twins", "fault", "produced", "used", "window_bits",
    )  # fmt: skip

    def __init__(self, agreed: Deflate | None, side: Side) -> None:
        """`agreed` None: no handshake was captured, so nothing can be held against the sender."""
        self._known = agreed is not None
        self.window_bits = 15 if agreed is None else agreed.window_bits(side)
        super().__init__(
            max(9, self.window_bits),  # zlib has no raw window of 8 bits
            resets=agreed is not None and agreed.resets(side),
            lost=agreed is None,
        )
        self._twins: Twins | None = None
        """What reads on until what is lost does not matter any more."""
        self._total = 0
        """Inflated bytes of this `_zlib`."""
        self._blocks = 0
        self.produced = 0
        """Inflated bytes of this message."""
        self.fault: InflateFault | None = None
        self.used = 0
        """The packet of its last message (`Inflaters`)."""

    @property
    def is_trial(self) -> bool:
        """The message is read though what it may refer to is lost."""
        return self._twins is not None

    def begin(self) -> None:
        """A compressed message begins."""
        self._close_window()
        self._is_even = False
        self.fault = None
        self.readable = True
        self.produced = self._blocks = 0
        if self._lost:
            self._twins = self._twins or Twins(self._bits)
        elif self._resets:
            self._zlib = zlib.decompressobj(-self._bits)
            self._total = 0

    @property
    def history(self) -> bytes | None:
        """The window before the next message; None where it is not known."""
        if self._lost or not self.readable:
            return None
        if self.window is not None:
            return self.window.history()
        return bytes(self._history[-WINDOW:])

    def lose(self) -> None:
        """Bytes of this message are missing, or nobody wants to inflate the rest."""
        self._close_window()
        self.readable = False
        self._lost = not self._resets
        self._twins = None

    def give_up(self) -> None:
        """Forget the context: later messages are read as far as they do without it."""
        self.lose()
        self._history = bytearray()
        self._ready = None
        self._zlib = NOTHING
        self._total = 0

    def feed(self, block: bytes, last: bool) -> Iterator[bytes]:
        """Inflate a block of the message; `last` is its end."""
        if last:
            block += TAIL
        if self._twins is not None:
            yield from self._without_history(self._twins, block, last)
            return
        if not self.readable:
            return
        self._blocks += 1
        try:
            yield from self._pieces(block, last)
        except zlib.error as error:
            yield from self._refused(block, last, str(error))
        if last and self.readable:
            self._finish()

    def _without_history(self, twins: Twins, block: bytes, last: bool) -> Iterator[bytes]:
        """What of the message does not depend on what is lost."""
        try:
            for out in twins.feed(block):
                self.readable = self.readable and out is not None
                if self.readable and out is not None:
                    self.produced += len(out)
                    yield out
        except zlib.error as error:
            self._break("zlib-error", str(error))  # blocks are wrong whatever came before
            return
        known = twins.known() if last else None
        if known is not None:
            self._zlib, self._history = known
            self._total = 1 << self._bits
            self._lost, self._twins = False, None

    def _pieces(self, block: bytes, last: bool) -> Iterator[bytes]:
        size = len(block) if self._bits == 15 else NARROW
        at = size
        data = block[:size]
        while True:
            if self._zlib.eof and self._ready is None:
                # A message may end with a BFINAL block and lack the empty one behind it.
                if last and len(data) + max(0, len(block) - at) <= len(TAIL):
                    return
                self._zlib = primed(self._bits, self._history)
            limit = self._limit()
            if self._ready is None:
                out = self._zlib.decompress(data, limit)
            else:
                out, self._ready = self._ready, None
            if out:
                self._keep(out)
                yield out
            ended = self._zlib.eof
            data = self._zlib.unused_data if ended else self._zlib.unconsumed_tail
            if not data and (ended or len(out) < limit):
                if at >= len(block):
                    return
                data = block[at : at + size]
                at += size

    def _limit(self) -> int:
        """Inflated bytes to take at one time: few enough to see a distance beyond the window."""
        if self._bits == 15:
            return PIECE
        room = (1 << self._bits) - self._total
        if room > 0:
            return room
        return 1 if self._total < EXACT else STEP

    def _keep(self, out: bytes) -> None:
        size = len(out)
        self.produced += size
        self._total += size
        self._history += out
        if len(self._history) > 2 * WINDOW:
            del self._history[:-WINDOW]

    def _finish(self) -> None:
        """Check that the message ended where a block ends."""
        if not self._zlib.eof:
            probe = self._zlib if self._resets else self._zlib.copy()
            if not self._ends_block(probe):
                self._break("cut-off", "the data ends within a block")

    def _break(self, reason: str, text: str) -> None:
        """Give the message up, and with it the history that later ones may refer to."""
        if self._known:
            self.fault = InflateFault(reason, text)
        self.lose()

    def _refused(self, block: bytes, last: bool, text: str) -> Iterator[bytes]:
        """Say why zlib refuses the block; read on where more history than agreed makes it good."""
        if "too far back" not in text:
            self._break("zlib-error", text)
            return
        narrow = self._bits < 15 and self._total >= 1 << self._bits
        reason = "zlib-error"
        if self._resets and self.produced < WINDOW and len(self._history) > self.produced:
            reason = "context-used"
        elif narrow:
            reason = "window-exceeded"
        if reason == "zlib-error":
            self._break(reason, text)
        elif self._blocks > 1:
            self._break(reason, self._figures(reason))
        else:
            yield from self._second_look(block, last, reason, text)

    def _second_look(self, block: bytes, last: bool, reason: str, text: str) -> Iterator[bytes]:
        """Read the message again with everything before it; what was given out is not repeated."""
        given = self.produced
        del self._history[len(self._history) - given :]
        figures = self._figures(reason)
        self.produced = 0
        self._bits = 15
        self._zlib = primed(15, self._history)
        try:
            for out in self._pieces(block, last):
                new = self.produced - given
                if new > 0:
                    yield out[-new:] if new < len(out) else out
        except zlib.error:
            self._break("zlib-error", text)
            return
        # Told once: from here on the sender is read as it compresses.
        self._resets = self._resets and reason != "context-used"
        self.fault = InflateFault(reason, figures)

    def _figures(self, reason: str) -> str:
        if reason == "context-used":
            return "a reference to before the message, though its context was given up"
        return f"a distance beyond the window of {1 << self._bits} bytes"
