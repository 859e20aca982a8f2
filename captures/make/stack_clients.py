"""Clients that Python developers use, by name: each says hello, and what comes of it.

Arguments: NAME URL.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any


def said(event: str, **more: Any) -> None:
    """One line of what the client is told."""
    print(json.dumps({"side": "client", "event": event, **more}), flush=True)


def aiohttp(url: str) -> None:
    """aiohttp's client."""
    import aiohttp as library  # noqa: PLC0415

    async def main() -> None:
        async with library.ClientSession() as session, session.ws_connect(url) as socket:
            await socket.send_str("hello")
            said("message", text=await socket.receive_str())

    try:
        asyncio.run(main())
    except library.WSServerHandshakeError as error:
        said("error", code=type(error).__name__, text=error.message)


def httpx_ws(url: str) -> None:
    """httpx-ws: wsproto below."""
    import httpx_ws as library  # noqa: PLC0415

    try:
        with library.connect_ws(url.replace("ws:", "http:", 1)) as socket:
            socket.send_text("hello")
            said("message", text=socket.receive_text(timeout=5))
    except Exception as error:  # noqa: BLE001 - whatever it is told is to be said
        said("error", code=type(error).__name__, text=str(error))


CLIENTS = {"aiohttp": aiohttp, "httpx-ws": httpx_ws}
CLIENTS[sys.argv[1]](sys.argv[2])
