"""A frame in a few words."""

from __future__ import annotations

from typing import NamedTuple


class FrameNote(NamedTuple):
    """A frame as the summary names it: its first byte's packet and time, then its last one's."""

    number: int
    opcode: int
    length: int
    packet: int | None
    time: int | None
    last_packet: int | None
    last_time: int | None
