"""A server of Python websockets. Prints what it is told, one JSON object a line.

Arguments: HOST PORT ACT OPTIONS, OPTIONS a JSON object for `serve`, ACT one of
  echo    answers each message; SIGTERM closes the server, which sends 1001
  close   answers two messages, then closes with 1000 and a reason
  leave   the same with 1001
  ping    sends a ping for each message, and no answer
  count   answers each message with its length
  push    one message of 24 KiB, then as echo
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

HOST, PORT, ACT, OPTIONS = sys.argv[1], int(sys.argv[2]), sys.argv[3], json.loads(sys.argv[4])
GOODBYES = {"close": (1000, "done"), "leave": (1001, "")}


def said(connection: ServerConnection, event: str, **more: Any) -> None:
    """One line of what the server is told; `port` is the client's."""
    port = connection.remote_address[1]
    print(json.dumps({"side": "server", "event": event, **more, "port": port}), flush=True)


async def act(connection: ServerConnection) -> None:
    """What the server does with a client until the connection ends."""
    try:
        if ACT == "push":
            await connection.send("0123456789abcdef" * 1536)
        for number in itertools.count(1):
            message = await connection.recv()
            if ACT == "ping":
                await connection.ping(b"are you there")
                continue
            await connection.send(f"{len(message)} bytes" if ACT == "count" else message)
            if number == 2 and ACT in GOODBYES:
                await connection.close(*GOODBYES[ACT])
    except ConnectionClosed as error:
        said(connection, "error", text=str(error), code=type(error).__name__)
        said(connection, "close", status=connection.close_code, reason=connection.close_reason)


async def main() -> None:
    """Serves until SIGTERM."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with serve(act, HOST, PORT, **OPTIONS):
        print(json.dumps({"side": "server", "event": "listening"}), flush=True)
        await stop.wait()


asyncio.run(main())
