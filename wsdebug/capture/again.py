"""Packets that were read once, read again from anywhere: to show what is not kept in memory.

A checkpoint for each batch says where its file goes on. A pipe was copied while it was read; a
compressed file is unpacked into a temporary one, as far as is asked for.
"""

from __future__ import annotations

import os
import sys
import tempfile
import threading
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from wsdebug.capture.pcap import pcap_again
from wsdebug.capture.pcapng import pcapng_again
from wsdebug.capture.reading import Checkpoint, Reading
from wsdebug.capture.source import Source
from wsdebug.model.limits import Limits
from wsdebug.model.place import Packet
from wsdebug.model.report import Capture

if TYPE_CHECKING:
    from collections.abc import Callable

    from wsdebug.capture.filters import CaptureFilter

_STEP = 1 << 20
_APART = 128 << 10
"""Bytes between two checkpoints, at least."""
_WINDOW = 16
"""Checkpoints between two borders."""
_LEAD = 64
"""Packets before the one asked for that are read too: fragments of it."""


class GoneError(Exception):
    """The bytes cannot be read any more; why, as a sentence."""


class Spool:
    """Plain bytes of a pipe or of a compressed file, in a temporary file that others read."""

    def __init__(self, limit: int, source: Callable[[], Source] | None = None) -> None:
        """`source`: where bytes that are not there yet come from."""
        self._file: BinaryIO | None = None
        self._limit = limit
        self._lock = threading.Lock()
        self._open = source
        self._source: Source | None = None
        self.size = 0
        self.fault: str | None = None

    def write(self, data: bytes) -> None:
        """Keep the next bytes; what does not fit is told when somebody asks for it."""
        if self.fault is not None:
            return
        if self.size + len(data) > self._limit:
            self.fault = f"Only the first {self.size} bytes of the capture were kept to look at."
            return
        try:
            if self._file is None:
                self._file = cast("BinaryIO", tempfile.TemporaryFile(buffering=0))  # noqa: SIM115 - until `close`
            os.pwrite(self._file.fileno(), data, self.size)
        except OSError as error:
            self.fault = f"The temporary file cannot hold the capture: {error.strerror}."
            return
        self.size += len(data)

    def read(self, offset: int, length: int) -> bytes:
        """Bytes from `offset` on; fewer at the end."""
        with self._lock:
            self._reach(offset + length)
        if offset >= self.size and self.fault is not None:
            raise GoneError(self.fault)
        file = self._file
        if file is None or offset >= self.size:
            return b""
        return os.pread(file.fileno(), min(length, self.size - offset), offset)

    def __del__(self) -> None:
        self.close()

    def close(self) -> None:
        """Gives the space on disk back."""
        if self._source is not None:
            self._source.close()
        if self._file is not None:
            self._file.close()
            self._file = None
        self.fault = self.fault or "The capture was closed."

    def _reach(self, size: int) -> None:
        if self._open is None:
            return
        self._source = source = self._source or self._open()
        while self.size < size and self.fault is None:
            data = source.more(b"", _STEP)
            if not data:
                return
            self.write(data)


class _SpoolStream:
    """A spool as a file that is read from a place on."""

    def __init__(self, spool: Spool, offset: int) -> None:
        self._spool = spool
        self._offset = offset

    def read(self, length: int) -> bytes:
        data = self._spool.read(self._offset, length)
        self._offset += len(data)
        return data

    def close(self) -> None:
        """The spool stays."""


class Again:
    """Reads packets of the files again. One thread adds checkpoints, others read."""

    def __init__(self, limits: Limits, capture_filter: CaptureFilter | None = None) -> None:
        self._limits = limits
        self._filter = capture_filter
        self._checkpoints: list[Checkpoint] = []
        self._files: list[tuple[Capture, Spool | None, tuple[int, int]]] = []

    def add_file(self, report: Capture, spool: Spool | None) -> None:
        """The next file, as it is being read."""
        if spool is None and report.compression is not None:
            path = report.file
            spool = Spool(
                self._limits.spool,
                lambda: Source(_opened(path), path, None, growing=lambda: True),  # perhaps it does
            )
        self._files.append((report, spool, (0, 0) if spool else _identity(report.file)))

    def close(self) -> None:
        """Gives up what was spooled."""
        for _, spool, _ in self._files:
            if spool is not None:
                spool.close()

    def add(self, checkpoint: Checkpoint) -> None:
        """A batch was read. Of a growing file they are small, and some go without a checkpoint."""
        last = self._checkpoints[-1] if self._checkpoints else None
        if (
            last is None
            or last.file != checkpoint.file
            or checkpoint.offset - last.offset >= _APART
        ):
            self._checkpoints.append(checkpoint)

    def borders(self) -> Iterator[int]:
        """Numbers of packets that end pieces of 4 MiB or so; behind the last one there is none."""
        for at in range(_WINDOW, len(self._checkpoints), _WINDOW):
            yield self._checkpoints[at].number
        yield sys.maxsize

    def batches(self, packet: int) -> Iterator[Sequence[Packet]]:
        """Packets from some before `packet` on, over all files, without those that the capture
        filter leaves out. Raises `GoneError`.
        """
        start = packet - _LEAD
        at = max(0, bisect_left(self._checkpoints, start, key=lambda each: each.number) - 1)
        while at < len(self._checkpoints):
            checkpoint = self._checkpoints[at]
            file = checkpoint.file
            yield from self._file_batches(checkpoint)
            at = bisect_right(self._checkpoints, file, key=lambda each: each.file)

    def _file_batches(self, checkpoint: Checkpoint) -> Iterator[Sequence[Packet]]:
        report, spool, identity = self._files[checkpoint.file]
        stream: Any
        if spool is not None:
            stream = _SpoolStream(spool, checkpoint.offset)
        else:
            if _identity(report.file) != identity:
                raise GoneError(f"{report.file} is not the file any more that was read.")
            stream = _opened(report.file)
            stream.seek(checkpoint.offset)
        source = Source(cast("BinaryIO", stream), report.file, 1, is_plain=True)
        nobody = Capture(report.file, report.format)
        reading = Reading(source, nobody, checkpoint.number, checkpoint.file, self._limits)
        reading.offset = checkpoint.offset
        again = pcap_again if report.format == "pcap" else pcapng_again
        try:
            for batch in again(reading, checkpoint.state):
                yield batch if self._filter is None else self._filter.select(batch)
        finally:
            source.close()


def _opened(path: str) -> BinaryIO:
    try:
        return cast("BinaryIO", Path(path).open("rb", buffering=0))
    except OSError as error:
        raise GoneError(f"{path} cannot be read any more: {error.strerror}.") from error


def _identity(path: str) -> tuple[int, int]:
    """Tells whether another file has taken the name."""
    try:
        about = Path(path).stat()
    except OSError as error:
        raise GoneError(f"{path} cannot be read any more: {error.strerror}.") from error
    return about.st_dev, about.st_ino
