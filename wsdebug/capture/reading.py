"""What the readers of both formats share: where they read, how they number, what they note."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from wsdebug import compiled
from wsdebug.capture.blocks import Secrets
from wsdebug.capture.link_types import link_type_name
from wsdebug.capture.source import Source
from wsdebug.display.limits import raised
from wsdebug.display.quantities import grouped
from wsdebug.model.limits import Limits
from wsdebug.model.place import Packet
from wsdebug.model.report import Capture, CaptureNote

if TYPE_CHECKING:
    from wsdebug.compiled._records import Batch

# Bits of a packet's place that hold the offset in the unpacked file; the file's index is above.
PLACE_BITS = 48
# What keeping an empty block costs, so that a million of them reach the limit too.
_SECRETS_OVERHEAD = 128


class Checkpoint(NamedTuple):
    """A place in a file from which reading can begin again."""

    number: int
    """Of the last packet before it."""
    file: int
    offset: int
    """In the unpacked file."""
    state: Any
    """What the reader of that format must know there."""


def new_batch() -> list[Packet] | Batch:
    """What takes the packets of the next chunk: where that is compiled it keeps rows of numbers,
    and makes a packet's tuple each time it is asked for.
    """
    return [] if compiled.records is None else compiled.records.Batch()


class Reading:
    """One file being read. `number` is the last packet's; `offset` where the unread bytes begin."""

    __slots__ = (
        "_before",
        "_link_types",
        "_secret_bytes",
        "checkpoint",
        "end",
        "limits",
        "number",
        "offset",
        "place",
        "report",
        "secrets",
        "source",
    )

    def __init__(
        self, source: Source, report: Capture, number: int, index: int, limits: Limits
    ) -> None:
        self.source = source
        self.report = report
        self.number = number
        self.place = index << PLACE_BITS
        self.offset = 0
        self.limits = limits
        self.secrets: list[Secrets] = []
        self._secret_bytes = 0
        self._before = number
        self.end: int | None = None
        """When the capture ended, where the file says so and is to be believed."""
        self.checkpoint: Checkpoint | None = None
        """Where the batch that was handed on last can be read again."""
        self._link_types: set[int] = set()

    def reach(self, state: Any) -> None:
        """A batch begins at `offset`."""
        file = self.place >> PLACE_BITS
        self.checkpoint = Checkpoint(self.number, file, self.offset, state)

    def link_type(self, number: int) -> int:
        """Lists a link type in the report, once."""
        if number not in self._link_types:
            self._link_types.add(number)
            name = link_type_name(number)
            if name not in self.report.link_types:
                self.report.link_types.append(name)
        return number

    def keep(self, secrets: Secrets) -> None:
        """Keeps a decryption secrets block as long as all of them stay within the limit."""
        self._secret_bytes += len(secrets.data) + _SECRETS_OVERHEAD
        if self._secret_bytes <= self.limits.secrets:
            self.secrets.append(secrets)
        else:
            message = f"Only the first {len(self.secrets)} blocks of its TLS secrets are kept"
            self.reached("secrets", message)

    def reached(self, name: str, what: str) -> None:
        """Notes a limit, once a file: `what` is a sentence without its full stop."""
        if all(note.kind != name for note in self.report.limits):
            more = raised(name, getattr(self.limits, name))
            self.report.limits.append(CaptureNote(name, f"{what} ({more})."))

    def ended(self, rest: int) -> None:
        """Notes a bad end: the source broke off, or `rest` bytes are no whole record."""
        source = self.source
        if source.fault is not None:
            if source.limit is not None:
                self.reached(source.limit, f"Reading stopped {self._where}: {source.fault}")
                return
            kind = "damaged-file" if source.damaged else "truncated-file"
            self.note(kind, f"the file ends early: {source.fault}")
        elif rest:
            self.note("truncated-file", "the file ends inside a record")

    def damaged(self, why: str) -> None:
        """Notes that reading stops at `offset` because the record there cannot be right."""
        self.note("damaged-file", f"the record at byte {self.offset} is damaged: {why}")

    def too_long(self, length: int) -> None:
        """Notes where a record is longer than the limit, be it damaged or not: who knows that it
        is whole can have it read.
        """
        if length > self.limits.block:
            most = grouped(self.limits.block)
            what = f"A record that claims {grouped(length)} bytes, more than {most}, was not read"
            self.reached("block", what)

    def note(self, kind: str, what: str) -> None:
        """A warning about where reading stopped. Its packet is the last whole one, which exists
        in every other tool too; None where the file has no whole packet.
        """
        packet = None if self.number == self._before else self.number
        message = f"{what[0].upper()}{what[1:]}; reading stopped {self._where}."
        self.report.warnings.append(CaptureNote(kind, message, packet))

    @property
    def _where(self) -> str:
        if self.number == self._before:
            return "before its first whole packet"
        return f"after packet {self.number}"
