"""Clients of Python websockets. Prints what they are told, one JSON object a line.

Arguments: URI ACT OPTIONS, OPTIONS a JSON object for `connect` (and `count`, the number of
clients), ACT one of
  close     two messages, their echoes, then Close 1000
  listen    two messages, their echoes, then waits for whatever comes
  big       a message of 20 000 bytes, then waits
  greeted   nothing, and waits
  megabyte  a text of 1 000 000 bytes, its echo, then Close 1000
  noise     a million random bytes as one binary message, what the server says of it, Close 1000
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

URI, ACT, OPTIONS = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
COUNT = OPTIONS.pop("count", 1)


def said(port: int, event: str, **more: Any) -> None:
    """One line of what a client is told; `port` is its own."""
    print(json.dumps({"side": "client", "event": event, **more, "port": port}), flush=True)


async def client(number: int) -> None:
    """One client from its opening to what it is told at the end."""
    async with connect(URI, **OPTIONS) as connection:
        port = connection.local_address[1]
        try:
            await act(connection, number, port)
        except ConnectionClosed as error:
            said(port, "error", text=str(error), code=type(error).__name__)
        else:
            await connection.close()
        said(port, "close", status=connection.close_code, reason=connection.close_reason)


async def act(connection: ClientConnection, number: int, port: int) -> None:
    """What a client does once it is open."""
    if ACT == "big":
        await connection.send("x" * 20_000)
    elif ACT == "megabyte":
        await connection.send("0123456789" * 100_000)
        said(port, "message", length=len(await connection.recv()))
    elif ACT == "noise":
        await connection.send(random.Random(6455).randbytes(1_000_000))
        said(port, "message", text=await connection.recv())
    elif ACT != "greeted":
        for turn in ("first", "second"):
            await connection.send(f"{turn} of client {number}")
            said(port, "message", text=await connection.recv())
    if ACT not in {"close", "megabyte", "noise"}:
        said(port, "waiting")
        while True:
            said(port, "message", text=await connection.recv())


async def main() -> None:
    """All clients at once."""
    await asyncio.gather(*(client(number) for number in range(COUNT)))


asyncio.run(main())
