"""The state of the pcapng section being read: byte order, interfaces, losses, secrets."""

from __future__ import annotations

import struct

from wsdebug.capture import blocks
from wsdebug.capture.blocks import Interface
from wsdebug.capture.reading import Reading
from wsdebug.display.quantities import grouped
from wsdebug.model.errors import UserError
from wsdebug.model.report import CaptureNote

# Type, length and the length again: a block without body.
SHORTEST_BLOCK = 12
# Up to here an enhanced packet block and a section header block are all fixed fields.
FIXED = 28
_BYTE_ORDER_MAGIC = 0x1A2B3C4D
_RETOLD = 50
"""Comments of one of our own files that are looked at."""


class Section:
    """`fault` is why the block just met cannot be right; None while all is well."""

    __slots__ = (
        "_bad_times",
        "_interfaces",
        "_is_ours",
        "_lost",
        "_lost_before",
        "_most_options",
        "_reading",
        "_state",
        "fault",
        "order",
        "trailer",
        "unpack",
    )

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._interfaces: list[Interface] = []
        self._lost: dict[int, int] = {}
        self._lost_before = 0
        self._bad_times = 0
        self._is_ours = False
        self._state: tuple[str, tuple[Interface, ...]] | None = None
        self.fault: str | None = None
        limits = reading.limits
        self._most_options = blocks.MostOptions(limits.options, self._too_many_options)
        self._use("<")

    def _too_many_options(self) -> None:
        most = grouped(self._reading.limits.options)
        self._reading.reached("options", f"Only the first {most} options of a block are read")

    def _use(self, order: str) -> None:
        self.order = order
        self._state = None
        self.unpack = struct.Struct(f"{order}7I").unpack_from
        self.trailer = struct.Struct(f"{order}I").unpack_from

    @property
    def state(self) -> tuple[str, tuple[Interface, ...]]:
        """Byte order and interfaces; the same object as long as nothing has changed."""
        if self._state is None:
            self._state = self.order, tuple(self._interfaces)
        return self._state

    def restore(self, state: tuple[str, tuple[Interface, ...]]) -> None:
        """Go on where `state` was taken."""
        self._use(state[0])
        self._interfaces = list(state[1])

    def block_length(self, buffer: bytes, at: int) -> int:
        """Takes up the byte order of the section header block at `at`; the block's length."""
        for order in "<>":
            length, magic = struct.unpack_from(f"{order}II", buffer, at + 4)
            if magic == _BYTE_ORDER_MAGIC:
                self._use(order)
                return int(length)
        self.fault = "its section header has no byte-order magic"
        return 0

    def _begin(self, buffer: bytes, at: int) -> None:
        """Begins a section: interfaces count anew (section 4.1)."""
        major = struct.unpack_from(f"{self.order}H", buffer, at + 12)[0]
        if major != 1:
            self.fault = f"its section has version {major}; only version 1 is known"
            if not self._reading.offset + at:
                raise UserError(
                    f"{self._reading.source.name} is a pcapng file of version {major}; "
                    "only version 1 is known.",
                    "Convert it: editcap -F pcap OLD NEW",
                )
        self._interfaces = []
        self._state = None
        self._lost_before += sum(self._lost.values())
        self._lost = {}

    def obsolete_index(self, field: int) -> int:
        """The interface of an obsolete packet block, whose field's second half counts drops."""
        return field & 0xFFFF if self.order == "<" else field >> 16

    def interface(self, index: int) -> Interface | None:
        """An interface of this section; a packet of one that was not described is a fault."""
        if index < len(self._interfaces):
            return self._interfaces[index]
        self.fault = f"it belongs to interface {index}, which the file does not describe"
        return None

    def simple(self, wire: int, length: int) -> tuple[int, int] | None:
        """Link type and captured length of a simple packet block (section 4.4)."""
        interface = self.interface(0)
        if interface is None:
            return None
        captured = min(wire, interface.snap_length or wire)
        if captured + 16 > length:
            self.fault = f"it claims {captured} captured bytes in {length}"
            return None
        return interface.link_type, captured

    def time(self, index: int, high: int, low: int) -> int | None:
        """A time stamp in ns, exactly; None, and counted, where no calendar has it."""
        time = self._interfaces[index].time(high, low)
        if time is None:
            self._bad_times += 1
        return time

    def other(self, kind: int, buffer: bytes, at: int, end: int) -> int:
        """Reads a block that is no packet, or steps over it; the packet numbers it takes."""
        if kind == blocks.SECTION:
            self._begin(buffer, at)
            body = buffer[at + 8 : end - 4]
            name = blocks.application_from_block(self.order, body, self._most_options)
            # Others keep the end of the capture when they cut a piece out of it (editcap -B).
            self._is_ours = name.startswith("wsdebug ")
            if self._is_ours:
                self._retell(blocks.comments_from_block(self.order, body, self._most_options))
        elif kind == blocks.INTERFACE:
            self._describe(buffer[at + 8 : end - 4])
        elif kind == blocks.STATISTICS:
            body = buffer[at + 8 : end - 4]
            losses = blocks.losses_from_block(self.order, body, self._most_options)
            # The counts run since the capture began: the highest is the whole.
            if losses and losses[0] < len(self._interfaces):
                self._lost[losses[0]] = max(losses[1], self._lost.get(losses[0], 0))
            if self._is_ours and losses and losses[0] < len(self._interfaces):
                stamp = blocks.end_from_block(self.order, body, self._most_options)
                if stamp is not None:
                    self._reading.end = self._interfaces[losses[0]].time(*stamp)
        elif kind == blocks.DECRYPTION_SECRETS:
            secrets = blocks.secrets_from_block(self.order, buffer[at + 8 : end - 4])
            if secrets:
                self._reading.keep(secrets)
        return int(kind in blocks.NUMBERED)

    def _retell(self, comments: list[str]) -> None:
        """What was wrong with the capture from which we took this piece."""
        for comment in comments[:_RETOLD]:
            if comment.startswith(blocks.OF_THE_CAPTURE):
                text = comment.removeprefix(blocks.OF_THE_CAPTURE)
                message = f"{blocks.TAKEN_FROM}{text}"
                self._reading.report.warnings.append(CaptureNote("exported", message))

    def _describe(self, body: bytes) -> None:
        interface = blocks.interface_from_block(self.order, body, self._most_options)
        if interface is None:
            self.fault = "its interface description is too short"
        elif len(self._interfaces) >= self._reading.limits.interfaces:
            self.fault = f"its section has more than {len(self._interfaces)} interfaces"
            self._reading.reached("interfaces", f"Reading stopped: {self.fault}")
        else:
            self._interfaces.append(interface)
            self._state = None
            self._reading.link_type(interface.link_type)

    def finish(self) -> None:
        """Notes what was counted over the whole file."""
        lost = self._lost_before + sum(self._lost.values())
        warnings = self._reading.report.warnings
        if lost:
            packets = "1 packet was" if lost == 1 else f"{lost} packets were"
            message = f"{packets} lost by the capture itself."
            warnings.append(CaptureNote("packets-lost", message))
        if self._bad_times:
            message = f"{self._bad_times} packets have a time outside the years 1970 to 9999."
            warnings.append(CaptureNote("bad-times", message))
