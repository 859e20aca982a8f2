"""One capture made of one or more files, read in time order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from wsdebug.capture.again import Again, Spool
from wsdebug.capture.blocks import Secrets
from wsdebug.capture.opening import recognise, source_from_path
from wsdebug.capture.reading import Reading
from wsdebug.capture.source import Source
from wsdebug.model.errors import UserError
from wsdebug.model.instant import Instant
from wsdebug.model.limits import DEFAULT_LIMITS, Limits
from wsdebug.model.place import Packet
from wsdebug.model.report import Capture

if TYPE_CHECKING:
    from wsdebug.capture.filters import CaptureFilter

# Files of one capture may overlap by this many nanoseconds: captures reorder packets a little.
_OVERLAP = 1_000_000_000
_LEAST = 1_000_000
"""Of a file that is itself so short, half may be too much: from this many nanoseconds on."""
_MERGE = "Merge them by time first: mergecap -w ALL.pcapng FILE..."


class _File:
    """A file that was recognised. `start` opens it once more, a pipe just goes on."""

    __slots__ = ("_head", "_pipe", "_read", "first", "has_packets", "path", "report", "spool")

    def __init__(self, path: str, stdin: BinaryIO | None, limits: Limits, *, keep: bool) -> None:
        """`keep`: what a pipe brings is copied to a temporary file."""
        self.path = path
        spool = Spool(limits.spool) if keep else None
        source = source_from_path(path, stdin, limits, spool)
        self.spool = spool if source.size is None else None
        self._pipe = source if source.size is None else None
        self.first: int | None = None
        """Time of its first packet in ns; None for a pipe."""
        try:
            kind, self._read, self._head = recognise(source)
            self.report = Capture(path, kind, source.compression, bytes=source.size or 0)
            self.has_packets = self._pipe is None and self._look(source, limits)
        except UserError:
            self._pipe = None
            raise
        finally:
            if self._pipe is None:
                source.close()

    def _look(self, source: Source, limits: Limits) -> bool:
        """Reads up to the first packet."""
        report = Capture(self.path, self.report.format)
        for batch in self._read(Reading(source, report, 0, 0, limits), self._head):
            self.first = batch[0][1]
            return True
        return False

    @property
    def is_pipe(self) -> bool:
        return self._pipe is not None

    def start(
        self, number: int, index: int, limits: Limits
    ) -> tuple[Reading, Iterator[Sequence[Packet]]]:
        """Its packets, numbered on from `number`."""
        source, head = self._pipe, self._head
        if source is None:
            source = source_from_path(self.path, None, limits)
            _, _, head = recognise(source)
        self.report.first_packet = number + 1
        reading = Reading(source, self.report, number, index, limits)
        return reading, self._read(reading, head)


class Captures:
    """The packets of all files as one run of numbers. `files` grows true while reading."""

    def __init__(
        self,
        files: list[_File],
        limits: Limits,
        capture_filter: CaptureFilter | None,
        *,
        keep: bool,
    ) -> None:
        self._filter = capture_filter
        self._files = files
        self._limits = limits
        self._reading: Reading | None = None
        self._size = sum(file.report.bytes for file in files)
        self._done = 0
        self.files = [file.report for file in files]
        self.end: int | None = None
        """When the capture ended in ns, where that is known to be later than its last packet."""
        self.secrets: list[Secrets] = []
        """Decryption secrets blocks, in the order they were met."""
        self.again = Again(limits, capture_filter) if keep else None
        """Reads packets once more, where that was asked for."""
        if self.again is not None:
            for file in files:
                self.again.add_file(file.report, file.spool)

    @property
    def progress(self) -> float | None:
        """Part of the stored bytes that is read, 0 to 1; None where a pipe hides the whole."""
        if any(file.is_pipe for file in self._files):
            return None
        now = self._reading.source.stored if self._reading else 0
        return min(1.0, (self._done + now) / self._size)

    def batches(self) -> Iterator[Sequence[Packet]]:
        """Lists of packets in the order of the files, without those that the capture filter leaves
        out; to be called once. `UserError` where the filter cannot be used.
        """
        number = 0
        for index, file in enumerate(self._files):
            reading, batches = file.start(number, index, self._limits)
            self._reading = reading
            reading.secrets = self.secrets
            try:
                for batch in batches:
                    account(reading, batch)
                    self._refuse_overlap(index)
                    if self.again is not None and reading.checkpoint is not None:
                        self.again.add(reading.checkpoint)
                    if chosen := filtered(self._filter, reading, batch):
                        yield chosen
            finally:
                reading.source.close()
            account(reading, [])
            self.end = reading.end
            number = reading.number
            self._done += file.report.bytes
            self._reading = None

    def _refuse_overlap(self, index: int) -> None:
        """Refuses as soon as a file runs on beyond the beginning of the next: such files were
        captured at the same time, and their packets must be interleaved.
        """
        behind = next((file for file in self._files[index + 1 :] if file.has_packets), None)
        first, last = self.files[index].first, self.files[index].last
        if behind is None or behind.first is None or first is None or last is None:
            return
        if last.ns - behind.first > _allowed(last.ns - first.ns):
            raise UserError(f"{self.files[index].file} and {behind.path} overlap in time.", _MERGE)


def _allowed(span: int) -> int:
    """By how many nanoseconds a file that spans so many may run on into the next: two of one moment
    share most of it.
    """
    return min(_OVERLAP, max(_LEAST, span // 2))


def filtered(
    chosen: CaptureFilter | None, reading: Reading, batch: Sequence[Packet]
) -> Sequence[Packet]:
    """What the capture filter leaves of a batch; the rest is counted."""
    if chosen is None:
        return batch
    kept = chosen.select(batch)
    reading.report.filtered_out += len(batch) - len(kept)
    return kept


def account(reading: Reading, batch: Sequence[Packet]) -> None:
    """Brings the report of the file being read up to date."""
    report = reading.report
    report.packets += len(batch)
    if reading.source.size is None:
        report.bytes = reading.source.stored
    if report.first is None:
        report.first = _first_time(batch)
    report.last = _first_time(reversed(batch)) or report.last


def open_captures(
    paths: Sequence[str],
    limits: Limits = DEFAULT_LIMITS,
    stdin: BinaryIO | None = None,
    capture_filter: str | None = None,
    *,
    keep: bool = False,
) -> Captures:
    """Looks at the beginning of each file, so that what is no capture is refused at once, and
    puts several files in the order of their first packets. `-` is standard input. With `keep` their
    packets can be read once more (`Captures.again`).
    """
    chosen = filter_from(capture_filter)
    _refuse_repeated(paths)
    files = [_File(path, stdin, limits, keep=keep) for path in paths]
    if len(files) > 1:
        files = _in_time_order(files)
    return Captures(files, limits, chosen, keep=keep)


def filter_from(text: str | None) -> CaptureFilter | None:
    """The filter in tcpdump's language, if there is one."""
    if text is None:
        return None
    from wsdebug.capture.filters import CaptureFilter  # noqa: PLC0415 - ctypes is not free

    return CaptureFilter(text)


def _refuse_repeated(paths: Sequence[str]) -> None:
    seen: set[Path] = set()
    for path in paths:
        real = Path(path).resolve()
        if real in seen:
            raise UserError(f"{path} is named twice.", "Name each capture once.")
        seen.add(real)


def _in_time_order(files: list[_File]) -> list[_File]:
    """By the first packet; files without packets last. Where a file has no times, as named."""
    for file in files:
        if file.is_pipe:
            name = "Standard input" if file.path == "-" else file.path
            raise UserError(f"{name} is a pipe and can only be read alone.", _MERGE)
    timed = [file for file in files if file.first is not None]
    empty = [file for file in files if not file.has_packets]
    if len(timed) + len(empty) < len(files):
        return files
    return sorted(timed, key=lambda file: file.first or 0) + empty


def _first_time(packets: Iterable[Packet]) -> Instant | None:
    """The first time there is; packets of simple packet blocks have none."""
    for packet in packets:
        if packet[1] is not None:
            return Instant(packet[1])
    return None
