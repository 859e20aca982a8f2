"""Blocks of the kernel's TPACKET_V3 ring to enhanced packet blocks of pcapng.

A block begins with struct tpacket_block_desc, each packet in it with struct tpacket3_hdr and, 48
bytes on, struct sockaddr_ll (linux/if_packet.h; Documentation/networking/packet_mmap.rst). All
numbers are in the machine's byte order; the file is little-endian.
"""

from __future__ import annotations

import struct
from functools import lru_cache
from mmap import mmap
from typing import Any, NamedTuple

from wsdebug.capture.blocks import PACKET

# Of tpacket_block_desc: block_status, num_pkts, offset_to_first_pkt (behind version and priv).
BLOCK_STATUS = struct.Struct("=8xI").unpack_from
_BLOCK = struct.Struct("=12xII").unpack_from
# tp_next_offset, tp_sec, tp_nsec, tp_snaplen, tp_len, tp_status, tp_mac.
_HEADER = struct.Struct("=6IH").unpack_from
# hv1.tp_vlan_tci, hv1.tp_vlan_tpid.
_TAG = struct.Struct("=32xIH").unpack_from
# sockaddr_ll: protocol (network order), interface index, ARPHRD and packet type, address.
_ADDRESS = struct.Struct("=50x2siHBB8s").unpack_from
_VLAN_VALID = 0x10
_VLAN_TPID_VALID = 0x40
_ETH_P_8021Q = 0x8100
_SECOND = 1_000_000_000
_LOW = 0xFFFFFFFF
# LINKTYPE_LINUX_SLL2: protocol, reserved, interface index, ARPHRD type, packet type, address.
_SLL2 = struct.Struct(">2s2xIHBB8s").pack
# Behind the fixed fields and in front of the second length.
_AROUND = 32
# Longer packets are put together by hand: each length kept is a compiled format.
_COMMON = 2_048


class Block(NamedTuple):
    """What one block of the ring held."""

    packets: list[bytes]
    """An enhanced packet block each."""
    captured: int
    """Bytes of the packets alone."""


@lru_cache(_COMMON + 1)
def _format(length: int) -> Any:
    """Packs a whole enhanced packet block around `length` bytes (section 4.3)."""
    return struct.Struct(f"<7I{length}s{-length & 3}xI").pack


def enhanced_packet(interface: int, time: int, data: bytes, wire: int) -> bytes:
    """One packet; `time` in nanoseconds since 1970."""
    length = len(data)
    total = _AROUND + length + (-length & 3)
    high, low = time >> 32 & _LOW, time & _LOW
    if length <= _COMMON:
        whole: bytes = _format(length)(
            PACKET, total, interface, high, low, length, wire, data, total
        )
        return whole
    head = struct.pack("<7I", PACKET, total, interface, high, low, length, wire)
    return b"".join((head, data, bytes(-length & 3), struct.pack("<I", total)))


def plain_packets(ring: mmap | bytes, at: int, interface: int) -> Block:
    """Packets with their link layer. A VLAN tag that the kernel took out is put back where it
    stood, behind both addresses (802.1Q 9.3), so that the file shows what was on the wire.
    """
    count, first = _BLOCK(ring, at)
    at += first
    captured = 0
    packets: list[bytes] = []
    # A hot loop: locals only, one unpack and one pack for a packet.
    append, header, formats, whole = packets.append, _HEADER, _format, enhanced_packet
    for _ in range(count):
        step, seconds, nanoseconds, length, wire, status, mac = header(ring, at)
        time = seconds * _SECOND + nanoseconds
        start = at + mac
        if status & _VLAN_VALID:
            data = _tagged(ring, at, start, length, status)
            append(whole(interface, time, data, wire + 4))
            length += 4
        elif length <= _COMMON:
            total = 35 + length & -4
            append(
                formats(length)(
                    PACKET,
                    total,
                    interface,
                    time >> 32,
                    time & _LOW,
                    length,
                    wire,
                    ring[start : start + length],
                    total,
                )
            )
        else:
            append(whole(interface, time, ring[start : start + length], wire))
        captured += length
        at += step
    return Block(packets, captured)


def cooked_packets(ring: mmap | bytes, at: int, interface: int) -> Block:
    """Packets without their link layer, of any kind of interface: an SLL2 header says where each
    came from. A VLAN tag stands behind it as behind an Ethernet header.
    """
    count, first = _BLOCK(ring, at)
    at += first
    captured = 0
    packets: list[bytes] = []
    for _ in range(count):
        step, seconds, nanoseconds, length, wire, status, mac = _HEADER(ring, at)
        protocol, index, hardware, kind, size, address = _ADDRESS(ring, at)
        data = ring[at + mac : at + mac + length]
        if status & _VLAN_VALID:
            tpid, tci = _tag(ring, at, status)
            protocol, data = tpid, tci + protocol + data
            wire += 4
        data = _SLL2(protocol, index, hardware, kind, size, address) + data
        packets.append(enhanced_packet(interface, seconds * _SECOND + nanoseconds, data, wire + 20))
        captured += len(data)
        at += step
    return Block(packets, captured)


def _tagged(ring: mmap | bytes, at: int, start: int, length: int, status: int) -> bytes:
    tpid, tci = _tag(ring, at, status)
    return b"".join((ring[start : start + 12], tpid, tci, ring[start + 12 : start + length]))


def _tag(ring: mmap | bytes, at: int, status: int) -> tuple[bytes, bytes]:
    """Tag protocol identifier and tag control information, as they stood on the wire."""
    tci, tpid = _TAG(ring, at)
    if not status & _VLAN_TPID_VALID:
        tpid = _ETH_P_8021Q
    return tpid.to_bytes(2, "big"), (tci & 0xFFFF).to_bytes(2, "big")
