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
_INTERFACE_NAME = 2
_TIME_RESOLUTION = 9
_INTERFACE_FILTER = 11
_END_TIME = 3
_SYSTEM_DROPPED = 7
_NANOSECONDS = b"\x09"
_LONGEST = 0xFFFF


class PcapngWriter:
    """One section; an interface for each link type, described when it is first met."""

    def __init__(self, stream: BinaryIO, version: str, comments: Sequence[str] = ()) -> None:
        """`comments` are about the whole file."""
        self._stream = stream
        self._interfaces: dict[int, int] = {}
        self.packets = 0
        stream.write(section_block(version, comments))

    def packet(self, packet: Packet, comments: Sequence[str] = ()) -> None:
        """The next packet; a comment is a line that Wireshark shows with it."""
        _, time, link_type, data, wire_length, _ = packet
        interface = self._interface(link_type)
        self.packets += 1
        padded = data + bytes(-len(data) & 3)
        if time is None and interface == 0 and len(data) == wire_length:
            body = struct.pack("<I", wire_length) + padded
            self._stream.write(_block(blocks.SIMPLE_PACKET, body))
            return
        time = time or 0
        fixed = struct.pack(
            "<5I", interface, time >> 32 & 0xFFFFFFFF, time & 0xFFFFFFFF, len(data), wire_length
        )
        options = [_text(_COMMENT, comment) for comment in comments]
        body = fixed + padded + (_ended(options) if options else b"")
        self._stream.write(_block(blocks.PACKET, body))

    def secrets(self, key_log: bytes) -> None:
        """A decryption secrets block (section 4.7) with the keys of TLS sessions."""
        head = struct.pack("<II", blocks.TLS_KEY_LOG, len(key_log))
        body = head + key_log + bytes(-len(key_log) & 3)
        self._stream.write(_block(blocks.DECRYPTION_SECRETS, body))

    def finish(self, end: int | None) -> None:
        """When the capture ended, in nanoseconds, which may be after its last packet here."""
        if end is None or not self._interfaces:
            return
        self._stream.write(statistics_block(0, end, end=end))

    def _interface(self, link_type: int) -> int:
        known = self._interfaces.get(link_type)
        if known is None:
            known = self._interfaces[link_type] = len(self._interfaces)
            self._stream.write(interface_block(link_type))
        return known


def section_block(version: str, comments: Sequence[str] = ()) -> bytes:
    """The head of a file of ours (section 4.1)."""
    options = [_text(_COMMENT, comment) for comment in comments]
    options.append(_text(_USER_APPLICATION, f"{APPLICATION} {version}"))
    head = struct.pack("<IHHq", _BYTE_ORDER_MAGIC, 1, 0, -1)
    return _block(blocks.SECTION, head + _ended(options))


def interface_block(link_type: int, name: str = "", capture_filter: str = "") -> bytes:
    """An interface, whole packets, times in nanoseconds (section 4.2)."""
    options = [_option(_TIME_RESOLUTION, _NANOSECONDS)]
    if name:
        options.append(_text(_INTERFACE_NAME, name))
    if capture_filter:
        options.append(_text(_INTERFACE_FILTER, f"\0{capture_filter}"))
    return _block(blocks.INTERFACE, struct.pack("<HHI", link_type, 0, 0) + _ended(options))


def statistics_block(
    interface: int, time: int, *, dropped: int | None = None, end: int | None = None
) -> bytes:
    """What is known at `time` (section 4.6): packets that the system dropped since the file
    began, when the capture ended; all times in nanoseconds since 1970.
    """
    options = []
    if end is not None:
        options.append(_option(_END_TIME, _stamp(end)))
    if dropped is not None:
        options.append(_option(_SYSTEM_DROPPED, struct.pack("<Q", dropped)))
    body = struct.pack("<I", interface) + _stamp(time) + _ended(options)
    return _block(blocks.STATISTICS, body)


def _block(kind: int, body: bytes) -> bytes:
    length = len(body) + 12
    return struct.pack("<II", kind, length) + body + struct.pack("<I", length)


def _stamp(time: int) -> bytes:
    return struct.pack("<2I", time >> 32 & 0xFFFFFFFF, time & 0xFFFFFFFF)


def _text(code: int, text: str) -> bytes:
    raw = text.encode("utf-8", "backslashreplace")
    return _option(code, raw[:_LONGEST].decode("utf-8", "ignore").encode())


def _option(code: int, value: bytes) -> bytes:
    return struct.pack("<HH", code, len(value)) + value + bytes(-len(value) & 3)


def _ended(options: Sequence[bytes]) -> bytes:
    return b"".join(options) + bytes(4)
