"""Text as it is."""

from __future__ import annotations

from wsdebug.views.payload import Payload
from wsdebug.views.registry import Shown, view


@view("text", priority=10)
def plain(payload: Payload) -> Shown | None:
    """Text messages, and pings, pongs and binary messages that read as text."""
    text = payload.text
    if text is None or (payload.opcode != 1 and not _reads(text)):
        return None
    return Shown(text, lambda: text.split("\n"))


def _reads(text: str) -> bool:
    return text.replace("\n", " ").replace("\t", " ").isprintable()
