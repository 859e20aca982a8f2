"""Rows of retransmissions that nobody answered, as causes see them."""

from __future__ import annotations

from wsdebug.diagnosis.scene import Scene
from wsdebug.model.place import Side
from wsdebug.model.tcp import Ladder

FULL = 1_200
"""Bytes of a segment that a tunnel may be too narrow for: they begin to cut near 1 300."""


def deadly_ladder(scene: Scene) -> Ladder | None:
    """The row of retransmissions that the connection ended with."""
    if scene.verdict.how != "timeout" or scene.verdict.at is None:
        return None
    ladders = scene.side(Side(scene.verdict.by)).ladders
    return next((one for one in ladders if one.first_packet == scene.verdict.at.packet), None)


def only_full_size(scene: Scene) -> Ladder | None:
    """That row, if it is of full-size segments and the receiver is alive: what is small gets
    through.
    """
    ladder = deadly_ladder(scene)
    if ladder is None or ladder.length < FULL or ladder.first_time is None:
        return None
    by = Side(scene.verdict.by)
    alive = scene.side(by.other).last_packet
    if alive is None or alive.time is None or alive.time <= ladder.first_time:
        return None
    small = any(0 < acked <= ladder.offset for _, acked in scene.side(by).acks)
    return ladder if small and not ladder.acknowledged else None
