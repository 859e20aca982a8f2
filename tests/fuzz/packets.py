"""Captures taken apart into packets and put together again, so that a mutation reaches what
lies inside: lengths of records, IP and TCP stay right unless a mutation makes them wrong.
"""

from __future__ import annotations

import random
import struct
from collections.abc import Callable

_HEAD = struct.Struct("<IIII")
_FILE = struct.Struct("<IHHiIII")
_MAGIC = 0xA1B2C3D4
_MOST = 400
"""Packets of one input."""


class Pcap:
    """A little-endian pcap file: link type and `(seconds, micros, bytes, length on the wire)`."""

    def __init__(self, link: int, packets: list[tuple[int, int, bytes, int]]) -> None:
        self.link = link
        self.packets = packets

    @classmethod
    def parsed(cls, raw: bytes) -> Pcap | None:
        """None where the file is of another kind."""
        if len(raw) < _FILE.size or _FILE.unpack_from(raw)[0] != _MAGIC:
            return None
        packets, at = [], _FILE.size
        while at + _HEAD.size <= len(raw) and len(packets) < _MOST:
            seconds, micros, size, wire = _HEAD.unpack_from(raw, at)
            at += _HEAD.size
            packets.append((seconds, micros, raw[at : at + size], wire))
            at += size
        return cls(_FILE.unpack_from(raw)[6], packets)

    def bytes(self) -> bytes:
        """The file again."""
        told = [_FILE.pack(_MAGIC, 2, 4, 0, 0, 262_144, self.link)]
        for seconds, micros, data, wire in self.packets:
            told.append(_HEAD.pack(seconds, micros, len(data), wire) + data)
        return b"".join(told)


class Layers:
    """Where IP and TCP lie in an Ethernet frame."""

    def __init__(self, frame: bytes) -> None:
        self.ip = self.tcp = self.data = self.end = 0
        if frame[12:14] == b"\x08\0" and len(frame) >= 54 and frame[23] == 6:
            self.ip = 14
            self.tcp = 14 + (frame[14] & 15) * 4
            self.end = min(len(frame), 14 + int.from_bytes(frame[16:18], "big"))
        elif frame[12:14] == b"\x86\xdd" and len(frame) >= 74 and frame[20] == 6:
            self.ip, self.tcp = 14, 54
            self.end = min(len(frame), 54 + int.from_bytes(frame[18:20], "big"))
        if self.tcp and self.tcp + 13 < len(frame):
            self.data = min(self.end, self.tcp + (frame[self.tcp + 12] >> 4) * 4)

    @property
    def is_tcp(self) -> bool:
        """TCP was found, with its header whole."""
        return bool(self.data) and self.tcp + 20 <= self.data <= self.end


def with_payload(frame: bytes, payload: bytes) -> bytes:
    """The frame with another TCP payload and the IP length that goes with it."""
    at = Layers(frame)
    if not at.is_tcp:
        return frame
    told = bytearray(frame[: at.data] + payload)
    if at.tcp == 54 and told[12:14] == b"\x86\xdd":
        struct.pack_into("!H", told, 18, min(0xFFFF, len(told) - 54))
    else:
        struct.pack_into("!H", told, 16, min(0xFFFF, len(told) - 14))
    return bytes(told)


def mutated(raw: bytes, mutate: Callable[[bytes], bytes], seed: int) -> bytes:
    """One change to one packet of a capture, or to their order; `mutate` changes bytes."""
    dice = random.Random(seed)
    file = Pcap.parsed(raw)
    if file is None or not file.packets:
        return mutate(raw)
    at = dice.randrange(len(file.packets))
    seconds, micros, data, wire = file.packets[at]
    kind = dice.randrange(8)
    if kind <= 2:
        data = _payload(data, mutate)
    elif kind == 3:
        data = _field(data, dice)
    elif kind == 4:
        data = mutate(data)
    if kind <= 4:
        file.packets[at] = seconds, micros, data, len(data)
    elif kind == 5:
        file.packets[at] = seconds, micros, data[: dice.randrange(len(data) + 1)], wire
    elif kind == 6:
        _order(file, at, dice)
    else:
        file.packets[at] = (
            (seconds + dice.choice((-100, -1, 1, 60, 3600))) & 0xFFFFFFFF,
            *(file.packets[at][1:]),
        )
    return file.bytes()


def _payload(frame: bytes, mutate: Callable[[bytes], bytes]) -> bytes:
    at = Layers(frame)
    return with_payload(frame, mutate(frame[at.data : at.end])) if at.is_tcp else frame


def _field(frame: bytes, dice: random.Random) -> bytes:
    """Sequence number, acknowledgement, flags or window of TCP, or a byte of the IP header."""
    at = Layers(frame)
    if not at.is_tcp:
        return frame
    told = bytearray(frame)
    what = dice.randrange(4)
    if what <= 1:
        place = at.tcp + (4, 8)[what]
        number = int.from_bytes(told[place : place + 4], "big")
        number += dice.choice((-(1 << 31), -2000, -10, -1, 1, 10, 2000, 1 << 31))
        struct.pack_into("!I", told, place, number & 0xFFFFFFFF)
    elif what == 2:
        told[at.tcp + 13] ^= 1 << dice.randrange(5)
    else:
        told[dice.randrange(at.ip, at.tcp)] ^= 1 << dice.randrange(8)
    return bytes(told)


def _order(file: Pcap, at: int, dice: random.Random) -> None:
    """A packet is lost, comes twice, or elsewhere."""
    packets = file.packets
    what = dice.randrange(3)
    if what == 0:
        packets.insert(dice.randrange(len(packets)), packets.pop(at))
    elif what == 1 and len(packets) < _MOST:
        packets.insert(dice.randrange(len(packets)), packets[at])
    elif len(packets) > 1:
        del packets[at]
