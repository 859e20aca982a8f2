"""The bytes of one capture file or pipe, unpacked, in chunks, without seeking."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import BinaryIO, Protocol

from wsdebug.capture.compression import MAGIC_LENGTH, Unpacker, compression_of
from wsdebug.display.quantities import grouped
from wsdebug.model.limits import DEFAULT_LIMITS, Limits

# Bytes asked for at once; one chunk becomes one batch of packets.
_CHUNK = 256 << 10
# Compressed bytes asked for at once.
_PACKED_CHUNK = 64 << 10
# Unpacked bytes up to which `Limits.ratio` is not asked for: they take a second.
_MODEST = 64 << 20


class Copy(Protocol):
    """Keeps what a pipe brings."""

    def write(self, data: bytes) -> None:
        """The next bytes."""


class Source:
    """A stream of plain bytes. `fault` says why it ended early, as a clause for a sentence."""

    __slots__ = (
        "_growing",
        "_is_ours",
        "_least",
        "_limits",
        "_packed",
        "_read",
        "_start",
        "_stream",
        "_was_exact",
        "compression",
        "copy",
        "damaged",
        "fault",
        "limit",
        "name",
        "size",
        "stored",
        "unpacked",
    )

    def __init__(
        self,
        stream: BinaryIO,
        name: str,
        size: int | None,
        *,
        is_ours: bool = True,
        is_plain: bool = False,
        copy: Copy | None = None,
        limits: Limits = DEFAULT_LIMITS,
        growing: Callable[[], bool] | None = None,
    ) -> None:
        """`is_plain`: the stream is not compressed, whatever it begins with. `copy` takes all plain
        bytes that are read. `growing` tells whether somebody still writes to it.
        """
        self.name = name
        self._is_ours = is_ours
        self._stream = stream
        # A pipe's read1 returns what is there; its read would wait for a whole chunk.
        self._read: Callable[[int], bytes | None] = getattr(stream, "read1", stream.read)
        self.size = size
        """Bytes as stored; None for a pipe."""
        self._least = 1 if size is None else _CHUNK
        self.stored = 0
        """Stored bytes read so far."""
        self.unpacked = 0
        """Bytes that a compressed file has unpacked to so far."""
        self._limits = limits
        self.limit: str | None = None
        """The limit that ended it, as in `Limits`; the fault says the same."""
        self.fault: str | None = None
        self.damaged = False
        """The fault is damage, not a missing end."""
        self._packed: Unpacker | None = None
        self._start = b""
        self._was_exact = False
        self.copy = copy
        self._growing = growing
        self.compression = None if is_plain else self._look()

    def _look(self) -> str | None:
        """Reads enough of the beginning to tell the compression and keeps it."""
        while len(self._start) < MAGIC_LENGTH and (data := self._stored(_PACKED_CHUNK)):
            self._start += data
        compression = compression_of(self._start)
        if compression:
            self._packed = Unpacker(compression)
            self._packed.give(self._start)
        return compression

    def more(self, rest: bytes, need: int) -> bytes:
        """`rest` and at least `need` bytes more; fewer only at the end. Joined once, so that a
        long record that comes in small pieces costs no more than its length.
        """
        pieces = [rest] if rest else []
        # Of a file only what is missing of a record is joined with its beginning. The next chunk
        # then begins with a record and need not be copied, which took a tenth of the time. Not
        # twice in a row: a file of very short blocks would be read block by block.
        is_whole_file = self.size is not None and self._packed is None
        is_exact = bool(rest) and is_whole_file and not self._was_exact
        self._was_exact = is_exact
        least = max(need, 1 if is_exact else self._least)
        got = 0
        while got < least and (piece := self._piece(least - got if is_exact else _CHUNK)):
            pieces.append(piece)
            got += len(piece)
            if self.copy is not None:
                self.copy.write(piece)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def waits(self) -> bool:
        """Whether to look again, where nothing came. When nobody writes any more, once again: more
        may have come before he stopped.
        """
        if self._growing is None or self.fault is not None:
            return False
        if not self._growing():
            self._growing = None
        return True

    def close(self) -> None:
        """Closes the file, unless it is standard input; harmless when repeated."""
        if self._is_ours:
            self._stream.close()

    def _piece(self, most: int) -> bytes:
        if self._packed is not None:
            return self._unpacked(self._packed)
        if self._start:
            start, self._start = self._start, b""
            return start
        return self._stored(min(most, _CHUNK))

    def _stored(self, length: int) -> bytes:
        """The next bytes as stored; a failing disk or connection ends the stream."""
        try:
            data = self._read(length) or b""
        except OSError as error:
            self.fault = f"it could not be read on ({os.strerror(error.errno or 0)})"
            self.damaged = True
            return b""
        self.stored += len(data)
        return data

    def _unpacked(self, packed: Unpacker) -> bytes:
        while self.fault is None:
            if packed.is_hungry:
                data = self._stored(_PACKED_CHUNK)
                if not data:
                    if packed.inside and self.fault is None and self._growing is None:
                        self.fault = f"its {self.compression} stream is cut short"
                    break
                packed.give(data)
            plain = packed.take()
            if plain is None:
                self.fault = f"its {self.compression} stream is damaged"
                self.damaged = True
            elif plain:
                self.unpacked += len(plain)
                self._enforce()
                return plain
        return b""

    def _enforce(self) -> None:
        """A small file that unpacks to a huge one costs time in proportion to the small one."""
        limits = self._limits
        if self.unpacked > limits.unpacked:
            self.limit = "unpacked"
            self.fault = f"it unpacks to more than {grouped(limits.unpacked)} bytes"
        elif self.unpacked > max(_MODEST, limits.ratio * self.stored):
            self.limit = "ratio"
            self.fault = f"it unpacks to more than {grouped(limits.ratio)} times its size"
