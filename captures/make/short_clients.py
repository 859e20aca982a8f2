"""Clients of Python websockets, one after the other: three messages and their echoes, then Close.

Arguments: PORT COUNT: so many with the defaults, and so many without context takeover. Prints what
each got back, one JSON object a line.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

from websockets.asyncio.client import connect
from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory

PORT, COUNT = int(sys.argv[1]), int(sys.argv[2])
RESETS = ClientPerMessageDeflateFactory(
    server_no_context_takeover=True, client_no_context_takeover=True, client_max_window_bits=True
)
SHAPES: list[dict[str, Any]] = [{}, {"compression": None, "extensions": [RESETS]}]


def message(number: int) -> str:
    """As programs talk: much of it stood in the one before."""
    asked = {"jsonrpc": "2.0", "id": number, "method": "chat.send"}
    told = {"room": "Grüße", "text": "Hello from a client. " * (number + 1)}
    return json.dumps({**asked, "params": told}, ensure_ascii=False)


async def talk(options: dict[str, Any]) -> None:
    """One connection."""
    uri = f"ws://127.0.0.1:{PORT}/live"
    async with connect(uri, ping_interval=None, **options) as connection:
        port = connection.local_address[1]
        same = 0
        for number in range(3):
            await connection.send(message(number))
            same += await connection.recv() == message(number)
    told = {"event": "close", "status": connection.close_code, "echoes": same, "port": port}
    print(json.dumps({"side": "client", **told}), flush=True)


async def main() -> None:
    """One after the other."""
    for options in SHAPES:
        for _ in range(COUNT):
            await talk(options)


asyncio.run(main())
