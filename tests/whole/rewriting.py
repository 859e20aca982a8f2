"""Captures told again as another network, tap or disk would have told them.

A capture is a list of `Seen`: when, and one TCP segment taken apart. Each rewriting is a function
from such a list to another; `link` and `write` make files of it again.
"""

from __future__ import annotations

import random
import struct
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, TypeAlias

FIN, SYN, RST, ACK = 1, 2, 4, 16
MASK = 0xFFFFFFFF


class Seen(NamedTuple):
    """A TCP segment and its time in microseconds; `options` are those of TCP."""

    time: int
    source: bytes
    target: bytes
    ports: tuple[int, int]
    seq: int
    ack: int
    flags: int
    window: int
    options: bytes
    data: bytes
    ip_id: int
    ttl: int

    @property
    def way(self) -> tuple[bytes, bytes, tuple[int, int]]:
        return self.source, self.target, self.ports

    @property
    def back(self) -> tuple[bytes, bytes, tuple[int, int]]:
        return self.target, self.source, self.ports[::-1]

    @property
    def is_plain(self) -> bool:
        return not self.flags & (SYN | FIN | RST)


Story: TypeAlias = list[Seen]
Rewriting: TypeAlias = Callable[[Story], Story]


def load(path: Path) -> Story:
    """An Ethernet pcap of IPv4, little-endian, microseconds; what is no TCP is left out."""
    raw, at, story = path.read_bytes(), 24, []
    assert raw[:4] == b"\xd4\xc3\xb2\xa1"
    assert raw[20] == 1
    while at < len(raw):
        seconds, micros, size, _ = struct.unpack_from("<IIII", raw, at)
        seen = _segment(seconds * 1_000_000 + micros, raw[at + 16 : at + 16 + size])
        story += [seen] if seen else []
        at += 16 + size
    return story


def _segment(time: int, frame: bytes) -> Seen | None:
    if frame[12:14] != b"\x08\0" or frame[23] != 6:
        return None
    ip = frame[14 : 14 + int.from_bytes(frame[16:18], "big")]
    tcp = ip[(ip[0] & 15) * 4 :]
    source, target, seq, ack, offset, flags, window = struct.unpack_from("!HHIIBBH", tcp)
    start = (offset >> 4) * 4
    return Seen(time, ip[12:16], ip[16:20], (source, target), seq, ack, flags, window,
                tcp[20:start], tcp[start:], int.from_bytes(ip[4:6], "big"), ip[8])  # fmt: skip


# ---- what taps and networks do --------------------------------------------------------------
def swapped(story: Story) -> Story:
    """Neighbours of one direction, at most 3 ms apart, in the wrong order."""
    story, at = list(story), 0
    while at + 1 < len(story):
        one, two = story[at : at + 2]
        if one.way == two.way and one.is_plain and two.is_plain and two.time - one.time < 3_000:
            story[at : at + 2] = [two._replace(time=one.time), one._replace(time=two.time)]
            at += 1
        at += 1
    return story


def seen_twice(story: Story) -> Story:
    """As `tcpdump -i any` sees what is forwarded: the same packet again, one hop older."""
    return [each for one in story for each in (one, one._replace(ttl=one.ttl - 1))]


def sent_twice(story: Story) -> Story:
    """Each segment of data is retransmitted behind the next packet."""
    told: Story = []
    again: Seen | None = None
    for one in story:
        told.append(one)
        if again is not None and not one.flags & RST:
            told.append(again._replace(time=one.time, ip_id=again.ip_id ^ 0x5555, ack=again.ack))
        again = one if one.data and one.is_plain else None
    return told


def byte_by_byte(story: Story) -> Story:
    return [piece for one in story for piece in _split(one, 1)]


def in_threes(story: Story) -> Story:
    """Three bytes a segment, those of one segment last first."""
    told: Story = []
    for one in story:
        pieces = _split(one, 3)
        told += reversed(pieces) if one.is_plain else pieces
    return told


def _split(one: Seen, size: int) -> Story:
    if len(one.data) <= size or one.flags & SYN:
        return [one]
    cuts = range(0, len(one.data), size)
    return [
        one._replace(
            seq=one.seq + at & MASK,
            data=one.data[at : at + size],
            flags=one.flags if at == cuts[-1] else one.flags & ~FIN,
            ip_id=one.ip_id + at & 0xFFFF,
        )
        for at in cuts
    ]


def joined(story: Story) -> Story:
    """Segments of one direction that follow each other become one, as with offloading."""
    told: Story = []
    for one in story:
        last = told[-1] if told else None
        if (
            last is not None
            and last.way == one.way
            and last.data
            and one.data
            and last.is_plain
            and one.is_plain
            and last.seq + len(last.data) & MASK == one.seq
            and last.ack == one.ack
            and one.time - last.time < 1_000
        ):
            told[-1] = last._replace(data=last.data + one.data)
        else:
            told.append(one)
    return told


