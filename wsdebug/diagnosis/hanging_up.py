"""How a side opened and hung up, in words: over TCP by an upgrade, by FIN or RST, on a stream of
HTTP/2 in its terms.
"""

from __future__ import annotations

from wsdebug.diagnosis.life import Life
from wsdebug.model.http2 import error_name
from wsdebug.model.place import SIDES, Side

_TCP = {"fin": "closed TCP (FIN)", "rst": "reset TCP (RST)"}


def asking(life: Life) -> str:
    """What opens a WebSocket: over HTTP/2 nothing is upgraded (RFC 8441 4)."""
    return "CONNECT request" if life.is_stream else "upgrade request"


def opening(life: Life) -> str:
    """What a server grants or refuses."""
    return "CONNECT" if life.is_stream else "upgrade"


def below(life: Life) -> str:
    """What ends when no Close frame does it."""
    return "the stream" if life.is_stream else "TCP"


def hung_up(life: Life, how: str) -> str:
    """What a side did, as the verb of a sentence; `how` is fin or rst."""
    end = life.stream_end
    if not life.is_stream:
        return _in_order(life) if how == "fin" else _TCP[how]
    if end is None:
        return "ended the stream (END_STREAM)"
    if end.kind == "rst-stream":
        return f"reset the stream (RST_STREAM, {error_name(end.code)})"
    if end.kind == "goaway":
        return f"ended the HTTP/2 connection (GOAWAY, {error_name(end.code)})"
    return f"{_TCP[how]} under the stream"


def _in_order(life: Life) -> str:
    """FIN, or before it the good-bye of TLS."""
    sides = (life.side(side) for side in SIDES)
    first = next((one for one in sides if life.end is not None and one.terminal == life.end), None)
    return _TCP["fin"] if first is None or life.end is None else first.did_end(life.end)


def mark_of(life: Life, side: Side, how: str) -> str:
    """What `side` put on the wire, as a moment."""
    if not life.is_stream:
        return f"TCP {how.upper()}"
    end = next((one for one in life.stream_ends if one.side is side), None)
    if end is None or (how == "fin" and end.kind == "rst-stream"):
        return "END_STREAM"
    named = {"rst-stream": "RST_STREAM", "goaway": "GOAWAY"}.get(end.kind)
    return f"TCP {how.upper()}" if named is None else f"{named} {error_name(end.code)}"
