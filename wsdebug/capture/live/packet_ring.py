"""Linux: packets of an interface through a ring of memory shared with the kernel (packet(7),
TPACKET_V3). The kernel filters, stamps in nanoseconds and fills blocks; nothing is copied by a
call, and a reader that is late for a moment loses nothing.
"""

from __future__ import annotations

import ctypes
import errno
import mmap
import os
import select
import socket
import struct
from collections.abc import Sequence

from wsdebug.capture.live.kernel_filter import attach, kernel_program
from wsdebug.capture.live.links import ANY, COOKED, is_loopback, link_type
from wsdebug.capture.live.ring_blocks import BLOCK_STATUS, Block, cooked_packets, plain_packets

RETIRE_MS = 30
"""A block that is not full is handed over after so many milliseconds."""
BLOCK = 1 << 19
_RING = 1 << 26
"""Bytes for all interfaces together, in blocks of half a MiB: the largest packet of a host (64 KiB,
512 KiB for IPv6 jumbograms at most) fits in one."""
_SMALLEST_RING = 1 << 21
_FRAME = 2_048
"""The kernel wants a size that divides the block; TPACKET_V3 packs packets closer."""
_SOL_PACKET = 263
_ADD_MEMBERSHIP, _RX_RING, _STATISTICS, _VERSION, _IGNORE_OUTGOING = 1, 5, 6, 10, 23
_TPACKET_V3 = 2
_PROMISCUOUS = 1
_ETH_P_ALL = 3
_USER = 1
_REFUSED = {errno.ENOPROTOOPT, errno.EINVAL, errno.ENOMEM, errno.EOPNOTSUPP}


class RingRefusedError(Exception):
    """The kernel has no such ring, or no memory for it."""


class PacketRing:
    """One interface, or all of them (`any`). Nothing is captured before `bind`."""

    def __init__(
        self, interface: str, number: int, capture_filter: str | None, share: int = 1
    ) -> None:
        """`number`: of the interface in the file; `share`: how many rings share the memory.
        OSError where the system refuses a packet socket, RingRefusedError without a ring,
        `UserError` for a filter that libpcap refuses.
        """
        self.name = interface
        self.fault: OSError | None = None
        self.packets = self.captured = 0
        self._number = number
        self._dropped = 0
        self._at = 0
        linktype = link_type(interface)
        self.link_type = COOKED if linktype is None else linktype
        self._read = cooked_packets if linktype is None else plain_packets
        kind = socket.SOCK_DGRAM if linktype is None else socket.SOCK_RAW
        # Protocol 0: the socket hears nothing until it is bound, so the filter misses nothing.
        self._socket = socket.socket(socket.AF_PACKET, kind, 0)
        try:
            self._prepare(capture_filter)
            self._ring = self._mapped(max(_RING // share // BLOCK * BLOCK, _SMALLEST_RING))
        except BaseException:
            self._socket.close()
            raise

    def _prepare(self, capture_filter: str | None) -> None:
        # A packet on loopback passes twice, going out and coming in.
        once: int | None = None
        if self.name == ANY:
            once = _loopback_index()
        elif is_loopback(self.name):
            try:
                self._socket.setsockopt(_SOL_PACKET, _IGNORE_OUTGOING, 1)
            except OSError:  # before Linux 4.20
                once = socket.if_nametoindex(self.name)
        attach(self._socket, kernel_program(capture_filter, self.name, self.link_type, once))

    def _mapped(self, size: int) -> mmap.mmap:
        """The ring, smaller where there is no memory for it."""
        try:
            self._socket.setsockopt(_SOL_PACKET, _VERSION, _TPACKET_V3)
            while True:
                try:
                    self._ask_for(size)
                    return mmap.mmap(self._socket.fileno(), size)
                except OSError as error:
                    if error.errno != errno.ENOMEM or size // 2 < _SMALLEST_RING:
                        raise
                    self._ask_for(0)
                    size = size // 2 // BLOCK * BLOCK
        except OSError as error:
            if error.errno in _REFUSED:
                raise RingRefusedError(os.strerror(error.errno or 0)) from error
            raise

    def _ask_for(self, size: int) -> None:
        """A ring of that many bytes; 0 gives it back."""
        retire = RETIRE_MS if size else 0
        block, frame = (BLOCK, _FRAME) if size else (0, 0)
        request = (block, size // BLOCK, frame, size // _FRAME, retire, 0, 0)
        self._socket.setsockopt(_SOL_PACKET, _RX_RING, struct.pack("=7I", *request))

    def bind(self) -> None:
        """Begins to capture. OSError where the interface does not let itself be captured."""
        index = 0 if self.name == ANY else socket.if_nametoindex(self.name)
        # struct sockaddr_ll, by hand: Python's own cannot say "all interfaces".
        address = struct.pack(
            "=H2siHBB8s", socket.AF_PACKET, _ETH_P_ALL.to_bytes(2, "big"), index, 0, 0, 0, b""
        )
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.bind(self._socket.fileno(), address, len(address)):
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))
        if index and not is_loopback(self.name):
            # As tcpdump does: a mirrored port carries what is for others. Ends with the socket.
            wanted = struct.pack("=iHH8s", index, _PROMISCUOUS, 0, b"")
            self._socket.setsockopt(_SOL_PACKET, _ADD_MEMBERSHIP, wanted)

    def fileno(self) -> int:
        """For `wait`."""
        return self._socket.fileno()

    def take(self) -> list[bytes]:
        """The packets of the next block that the kernel has handed over; none: no block."""
        ring, at = self._ring, self._at
        # The call in `wait`, and all that Python does in between, orders this before what follows.
        if not BLOCK_STATUS(ring, at)[0] & _USER:
            return []
        block: Block = self._read(ring, at, self._number)
        ring[at + 8 : at + 12] = b"\0\0\0\0"  # TP_STATUS_KERNEL: the kernel's again
        self._at = at + BLOCK if at + BLOCK < len(ring) else 0
        self.packets += len(block.packets)
        self.captured += block.captured
        return block.packets

    def dropped(self) -> int:
        """Packets thrown away for want of room, since `bind`."""
        # struct tpacket_stats_v3: packets, drops, freezes; asking sets them to zero.
        answer = self._socket.getsockopt(_SOL_PACKET, _STATISTICS, 12)
        self._dropped += struct.unpack("=3I", answer)[1]
        return self._dropped

    def look(self) -> None:
        """Sees whether the interface went away; what the ring holds stays."""
        number = self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if number:
            self.fault = OSError(number, os.strerror(number))

    def close(self) -> None:
        """Ends capturing."""
        self._ring.close()
        self._socket.close()


def wait(rings: Sequence[PacketRing], seconds: float) -> None:
    """Until one of them has a block, or the time is over; looks after those that went away."""
    poll = select.poll()
    by_number = {ring.fileno(): ring for ring in rings}
    for number in by_number:
        poll.register(number, select.POLLIN)
    for number, events in poll.poll(seconds * 1_000):
        if events & select.POLLERR:
            by_number[number].look()


def _loopback_index() -> int | None:
    return next((index for index, name in socket.if_nameindex() if is_loopback(name)), None)
