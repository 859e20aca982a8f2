"""Unpacks a compressed stream piece by piece, in bounded memory, members one behind another."""

from __future__ import annotations

import sys
import zlib
from collections.abc import Callable
from typing import Protocol

# Longest first byte run that tells a compression: the magic of xz.
MAGIC_LENGTH = 6
# Bytes unpacked a call, at first and at most. An error inside a call loses what that call had
# unpacked, so it is small: of a file of a few packets even a kilobyte would be most.
_FIRST_STEP = 256
_STEP = 32 << 10
# xz -9 needs 65 MiB; a header may ask for 4 GiB.
_XZ_MEMORY = 256 << 20


class _Decompressor(Protocol):
    """What bz2, lzma and zstd decompressors have in common; one unpacks one member."""

    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int = -1) -> bytes: ...


class _Gzip:
    """zlib's decompressor under the interface of the others."""

    __slots__ = ("_tail", "_zlib", "needs_input")

    def __init__(self) -> None:
        self._zlib = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
        self._tail = b""
        self.needs_input = True

    @property
    def eof(self) -> bool:
        return self._zlib.eof

    @property
    def unused_data(self) -> bytes:
        return self._zlib.unused_data

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        unpacked = self._zlib.decompress(self._tail + data, max_length)
        self._tail = self._zlib.unconsumed_tail
        # A full answer may leave output inside zlib even when all input is taken.
        self.needs_input = not self._tail and len(unpacked) < max_length
        return unpacked


def _gzip() -> tuple[Callable[[], _Decompressor], type[Exception]]:
    return _Gzip, zlib.error


def _bzip2() -> tuple[Callable[[], _Decompressor], type[Exception]]:
    import bz2  # noqa: PLC0415 - paid for only when met

    return bz2.BZ2Decompressor, OSError


def _xz() -> tuple[Callable[[], _Decompressor], type[Exception]]:
    import lzma  # noqa: PLC0415 - paid for only when met

    def decompressor() -> lzma.LZMADecompressor:
        return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_XZ_MEMORY)

    return decompressor, lzma.LZMAError


def _zstd() -> tuple[Callable[[], _Decompressor], type[Exception]]:
    if sys.version_info >= (3, 14):
        from compression import zstd  # noqa: PLC0415 - paid for only when met
    else:
        from backports import zstd  # noqa: PLC0415 - paid for only when met
    return zstd.ZstdDecompressor, zstd.ZstdError


_FORMATS = {"gzip": _gzip, "bzip2": _bzip2, "xz": _xz, "zstd": _zstd}


def compression_of(head: bytes) -> str | None:
    """gzip, bzip2, xz or zstd by a file's first bytes; None where it is none of them."""
    if head.startswith(b"\x1f\x8b"):
        return "gzip"
    # "BZh", the block size, then the magic of a block or of the end of an empty stream.
    if head.startswith(b"BZh") and head[4:6] in (b"1A", b"\x17r"):
        return "bzip2"
    if head.startswith(b"\xfd7zXZ\x00"):
        return "xz"
    # RFC 8878 3.1.1, 3.1.2: a frame, or a skippable one (pzstd puts one before each frame).
    if head.startswith(b"\x28\xb5\x2f\xfd"):
        return "zstd"
    if head[1:4] == b"\x2a\x4d\x18" and 0x50 <= head[0] <= 0x5F:
        return "zstd"
    return None


class Unpacker:
    """Takes compressed bytes with `give`, hands out plain ones with `take`."""

    __slots__ = ("_error", "_given", "_member", "_new", "_step", "inside")

    def __init__(self, compression: str) -> None:
        self._new, self._error = _FORMATS[compression]()
        self._member = self._new()
        self._given = b""
        self._step = _FIRST_STEP
        self.inside = True
        """Whether a member has begun and not ended: the stream may not stop here."""

    @property
    def is_hungry(self) -> bool:
        """Whether `take` has nothing to hand out before the next `give`."""
        return not self._given and (not self.inside or self._member.needs_input)

    def give(self, data: bytes) -> None:
        """Adds compressed bytes; only called when hungry."""
        self._given = data

    def take(self) -> bytes | None:
        """Some plain bytes, maybe none; None where the stream is damaged."""
        given, self._given = self._given, b""
        if not self.inside:
            # RFC 1952 2.2 and the xz format: members follow each other; zeros may pad them.
            given = given.lstrip(b"\x00")
            if not given:
                return b""
            self._member = self._new()
            self.inside = True
        try:
            unpacked = self._member.decompress(given, self._step)
        except (self._error, EOFError, ValueError, MemoryError):
            return None
        self._step = min(2 * self._step, _STEP)
        if self._member.eof:
            self.inside = False
            self._given = self._member.unused_data
        return unpacked
