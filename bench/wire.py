"""Writes healthy TCP over IPv4 over Ethernet into a pcap, as fast as plain Python can."""

from __future__ import annotations

import random
import struct
from typing import BinaryIO

PCAP_HEADER = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1)
RECORD = struct.Struct("<IIII")
PACKET = struct.Struct("!12sHBBHHHBBH4s4sHHIIBBHHH")
"""Ethernet, IPv4 and TCP in one: 54 bytes."""
TIMESTAMPS = struct.Struct("!BBBBII")
SYN_OPTIONS = struct.Struct("!BBHBBBBIIBBBB")
FIN, SYN, PSH, ACK = 0x01, 0x02, 0x08, 0x10
MSS = 1448
SERVER = bytes((192, 0, 2, 10))
SUPER = 65_160
"""Payload of the largest packet that segmentation offload hands to a capture here (45 MSS)."""


class Trace:
    """A pcap being written, with the clock of its packets (microseconds since 1970)."""

    def __init__(self, out: BinaryIO, seed: int) -> None:
        self.out = out
        self.rng = random.Random(seed)
        self.clock = 1_790_000_000_000_000
        self.packets = 0
        out.write(PCAP_HEADER)

    def pass_time(self, microseconds: int) -> None:
        """Nothing happens for that long."""
        self.clock += microseconds

    def record(self, packet: bytes, length: int) -> None:
        """One packet, some 20 microseconds after the one before."""
        self.clock += 20
        self.packets += 1
        seconds, fraction = divmod(self.clock, 1_000_000)
        self.out.write(RECORD.pack(seconds, fraction, length, length))
        self.out.write(packet)


class End:
    """One side of a TCP connection: its address, what it has sent and what it has received."""

    __slots__ = ("address", "identification", "mac", "port", "received", "sent")

    def __init__(self, address: bytes, port: int, sent: int) -> None:
        self.address, self.port = address, port
        self.mac = b"\x02\x00" + address
        self.sent = sent  # next sequence number
        self.received = 0  # next sequence number expected
        self.identification = sent & 0xFFFF


class Tcp:
    """A TCP connection without loss. `client` and `server` name its two ends."""

    __slots__ = ("address_sum", "client", "segment", "server", "trace")

    def __init__(self, trace: Trace, number: int, segment: int = MSS) -> None:
        self.trace = trace
        self.segment = segment
        address = struct.pack("!BBH", 10, 1 + number // 30_000 % 250, 1 + number % 30_000)
        rng = trace.rng
        self.client = End(address, 20_000 + number * 7 % 40_000, rng.getrandbits(32))
        self.server = End(SERVER, 8080, rng.getrandbits(32))
        self.address_sum = 0x4500 + 0x4000 + 0x4006 + sum(struct.unpack("!4H", address + SERVER))

    def open(self) -> None:
        """SYN, SYN ACK, ACK."""
        self._packet(self.client, self.server, SYN)
        self._packet(self.server, self.client, SYN | ACK)
        self.acknowledge(self.client)

    def send(self, sender: End, data: bytes) -> None:
        """`data` in segments; the other side acknowledges every second one but the last."""
        receiver = self.server if sender is self.client else self.client
        size = self.segment
        if len(data) <= size:
            self._packet(sender, receiver, PSH | ACK, data)
            return
        for index, start in enumerate(range(0, len(data), size)):
            last = start + size >= len(data)
            self._packet(sender, receiver, PSH | ACK if last else ACK, data[start : start + size])
            if index & 1 and not last:
                self.acknowledge(receiver)

    def acknowledge(self, sender: End) -> None:
        """A packet without data."""
        self._packet(sender, self.server if sender is self.client else self.client, ACK)

    def close(self) -> None:
        """FIN of the server first, as RFC 6455 7.1.1 wants, then the client's."""
        self._packet(self.server, self.client, FIN | ACK)
        self._packet(self.client, self.server, FIN | ACK)
        self.acknowledge(self.server)

    def _packet(self, sender: End, receiver: End, flags: int, data: bytes = b"") -> None:
        ticks = self.trace.clock // 1000 & 0xFFFFFFFF
        if flags & SYN:
            options = SYN_OPTIONS.pack(2, 4, 1460, 4, 2, 8, 10, ticks, 0, 1, 3, 3, 7)
        else:
            options = TIMESTAMPS.pack(1, 1, 8, 10, ticks, ticks)
        length = 40 + len(options) + len(data)
        sender.identification = (sender.identification + 1) & 0xFFFF
        checksum = self.address_sum + length + sender.identification  # RFC 791 3.1
        checksum = (checksum & 0xFFFF) + (checksum >> 16)
        checksum = (checksum & 0xFFFF) + (checksum >> 16)
        head = PACKET.pack(
            receiver.mac + sender.mac, 0x0800,
            0x45, 0, length, sender.identification, 0x4000, 64, 6,
            checksum ^ 0xFFFF, sender.address, receiver.address,
            sender.port, receiver.port, sender.sent, sender.received if flags & ACK else 0,
            (20 + len(options)) << 2, flags, 64_240 if flags & SYN else 502, 0, 0,
        )  # fmt: skip
        # A TCP checksum of 0 is what a capture on a host with checksum offload shows.
        self.trace.record(head + options + data, 14 + length)
        advance = len(data) + (1 if flags & (SYN | FIN) else 0)
        sender.sent = (sender.sent + advance) & 0xFFFFFFFF
        receiver.received = sender.sent
