"""A server and a client of Python websockets that fall silent; nginx stands between them.

Arguments: the port of nginx, the port of the server, and the pause between two messages if it is
not half a second. Prints what each side is told, one JSON object a line.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed


def said(side: str, event: str, **more: Any) -> None:
    """One line of what a side is told."""
    print(json.dumps({"side": side, "event": event, **more}), flush=True)


async def echo(connection: ServerConnection) -> None:
    """Answers each message until the connection ends."""
    try:
        while True:
            await connection.send(f"echo: {await connection.recv(decode=True)}")
    except ConnectionClosed as error:
        said("server", "error", text=str(error), code=type(error).__name__)
        said("server", "close", status=connection.close_code)


async def talk(port: int, pause: float) -> None:
    """Three messages, a pause between them, then silence."""
    async with connect(f"ws://127.0.0.1:{port}/live", ping_interval=None) as connection:
        try:
            for number in range(3):
                await connection.send(f"message {number}")
                said("client", "message", text=await connection.recv())
                await asyncio.sleep(pause)
            await connection.recv()
        except ConnectionClosed as error:
            said("client", "error", text=str(error), code=type(error).__name__)
            said("client", "close", status=connection.close_code)


async def main(nginx: int, backend: int, pause: float) -> None:
    """The server first, then one client through nginx."""
    async with serve(echo, "127.0.0.1", backend, ping_interval=None):
        await talk(nginx, pause)
        await asyncio.sleep(0.5)


_pause = float(sys.argv[3]) if len(sys.argv) > 3 else 0.5
asyncio.run(main(int(sys.argv[1]), int(sys.argv[2]), _pause))
