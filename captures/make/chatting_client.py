"""A client of Python websockets that sends many messages, reads their echoes and closes with 1000.

Arguments: URI COUNT. Prints what it is told, one JSON object a line; `talking` after the first
echo, and a second's pause, so that a recording can begin there.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

URI, COUNT = sys.argv[1], int(sys.argv[2])
AHEAD = 4
"""Messages that are on their way before the first echo is awaited."""


def said(event: str, **more: Any) -> None:
    """One line of what the client is told."""
    print(json.dumps({"side": "client", "event": event, **more}), flush=True)


def text(number: int) -> str:
    """The message of this number; 40 to 140 characters."""
    return f"message {number} ".ljust(40 + number * 37 % 100, ".")


async def chat(connection: ClientConnection) -> int:
    """All messages; the number of echoes that were what was sent."""
    right = 0
    await connection.send(text(0))
    right += await connection.recv() == text(0)
    said("talking")
    await asyncio.sleep(1)
    for number in range(1, COUNT + AHEAD):
        if number < COUNT:
            await connection.send(text(number))
        if number > AHEAD:
            right += await connection.recv() == text(number - AHEAD)
    return right


async def main() -> None:
    """From the opening to what the client is told at the end."""
    async with connect(URI, compression=None, ping_interval=None, open_timeout=30) as connection:
        said("echoes", right=await chat(connection))
        await connection.close(1000, "done")
        said("close", status=connection.close_code, reason=connection.close_reason)


asyncio.run(main())
