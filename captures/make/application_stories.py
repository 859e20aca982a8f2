"""Stories of protocols on top of WebSocket, for the views of payloads."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path

from captures.make.recording import Said
from captures.make.tricky_stories import in_one_process

_WS = "ws@8.23.0"


def _story(port: int, name: str, *npm: str) -> Callable[[Path, Path], Said]:
    return functools.partial(
        in_one_process, port=port, command=("node", "applications.js", name), npm=(_WS, *npm)
    )


STORIES: dict[str, Callable[[Path, Path], Said]] = {
    "application-graphql": _story(23080, "graphql", "graphql@16.15.0", "graphql-ws@6.4.2"),
    "application-stomp": _story(23081, "stomp", "@stomp/stompjs@7.5.0"),
    "application-mqtt": _story(23082, "mqtt", "mqtt@5.16.0", "aedes@1.2.0"),
    "application-signalr": _story(23083, "signalr", "@microsoft/signalr@10.0.11"),
}