def overlapping(story: Story) -> Story:
    """Each segment repeats up to three bytes of the one before it."""
    told: Story = []
    before: dict[object, tuple[int, bytes]] = {}
    for one in story:
        seq, tail = before.get(one.way, (0, b""))
        fits = one.data and one.is_plain and seq == one.seq
        told.append(
            one._replace(seq=one.seq - len(tail) & MASK, data=tail + one.data) if fits else one
        )
        if one.data:
            before[one.way] = (one.seq + len(one.data) & MASK, one.data[-3:])
    return told


def wrapped(story: Story) -> Story:
    """Sequence numbers run over 2^32 within the first bytes of each direction."""
    shift: dict[object, int] = {}
    for one in story:
        shift.setdefault(one.way, (MASK - 40 - one.seq) & MASK)
    return [
        one._replace(
            seq=one.seq + shift[one.way] & MASK,
            ack=one.ack + shift.get(one.back, 0) & MASK if one.flags & ACK else one.ack,
            options=b"",
        )
        for one in story
        if one.back in shift or not one.flags & ACK
    ]


def ipv6(story: Story) -> Story:
    prefix = bytes.fromhex("20010db8") + bytes(8)
    return [one._replace(source=prefix + one.source, target=prefix + one.target) for one in story]


def shuffled_starts(story: Story) -> Story:
    """The bytes of each segment in random pieces, in random order."""
    dice, told = random.Random(7), []
    for one in story:
        pieces = _split(one, dice.randrange(5, 60))
        if one.is_plain:
            dice.shuffle(pieces)
        told += pieces
    return told


# ---- what links and files do ----------------------------------------------------------------
def packet(one: Seen) -> bytes:
    """The IP packet."""
    size = 20 + len(one.options) + len(one.data)
    tcp = struct.pack("!HHIIBBHHH", *one.ports, one.seq, one.ack, 20 + len(one.options) << 2,
                      one.flags, one.window, 0, 0) + one.options + one.data  # fmt: skip
    if len(one.source) == 16:
        return struct.pack("!IHBB", 6 << 28, size, 6, one.ttl) + one.source + one.target + tcp
    head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + size, one.ip_id, 0, one.ttl, 6, 0)
    return head + one.source + one.target + tcp


def _ethertype(ip: bytes) -> bytes:
    return b"\x86\xdd" if ip[0] >> 4 == 6 else b"\x08\0"


LINKS: dict[str, tuple[int, Callable[[bytes], bytes]]] = {
    "ethernet": (1, lambda ip: b"\2" * 12 + _ethertype(ip) + ip),
    "padded": (1, lambda ip: (b"\2" * 12 + _ethertype(ip) + ip).ljust(60, b"\0") + b"\1\2\3\4"),
    "vlan": (1, lambda ip: b"\2" * 12 + b"\x81\0\0\5" + _ethertype(ip) + ip),
    "qinq": (1, lambda ip: b"\2" * 12 + b"\x88\xa8\0\7\x81\0\0\5" + _ethertype(ip) + ip),
    "sll": (113, lambda ip: b"\0\0\0\1\0\6" + b"\2" * 8 + _ethertype(ip) + ip),
    "sll2": (276, lambda ip: _ethertype(ip) + b"\0" * 18 + ip),
    "null": (0, lambda ip: (b"\x1e" if ip[0] >> 4 == 6 else b"\2") + b"\0\0\0" + ip),
    "raw": (101, lambda ip: ip),
}


def pcap(story: Story, link: str = "ethernet") -> bytes:
    """The story as a file."""
    number, wrap = LINKS[link]
    told = [struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262_144, number)]
    for one in story:
        frame = wrap(packet(one))
        told.append(struct.pack("<IIII", *divmod(one.time, 1_000_000), len(frame), len(frame)))
        told.append(frame)
    return b"".join(told)


def pcapng(story: Story, *, simple: bool = False) -> bytes:
    """The same with blocks (section, interface, enhanced or simple packets), big-endian."""
    told = [_block(0x0A0D0D0A, struct.pack("!IHHq", 0x1A2B3C4D, 1, 0, -1)),
            _block(1, struct.pack("!HHI", 1, 0, 0))]  # fmt: skip
    for one in story:
        frame = LINKS["ethernet"][1](packet(one))
        if simple:
            told.append(_block(3, struct.pack("!I", len(frame)) + frame))
            continue
        head = struct.pack("!IQII", 0, one.time, len(frame), len(frame))
        told.append(_block(6, head + frame))
    return b"".join(told)


def _block(kind: int, body: bytes) -> bytes:
    body += b"\0" * (-len(body) % 4)
    size = struct.pack("!I", 12 + len(body))
    return struct.pack("!I", kind) + size + body + size
