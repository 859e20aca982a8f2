"""What the capture lacks of a connection, in words."""

from __future__ import annotations

from wsdebug.display.quantities import counted, grouped
from wsdebug.model.report import Connection

_RECOGNISED = {
    "masking": "the capture lacks the handshake: told to be a WebSocket by its frames, and the"
    " client by their masks",
    "handshake": "the capture lacks the handshake or a part of it: told to be a WebSocket"
    " by its frames",
    "decode-as": "no handshake was seen: read as WebSocket because --decode-as says so",
}


def unseen(connection: Connection) -> list[str]:
    """What the capture lacks of this connection: nothing is guessed silently."""
    lines = []
    how = connection.handshake.recognised
    if how is not None:
        lines.append(f"{_RECOGNISED[how.by]} ({how.confidence}); compression: {how.compression}")
    if (unheard := connection.tcp.unheard) is not None:
        lines.append(
            f"no packet of the {unheard.value} is in the capture: capture both directions (a filter"
            " with `port`, not with `src port` or `dst port`)"
        )
    for gap in connection.gaps[:5]:
        size = "an unknown number of" if gap.length is None else grouped(gap.length)
        lines.append(
            f"{size} bytes from the {gap.side.value} are missing in the capture"
            f" (offset {grouped(gap.offset)})"
        )
    for run in connection.unsynchronised[:5]:
        size = "bytes" if run.length is None else counted(run.length, "byte")
        lines.append(
            f"{size} from the {run.side.value} could not be read as frames"
            f" (offset {grouped(run.offset)})"
        )
    for side, count in (connection.tls.lost if connection.tls is not None else {}).items():
        what = counted(count, "TLS record")
        lines.append(f"{what} of the {side} missing in the capture, or damaged in it")
    for side, count in connection.not_readable.items():
        what, it = counted(count, "compressed message"), "it refers" if count == 1 else "they refer"
        lines.append(
            f"{what} of the {side} cannot be read: what {it} to lies in bytes the capture lacks"
        )
    left = max(0, len(connection.gaps) - 5) + max(0, len(connection.unsynchronised) - 5)
    return [*lines, f"{counted(left, 'more gap')}"] if left else lines
