"""A capture that somebody still writes: a file, or one after the other, read as they grow.

A record that is not whole yet is waited for. Where nothing is there to read, an empty batch comes,
so that the caller can wait, draw, or stop: nothing here sleeps.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, Protocol, cast

from wsdebug.capture.again import Again
from wsdebug.capture.blocks import Secrets
from wsdebug.capture.captures import account, filter_from, filtered
from wsdebug.capture.opening import recognise, refusal
from wsdebug.capture.reading import Reading
from wsdebug.capture.source import Source
from wsdebug.model.limits import DEFAULT_LIMITS, Limits
from wsdebug.model.place import Packet
from wsdebug.model.report import Capture, CaptureNote

_BEGUN = 24
"""Bytes from which on a file tells what it is: the header of a pcap file, which comes in one."""


class Growth(Protocol):
    """Who writes: a recorder, or a pipe that is copied."""

    @property
    def files(self) -> Sequence[str]:
        """The files so far, oldest first; a ring drops the oldest."""

    @property
    def ended(self) -> bool:
        """Nothing more will be written."""


class Followed:
    """A file that somebody else writes; when he is done nobody knows."""

    ended = False

    def __init__(self, path: str) -> None:
        self.files = [path]


class GrowingCaptures:
    """As `captures.Captures`, of files that grow. `files` has those that were begun."""

    progress = None

    def __init__(
        self,
        growth: Growth,
        limits: Limits = DEFAULT_LIMITS,
        capture_filter: str | None = None,
        *,
        keep: bool = False,
        most: int | None = None,
    ) -> None:
        """`most`: packets after which to stop."""
        self._growth = growth
        self._limits = limits
        self._filter = filter_from(capture_filter)
        self._most = most
        self._is_lost = False
        """The file is not what its name stands for any more."""
        self._has_skipped = False
        """Files before the one that is begun next are not in here."""
        self.files: list[Capture] = []
        self.end: int | None = None
        """When the capture ended in ns, where that is known to be later than its last packet."""
        self.secrets: list[Secrets] = []
        self.again = Again(limits, self._filter) if keep else None

    def batches(self) -> Iterator[Sequence[Packet]]:
        """Packets as they come, an empty list where there are none yet. `UserError` where a file
        cannot be opened or is no capture.
        """
        path, number = None, 0
        while True:
            after = self._after(path)
            if after is None:
                if self._growth.ended and self._after(path) is None:
                    return
                yield []
                continue
            path = after
            stream = self._opened(path)
            if stream is None:
                continue
            try:
                while os.fstat(stream.fileno()).st_size < _BEGUN and self._grows(path):
                    yield []
                reading = self._begin(path, stream, number)
                yield from self._packets(path, stream, reading)
            finally:
                stream.close()
            account(reading[0], [])
            self.end, number = reading[0].end, reading[0].number
            if self._is_enough(number) or self._is_lost:
                return

    def _after(self, path: str | None) -> str | None:
        """The file behind `path`; where a ring has dropped that already, the oldest there is."""
        files = list(self._growth.files)
        at = files.index(path) + 1 if path in files else 0
        if path is not None and path not in files and files:
            self._has_skipped = True
        return files[at] if at < len(files) else None

    def _opened(self, path: str) -> BinaryIO | None:
        """None where a ring has dropped it: its next ones are there, or will be named soon."""
        try:
            return cast("BinaryIO", Path(path).open("rb", buffering=0))
        except (OSError, ValueError) as error:
            is_alone = not self.files and list(self._growth.files) == [path]
            if is_alone or not isinstance(error, FileNotFoundError):
                raise refusal(path, error) from error
            self._has_skipped = True
            return None

    def _grows(self, path: str) -> bool:
        files = self._growth.files
        return not self._growth.ended and bool(files) and files[-1] == path

    def _begin(
        self, path: str, stream: BinaryIO, number: int
    ) -> tuple[Reading, Iterator[Sequence[Packet]]]:
        source = Source(stream, path, None, limits=self._limits, growing=lambda: self._grows(path))
        kind, read, head = recognise(source)
        report = Capture(path, kind, source.compression, first_packet=number + 1)
        reading = Reading(source, report, number, len(self.files), self._limits)
        reading.secrets = self.secrets
        if self._has_skipped:
            report.warnings.append(_skipped())
            self._has_skipped = False
        if self.again is not None:
            self.again.add_file(report, None)
        self.files.append(report)
        return reading, read(reading, head)

    def _packets(
        self, path: str, stream: BinaryIO, begun: tuple[Reading, Iterator[Sequence[Packet]]]
    ) -> Iterator[Sequence[Packet]]:
        reading, batches = begun
        for batch in batches:
            if self._is_enough(reading.number):
                batch = batch[: len(batch) - (reading.number - (self._most or 0))]  # noqa: PLW2901
            account(reading, batch)
            self.end = reading.end
            if self.again is not None and reading.checkpoint is not None:
                self.again.add(reading.checkpoint)
            yield filtered(self._filter, reading, batch)
            if self._is_enough(reading.number):
                return
            if not batch and (note := _changed(path, stream, reading)) is not None:
                reading.report.warnings.append(note)
                self._is_lost = True
                return

    def _is_enough(self, number: int) -> bool:
        return self._most is not None and number >= self._most


def _changed(path: str, stream: BinaryIO, reading: Reading) -> CaptureNote | None:
    """Whether what is read is not what the name stands for any more. One that was only removed is
    read on: who writes it has it open as well.
    """
    own = os.fstat(stream.fileno())
    try:
        named = Path(path).stat()
    except OSError:
        named = own
    if (named.st_dev, named.st_ino) != (own.st_dev, own.st_ino):
        what = "Another file has taken its name while it was read"
    elif own.st_size < reading.source.stored:
        what = "It was made shorter while it was read"
    else:
        return None
    packet = reading.number or None
    return CaptureNote("file-replaced", f"{what}: what came later is not in here.", packet)


def _skipped() -> CaptureNote:
    return CaptureNote(
        "packets-skipped",
        "The ring dropped files before they were read: packets before this are missing. A larger"
        " ring (--ring), or a filter (-f), helps.",
    )
