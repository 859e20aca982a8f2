"""What connections are known by: addresses and ports, in the order of a packet."""

from __future__ import annotations

from struct import Struct

from wsdebug.transport.half import Half

KEY_LENGTHS = 12, 36
"""Two IPv4 or IPv6 addresses and two ports."""
_ENDS, _PARTS = Struct(">4s4sHH"), Struct("4s4s2s2s")


def halves_from_key(key: bytes) -> tuple[Half, Half]:
    """Sender and receiver of a packet with that key."""
    one, other = ends_of(key)
    return Half(*one), Half(*other)


def ends_of(key: bytes) -> tuple[tuple[bytes, int], tuple[bytes, int]]:
    """Address and port of sender and receiver of a packet with that key."""
    if len(key) == KEY_LENGTHS[0]:
        source, target, port, target_port = _ENDS.unpack(key)
        return (source, port), (target, target_port)
    size = _address_size(key)
    one, other = 2 * size, 2 * size + 2
    return (
        (key[:size], int.from_bytes(key[one : one + 2], "big")),
        (key[size:one], int.from_bytes(key[other : other + 2], "big")),
    )


def reverse_key(key: bytes) -> bytes:
    """The key of packets in the other direction."""
    if len(key) == KEY_LENGTHS[0]:
        source, target, port, target_port = _PARTS.unpack(key)
        return b"".join((target, source, target_port, port))
    size = _address_size(key)
    source, target, ports = key[:size], key[size : 2 * size], key[2 * size :]
    return target + source + ports[2:4] + ports[:2] + ports[4:]


def _address_size(key: bytes) -> int:
    """Of one address: behind two of them and the ports there may be a network (`Table.key_in`)."""
    return 16 if len(key) >= KEY_LENGTHS[1] else 4
