"""How long each pong took, from the rows alone."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from wsdebug.model.place import Side
from wsdebug.model.rows import Row

_PIECE = 2000
_KEPT = 200
"""The last so many are shown."""


def round_trips(rows: Sequence[Row], is_cancelled: Callable[[], bool]) -> list[float]:
    """Milliseconds from a ping to the next pong of the other side, the last ones in order. A pong
    nobody asked for has none (RFC 6455 5.5.3).
    """
    waiting: dict[Side, int] = {}
    trips: list[float] = []
    for at, row in enumerate(rows):
        if at % _PIECE == 0:
            if is_cancelled():
                return []
            time.sleep(0)
        if row.side is None or row.time is None:
            continue
        if row.opcode == 9:
            waiting[row.side] = row.time
        elif row.opcode == 10 and row.side.other in waiting:
            trips.append((row.time - waiting.pop(row.side.other)) / 1e6)
            if len(trips) > _KEPT:
                del trips[0]
    return trips
