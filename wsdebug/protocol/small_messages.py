"""Compressed messages that come in one piece and are in order: checked in one go.

In Python that is one call of zlib, and one more on a copy of its state, which shows whether the
message ends where a block does. Where the compiled core is there, its `Window` does all of it and
zlib stands by: between messages all that either knows is what was inflated last.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from wsdebug import compiled

if TYPE_CHECKING:
    from wsdebug.compiled._frames import Window

TAIL = b"\x00\x00\xff\xff"
"""RFC 7692 7.2.2: what the sender took off the message's end and the receiver puts back."""
FINAL = b"\x01\x00\x00\xff\xff"
"""An empty last block: where zlib does not come to the end by it, it stood within a block."""
PIECE = 64 << 10
"""Inflated bytes taken at one time."""
WINDOW = 32 << 10

NOTHING = zlib.decompressobj(-15)
"""Stands where there is no context; never fed."""


class SmallMessages:
    """The context of one side's messages, and the quick way through it."""

    __slots__ = (
        "_bits", "_history", "_is_even", "_lost", "_ready", "_resets", "_zlib", "readable",
        "window",
    )  # fmt: skip

    def __init__(self, bits: int, *, resets: bool, lost: bool) -> None:
        self._bits = bits
        self._resets = resets
        self._lost = lost
        """Whether earlier messages, which this one may refer to, are not known."""
        self._zlib = zlib.decompressobj(-bits)
        self._history = bytearray()
        """What was inflated last: at least a window of it."""
        self.window: Window | None = None
        """Reads the next message, if that is an ordinary one; `_zlib` and `_history` are empty."""
        self._is_even = True
        """The last message ended with a byte, so that its history is all there is to know."""
        self._ready: bytes | None = None
        """What `whole` has inflated of a message that `feed` must look at more closely."""
        self.readable = True

    def whole(self, body: bytes, *, is_text: bool) -> bool:
        """Check a small message that came in one piece; False where it is to be read by `begin`
        and `feed` after all, from the same state: something about it is out of the ordinary.
        """
        if self.window is not None or self.open_window():
            assert self.window is not None
            if self.window.reads(body, is_text):
                self.readable = True
                return True
            return False
        if self._bits < 15 or self._lost:
            return False
        if self._resets:
            self._zlib = zlib.decompressobj(-self._bits)
        inflater = self._zlib
        if inflater.eof:
            return False
        try:
            out = inflater.decompress(body + TAIL, PIECE)
        except zlib.error:
            return False  # It says so again when it is asked again.
        if not inflater.eof and len(out) < PIECE and (not is_text or _is_utf8(out)):
            # Without the context nobody needs the original any more; a copy costs 1.2 us.
            probe = inflater if self._resets else inflater.copy()
            if self._ends_block(probe):
                self.readable = True
                self._history += out
                if len(self._history) > 2 * WINDOW:
                    del self._history[:-WINDOW]
                return True
        self._ready = None if self._resets else out
        return False

    def open_window(self) -> bool:
        """Have `window` read on; False where that is not to be had or cannot."""
        core = compiled.frames
        if core is None or self._bits < 15 or self._lost:
            return False
        if not (self._resets or self._is_even):
            return False
        self.window = core.Window(self._history, self._resets)
        self._zlib, self._history = NOTHING, bytearray()
        return True

    def _close_window(self) -> None:
        """Have zlib read on, from where the window stands."""
        if self.window is not None:
            self._history = bytearray(self.window.history())
            self._zlib = primed(self._bits, self._history)
            self._is_even = True
            self.window = None

    def _ends_block(self, probe: zlib._Decompress) -> bool:
        """Whether `probe` stands where a block ends; it is used up by that."""
        try:
            probe.decompress(FINAL, 1)
        except zlib.error:
            return False
        # Within a byte, the block that is asked about ends before its last byte.
        self._is_even = probe.eof and not probe.unused_data
        return probe.eof


def primed(bits: int, history: bytearray) -> zlib._Decompress:
    """An inflater that knows what came before."""
    if not history:
        return zlib.decompressobj(-bits)
    return zlib.decompressobj(-bits, zdict=bytes(history[-(1 << bits) :]))


def _is_utf8(out: bytes) -> bool:
    if not out.isascii():
        try:
            str(out, "utf-8")
        except UnicodeDecodeError:
            return False
    return True
