"""A server of Python websockets that tells a price twice a second, whatever comes.

Argument: PORT. Prints what it is told, one JSON object a line; stopped by SIGTERM.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import signal
import sys
from typing import Any

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed


def said(event: str, **more: Any) -> None:
    """One line of what the server is told."""
    print(json.dumps({"side": "server", "event": event, **more}), flush=True)


async def prices(connection: ServerConnection) -> None:
    """Until the connection ends."""
    try:
        for price in itertools.count(100):
            await connection.send(f"price {price}")
            await asyncio.sleep(0.5)
    except ConnectionClosed as error:
        said("error", text=str(error), code=type(error).__name__)
        said("close", status=connection.close_code, reason=connection.close_reason)


async def main() -> None:
    """Serves until SIGTERM."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    options = {"compression": None, "ping_interval": None}
    async with serve(prices, "127.0.0.1", int(sys.argv[1]), **options):
        said("listening")
        await stop.wait()


asyncio.run(main())
