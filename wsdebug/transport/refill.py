"""Bytes of a stream that were read once, collected from the packets again.

The transport gave each byte to the first segment that brought it; so does this, from the earliest
packet that carries bytes of the range on. What never came stays a hole.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from wsdebug.model.place import Packet
from wsdebug.transport.half import MASK
from wsdebug.transport.ip import Header, tcp_header
from wsdebug.transport.link import ETHERNET, ip_offset
from wsdebug.transport.segment import SYN

_HALF_SPACE = 0x80000000
_IPV4_HEADERS = 54


class Carrier(NamedTuple):
    """A packet of the connection, its TCP header, and who sent it: 0 or 1."""

    packet: Packet
    header: Header
    sender: int


class Refill:
    """The range of `size` bytes from sequence number `seq` on."""

    __slots__ = ("_pieces", "data", "missing", "seq", "size")

    def __init__(self, seq: int, size: int, *, keep: bool = True) -> None:
        """Without `keep` it is only noted what came."""
        self.seq = seq & MASK
        self.size = min(size, _HALF_SPACE - 1)
        self.data = bytearray(self.size if keep else 0)
        self.missing = self.size
        self._pieces: list[tuple[int, int]] = []
        """What is there, from and to, in order."""

    def overlap(self, header: Header) -> tuple[int, int]:
        """From where to where in the range a segment reaches; nothing if that is not ascending."""
        start = self._place(header)
        return max(0, start), min(self.size, start + header.end - header.start)

    def take(self, header: Header, data: bytes) -> int:
        """Take what is not there yet; how many bytes that were."""
        start = self._place(header)
        payload = data[header.start : header.end]
        at, stop = max(0, start), min(self.size, start + len(payload))
        taken = 0
        for begin, end in self._lacking(at, stop):
            if self.data:
                self.data[begin:end] = payload[begin - start : end - start]
            taken += end - begin
        if taken:
            self._note(at, stop)
            self.missing -= taken
        return taken

    def _place(self, header: Header) -> int:
        # RFC 9293 3.4: a SYN takes a number, data on it begin behind.
        seq = header.seq + (1 if header.bits & SYN else 0)
        return ((seq - self.seq + _HALF_SPACE) & MASK) - _HALF_SPACE

    def _lacking(self, at: int, stop: int) -> Iterator[tuple[int, int]]:
        for begin, end in self._pieces:
            if end <= at:
                continue
            if begin >= stop:
                break
            if begin > at:
                yield at, begin
            at = end
        if at < stop:
            yield at, stop

    def _note(self, at: int, stop: int) -> None:
        pieces = self._pieces
        if pieces and pieces[-1][1] == at:  # in order, nearly always
            pieces[-1] = (pieces[-1][0], stop)
            return
        merged: list[tuple[int, int]] = []
        for piece in sorted([*pieces, (at, stop)]):
            if merged and piece[0] <= merged[-1][1]:
                merged[-1] = (merged[-1][0], max(merged[-1][1], piece[1]))
            else:
                merged.append(piece)
        self._pieces = merged

    def holes(self, at: int, stop: int) -> list[tuple[int, int]]:
        """Offset and length, from `at` on, of what did not come up to `stop`."""
        return [(begin - at, end - begin) for begin, end in self._lacking(at, stop)]


def carriers(
    batches: Iterable[Sequence[Packet]], keys: tuple[bytes, bytes], first: int, last: int
) -> Iterator[Carrier]:
    """The packets of one connection with numbers `first` to `last`; `keys` are those of its two
    directions.
    """
    size = (len(keys[0]) - 4) // 2
    addresses = [key[: 2 * size] for key in keys]
    one, other = addresses
    for batch in batches:
        for packet in batch:
            number, _, linktype, data, wire_length, _ = packet
            if number < first:
                continue
            if number > last:
                return
            # Most packets are others': two searches cost less than reading the headers.
            if one not in data and other not in data:
                continue
            found = ip_offset(linktype, data)
            header = found if isinstance(found, str) else tcp_header(data, found, wire_length)
            if not isinstance(header, str) and header.key in keys:
                yield Carrier(packet, header, keys.index(header.key))


def key_of(packet: Packet) -> bytes | None:
    """The key of any TCP packet. Plain ones need not be read header by header."""
    _, _, linktype, data, wire_length, _ = packet
    plain = linktype == ETHERNET and data[12:15] == b"\x08\x00\x45" and data[23:24] == b"\x06"
    if plain and len(data) >= _IPV4_HEADERS and not int.from_bytes(data[20:22]) & 0x3FFF:
        return data[26:38]
    found = ip_offset(linktype, data) if data else ""
    header = found if isinstance(found, str) else tcp_header(data, found, wire_length)
    return None if isinstance(header, str) else header.key
