"""The state of the pcapng section being read: byte order, interfaces, losses, secrets."""

from __future__ import annotations

import struct

from wsdebug.capture import blocks
from wsdebug.capture.blocks import Interface
from wsdebug.capture.reading import Reading
from wsdebug.model.errors import UserError
from wsdebug.model.report import CaptureNote

# Type, length and the length again: a block without body.
SHORTEST_BLOCK = 12
# Up to here an enhanced packet block and a section header block are all fixed fields.
FIXED = 28


class Section:
    """`fault` is why the block just met cannot be right; None while all is well."""

    __slots__ = (
        "_bad_times",
        "_interfaces",
        "_lost",
        "_lost_before",
        "_order",
        "_reading",
        "fault",
        "trailer",
        "unpack",
    )

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._interfaces: list[Interface] = []
        self._lost: dict[int, int] = {}
        self._lost_before = 0
        self._bad_times = 0
        self.fault: str | None = None
        self._use("<")

    def _use(self, order: str) -> None:
        self._order = order
        self.unpack = struct.Struct(f"{order}7I").unpack_from
        self.trailer = struct.Struct(f"{order}I").unpack_from

    def begin(self, buffer: bytes, at: int) -> int:
        """Begins the section whose header block stands at `at`; its block length."""
        for order in "<>":
            length, magic, major = struct.unpack_from(f"{order}IIH", buffer, at + 4)
            if magic == 0x1A2B3C4D:
                self._version(major)
                self._use(order)
                self._interfaces = []
                self._lost_before += sum(self._lost.values())
                self._lost = {}
                return int(length)
        self.fault = "its section header has no byte-order magic"
        return 0

    def _version(self, major: int) -> None:
        if major == 1:
            return
        self.fault = f"its section has version {major}; only version 1 is known"
        if not self._reading.offset:
            raise UserError(
                f"{self._reading.source.name} is a pcapng file of version {major}; "
                "only version 1 is known.",
                "Convert it: editcap -F pcap OLD NEW",
            )

    def obsolete_index(self, field: int) -> int:
        """The interface of an obsolete packet block, whose field's second half counts drops."""
        return field & 0xFFFF if self._order == "<" else field >> 16

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

    def undated(self) -> bool:
        """Counts a time stamp that no calendar has; False: such a packet has no time."""
        self._bad_times += 1
        return False

    def other(self, kind: int, buffer: bytes, at: int, end: int) -> None:
        """Reads a block that is no packet; unknown ones are stepped over."""
        if kind == blocks.INTERFACE:
            self._describe(buffer[at + 8 : end - 4])
        elif kind == blocks.STATISTICS:
            losses = blocks.losses_from_block(self._order, buffer[at + 8 : end - 4])
            # The counts run since the capture began: the highest is the whole.
            if losses and losses[0] < len(self._interfaces):
                self._lost[losses[0]] = max(losses[1], self._lost.get(losses[0], 0))
        elif kind == blocks.DECRYPTION_SECRETS:
            secrets = blocks.secrets_from_block(self._order, buffer[at + 8 : end - 4])
            if secrets:
                self._reading.keep(secrets)

    def _describe(self, body: bytes) -> None:
        interface = blocks.interface_from_block(self._order, body)
        if interface is None:
            self.fault = "its interface description is too short"
        elif len(self._interfaces) >= self._reading.limits.interfaces:
            self.fault = f"its section has more than {len(self._interfaces)} interfaces"
        else:
            self._interfaces.append(interface)
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
