"""Chooses a payload's view, and makes what it shows safe and small."""

from __future__ import annotations

from collections.abc import Iterator

from wsdebug.display.escape import printable
from wsdebug.display.quantities import counted
from wsdebug.views import (  # noqa: F401 - importing a view registers it
    binary,
    close,
    graphql,
    json_rpc,
    json_text,
    mqtt,
    msgpack,
    plain,
    signalr,
    socket_io,
    stomp,
)
from wsdebug.views.payload import LOOKED_AT, Payload
from wsdebug.views.registry import VIEWS, Shown

MOST_LINES = 5_000
LONGEST_LINE = 1_000
LONGEST_SUMMARY = 200


def view_of(
    payload: bytes, opcode: int, subprotocol: str | None = None, path: str | None = None
) -> tuple[str, list[str]]:
    """The name of the view that fits best and its lines. `payload`: unmasked and inflated, of a
    fragmented message the whole; `opcode` that of the message.
    """
    return next(iter(views_of(payload, opcode, subprotocol, path)))


def views_of(
    payload: bytes, opcode: int, subprotocol: str | None = None, path: str | None = None
) -> list[tuple[str, list[str]]]:
    """Every view that fits, the best first; the last is always hex."""
    seen = Payload(payload, opcode, subprotocol, path)
    return [(name, _safe(shown, seen)) for name, shown in _fitting(seen)]


def summary(
    payload: bytes,
    opcode: int,
    subprotocol: str | None = None,
    path: str | None = None,
    limit: int = LONGEST_SUMMARY,
) -> str:
    """One line for a list of frames, at most `limit` characters."""
    seen = Payload(payload, opcode, subprotocol, path)
    _, shown = next(_fitting(seen))
    return printable(shown.summary, limit)


def _fitting(payload: Payload) -> Iterator[tuple[str, Shown]]:
    for each in VIEWS:
        shown = each.look(payload)
        if shown is not None:
            yield each.name, shown


def _safe(shown: Shown, payload: Payload) -> list[str]:
    lines = shown.lines()
    safe = [printable(line, LONGEST_LINE) for line in lines[:MOST_LINES]]
    if len(lines) > MOST_LINES:
        safe.append(f"… {counted(len(lines) - MOST_LINES, 'more line')}")
    if not payload.is_whole:
        safe.append(f"… {counted(payload.size - LOOKED_AT, 'more byte')}")
    return safe
