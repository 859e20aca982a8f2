"""uvicorn with its own handling of WebSocket on Python websockets: echoes text.

Argument: PORT. Prints what the application is told, one JSON object a line.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import uvicorn


def said(event: str, **more: Any) -> None:
    """One line of what the application is told."""
    print(json.dumps({"side": "server", "event": event, **more}), flush=True)


async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """ASGI: the lifespan, and each WebSocket from its opening to its end."""
    if scope["type"] == "lifespan":
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})
        return
    await receive()
    await send({"type": "websocket.accept"})
    while (event := await receive())["type"] == "websocket.receive":
        await send({"type": "websocket.send", "text": event["text"]})
    said("close", status=event["code"], reason=event.get("reason") or "", port=scope["client"][1])


class Server(uvicorn.Server):
    """Says when it listens."""

    async def startup(self, sockets: Any = None) -> None:
        """As uvicorn's."""
        await super().startup(sockets)
        said("listening")


config = uvicorn.Config(
    app,
    port=int(sys.argv[1]),
    log_level="critical",
    ws_ping_interval=None,
    ws_per_message_deflate=False,
)
Server(config).run()
