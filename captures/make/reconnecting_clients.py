"""Clients of Python websockets that come back as soon as they can: no back-off, no jitter. Prints
what they are told, one JSON object a line.

Arguments: PORT COUNT. Each opens, waits until the connection ends, tries again every 0.2 s, and
closes with 1000 half a second after it has got in again. `all-open` is said once all are in.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

PORT, COUNT = int(sys.argv[1]), int(sys.argv[2])
OPTIONS: dict[str, Any] = {"compression": None, "ping_interval": None, "proxy": None}


def said(event: str, **more: Any) -> None:
    """One line of what a client is told."""
    print(json.dumps({"side": "client", "event": event, **more}), flush=True)


async def opened() -> tuple[ClientConnection, int]:
    """A connection, and how often it was refused."""
    refused = 0
    while True:
        try:
            return await connect(f"ws://127.0.0.1:{PORT}/live", **OPTIONS), refused
        except (OSError, InvalidHandshake):
            refused += 1
            await asyncio.sleep(0.2)


async def client(everybody: asyncio.Barrier) -> None:
    """One client: in, out, in again."""
    connection, _ = await opened()
    port = connection.local_address[1]
    if await everybody.wait() == 0:
        said("all-open")
    try:
        await connection.recv()
    except ConnectionClosed as error:
        said("error", port=port, text=str(error), code=type(error).__name__)
    said("close", port=port, status=connection.close_code)
    await asyncio.sleep(0.2)
    again, refused = await opened()
    port = again.local_address[1]
    said("reopened", port=port, refused=refused)
    await asyncio.sleep(0.5)
    await again.close()
    said("close", port=port, status=again.close_code)


async def main() -> None:
    """All at once."""
    everybody = asyncio.Barrier(COUNT)
    await asyncio.gather(*(client(everybody) for _ in range(COUNT)))


asyncio.run(main())
