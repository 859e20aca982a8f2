"""What to change, by topic, with the code or the setting for the software at hand: the one place
where these texts stand.
"""

from __future__ import annotations

from collections.abc import Iterable

from wsdebug.knowledge.advice.endings import ENDINGS
from wsdebug.knowledge.advice.openings import OPENINGS
from wsdebug.knowledge.advice.streams import STREAMS

_TOPICS = {**STREAMS, **ENDINGS, **OPENINGS}
_NAMES = {"ws": "ws (Node)", "engine.io": "Socket.IO"}
"""How a software is called in front of its example; others as they are."""
_USUAL = ("ws", "websockets", "nginx", "HAProxy")
"""Whose examples are shown where the handshake betrays nobody."""
_PACES = {"ping": 25, "ping-sooner": 20}
"""Seconds between two pings in the texts of these topics."""
_MOST = 3
_WIDEST = 66
"""Columns of a label and an example on one line."""


def advice(topic: str, software: Iterable[str] = (), limit: float | None = None) -> str:
    """The sentence of a topic and under it the examples for this software, those named first;
    where none is known, the usual ones. Each example's lines stand on lines of their own. `limit`:
    seconds of silence that end the connection, so that pings have to come sooner.
    """
    found = _TOPICS[topic]
    wanted = [name for name in dict.fromkeys(software) if name in found.examples]
    names = wanted or [name for name in _USUAL if name in found.examples]
    shown = [line for name in names[:_MOST] for line in _example(name, found.examples[name])]
    text = "\n".join([found.sentence, *shown])
    if limit is None or topic not in _PACES:
        return text
    usual = _PACES[topic]
    return text.replace(str(usual), str(max(1, min(usual, int(limit // 2)))))


def side_of(topic: str) -> str:
    """Whose code the examples of a topic are: server, client, or empty."""
    return _TOPICS[topic].side


def topics() -> tuple[str, ...]:
    """Every topic."""
    return tuple(_TOPICS)


def _example(name: str, text: str) -> list[str]:
    first, *others = text.split("\n")
    label = _NAMES.get(name, name)
    if not others and len(label) + len(first) <= _WIDEST:
        return [f"{label}: {first}"]
    return [f"{label}:", *(f"    {line}" for line in (first, *others))]
