"""Limits on everything that a hostile capture could make grow."""

from __future__ import annotations

import msgspec


class Limits(msgspec.Struct, frozen=True):
    """Each is a number of things kept at one time; reaching one is reported, never silent."""

    flows: int = 200_000
    """TCP connections remembered at one time."""
    flow_buffer: int = 4 << 20
    """Bytes of one direction that wait for a missing segment."""
    total_buffer: int = 64 << 20
    """The same over all connections."""
    events: int = 1_000
    """TCP events kept a connection."""
    head: int = 64 << 10
    """Bytes of one HTTP head."""
    fields: int = 1_000
    """Header lines of one HTTP head."""
    attempts: int = 20
    """Earlier upgrade requests kept a connection."""
    message: int = 64 << 20
    """Inflated bytes of one message; what is beyond is counted, not read."""
    look_ahead: int = 64 << 10
    """Bytes looked at to tell a faulty frame from bytes that are no frame."""
    pings: int = 64
    """Pings of one side that wait for their pong."""
    findings: int = 1_000
    """Findings kept a connection; the rest is counted."""
    payload: int = 0
    """Bytes of each frame's payload that are kept for a consumer that asks."""
    block: int = 64 << 20
    """Bytes of one record or block of a capture file."""
    inflaters: int = 2_000
    """Live permessage-deflate contexts (up to 105 KiB each)."""
    secrets: int = 16 << 20
    """Bytes of decryption secrets kept of one capture file."""
    interfaces: int = 65_536
    """Interfaces of one section of a pcapng file."""
    waiting: int = 1 << 20
    """Bytes of one side that wait for the other side's HTTP head."""
    fleet: int = 100_000
    """Finished connections remembered for what befell several at once."""
    arrivals: int = 200_000
    """TCP connections of which it is remembered when a server accepted or refused them."""
    requests: int = 100
    """HTTP requests of one connection that wait for their response."""


DEFAULT_LIMITS = Limits()
