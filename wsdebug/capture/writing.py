"""Writes pcapng (draft-ietf-opsawg-pcapng): packets as they were captured, with comments.

Times are written in nanoseconds. A packet without a time becomes a simple packet block, which has
none either.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import BinaryIO

from wsdebug.capture import blocks
from wsdebug.model.place import Packet

APPLICATION = "wsdebug"
"""`shb_userappl` begins with it: of such a file the reader believes when the capture ended."""
_BYTE_ORDER_MAGIC = 0x1A2B3C4D
_COMMENT = 1
_USER_APPLICATION = 4
_TIME_RESOLUTION = 9
_END_TIME = 3
_NANOSECONDS = b"\x09"
_LONGEST = 0xFFFF


class PcapngWriter:
    """One section; an interface for each link type, described when it is first met."""

    def __init__(self, stream: BinaryIO, version: str, comments: Sequence[str] = ()) -> None:
        """`comments` are about the whole file."""
        self._stream = stream
        self._interfaces: dict[int, int] = {}
        self.packets = 0
        options = [_text(_COMMENT, comment) for comment in comments]
        options.append(_text(_USER_APPLICATION, f"{APPLICATION} {version}"))
        head = struct.pack("<IHHq", _BYTE_ORDER_MAGIC, 1, 0, -1)
        self._block(blocks.SECTION, head + _ended(options))

    def packet(self, packet: Packet, comments: Sequence[str] = ()) -> None:
        """The next packet; a comment is a line that Wireshark shows with it."""
        _, time, link_type, data, wire_length, _ = packet
        interface = self._interface(link_type)
        self.packets += 1
        padded = data + bytes(-len(data) & 3)
        if time is None and interface == 0 and len(data) == wire_length:
            self._block(blocks.SIMPLE_PACKET, struct.pack("<I", wire_length) + padded)
            return
        time = time or 0
        fixed = struct.pack(
            "<5I", interface, time >> 32 & 0xFFFFFFFF, time & 0xFFFFFFFF, len(data), wire_length
        )
        options = [_text(_COMMENT, comment) for comment in comments]
        self._block(blocks.PACKET, fixed + padded + (_ended(options) if options else b""))

    def secrets(self, key_log: bytes) -> None:
        """A decryption secrets block (section 4.7) with the keys of TLS sessions."""
        head = struct.pack("<II", blocks.TLS_KEY_LOG, len(key_log))
        self._block(blocks.DECRYPTION_SECRETS, head + key_log + bytes(-len(key_log) & 3))

    def finish(self, end: int | None) -> None:
        """When the capture ended, in nanoseconds, which may be after its last packet here."""
        if end is None or not self._interfaces:
            return
        stamp = struct.pack("<2I", end >> 32 & 0xFFFFFFFF, end & 0xFFFFFFFF)
        options = [_option(_END_TIME, stamp)]
        self._block(blocks.STATISTICS, struct.pack("<I", 0) + stamp + _ended(options))

    def _interface(self, link_type: int) -> int:
        known = self._interfaces.get(link_type)
        if known is None:
            known = self._interfaces[link_type] = len(self._interfaces)
            options = [_option(_TIME_RESOLUTION, _NANOSECONDS)]
            self._block(blocks.INTERFACE, struct.pack("<HHI", link_type, 0, 0) + _ended(options))
        return known

    def _block(self, kind: int, body: bytes) -> None:
        length = len(body) + 12
        self._stream.write(struct.pack("<II", kind, length) + body + struct.pack("<I", length))


def _text(code: int, text: str) -> bytes:
    raw = text.encode("utf-8", "backslashreplace")
    return _option(code, raw[:_LONGEST].decode("utf-8", "ignore").encode())


def _option(code: int, value: bytes) -> bytes:
    return struct.pack("<HH", code, len(value)) + value + bytes(-len(value) & 3)


def _ended(options: Sequence[bytes]) -> bytes:
    return b"".join(options) + bytes(4)
