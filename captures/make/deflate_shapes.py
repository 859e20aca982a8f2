"""Five connections of Python websockets on both ends, each with another permessage-deflate.

Argument: PORT. Each sends the same text three times, a short one, an empty one and binary.
Prints what each client negotiated and got back.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.extensions.permessage_deflate import (
    ClientPerMessageDeflateFactory,
    ServerPerMessageDeflateFactory,
)

PORT = int(sys.argv[1])
SHAPES: list[dict[str, Any]] = [
    {},
    {"server_no_context_takeover": True, "client_no_context_takeover": True},
    {"client_no_context_takeover": True, "server_max_window_bits": 9},
    {"server_no_context_takeover": True, "client_max_window_bits": 10},
    {"server_max_window_bits": 15, "client_max_window_bits": 15},
]
TEXT = "All work and no play makes Jack a dull boy. " * 60
MESSAGES: list[str | bytes] = [TEXT, TEXT, TEXT, "short", "", bytes(range(256))]


async def echo(connection: ServerConnection) -> None:
    """Sends each message back."""
    async for message in connection:
        await connection.send(message)


async def talk(shape: dict[str, Any]) -> None:
    """One connection that offers `shape`, and closes."""
    # A server factory takes what it is told to; it must repeat what the client asked for.
    server = ServerPerMessageDeflateFactory(**shape)
    client = ClientPerMessageDeflateFactory(**{"client_max_window_bits": True, **shape})
    async with serve(echo, "127.0.0.1", PORT, extensions=[server], compression=None):
        uri = f"ws://127.0.0.1:{PORT}/live"
        async with connect(uri, extensions=[client], compression=None) as connection:
            same = 0
            for message in MESSAGES:
                await connection.send(message)
                same += await connection.recv() == message
            port = connection.local_address[1]
        status = {"event": "close", "status": connection.close_code, "port": port}
        print(json.dumps({"side": "client", "event": "echoed", "messages": same, "port": port}))
        print(json.dumps({"side": "client", **status}), flush=True)


async def main() -> None:
    """One shape after the other."""
    for shape in SHAPES:
        await talk(shape)


asyncio.run(main())
