"""An echo server of Python websockets. Prints what it is told, one JSON object a line.

Arguments: PORT [OPTIONS], OPTIONS a JSON object that goes to `serve` as it is. The path that was
asked for stands in every line, so that one server tells of many connections. "please close" is
not echoed, and a path close-CODE with a code of applications is closed with it.
"""

from __future__ import annotations

import asyncio
import json
import logging
import signal
import sys
from typing import Any

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed


def said(event: str, **more: Any) -> None:
    """One line of what the server is told."""
    print(json.dumps({"side": "server", "event": event, **more}), flush=True)


class Told(logging.Handler):
    """What the library writes into its log."""

    def emit(self, record: logging.LogRecord) -> None:
        if record.levelno < logging.WARNING:
            return
        error = record.exc_info[1] if record.exc_info else None
        cause = {"because": str(error), "code": type(error).__name__} if error else {}
        said("log", text=record.getMessage(), **cause)


CLOSING = {f"/close-{code}": code for code in (1008, 1011, 1013, 3000, 4000)}


async def echo(connection: ServerConnection) -> None:
    """Answers each message until the connection ends."""
    path = connection.request.path if connection.request else ""
    try:
        while True:
            message = await connection.recv()
            said("message", path=path, text=repr(message)[:60])
            if path in CLOSING:
                await connection.close(CLOSING[path], f"reason {CLOSING[path]}")
            if message == "please close":
                await connection.close(1000, "as you wish")
            await connection.send(message)
    except ConnectionClosed as error:
        said("error", path=path, text=str(error), code=type(error).__name__)
        said("close", path=path, status=connection.close_code)


async def main(port: int, **options: Any) -> None:
    """Serves until SIGTERM."""
    logging.getLogger("websockets").addHandler(Told())
    end = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, end.set)
    async with serve(echo, "127.0.0.1", port, **{"ping_interval": None, **options}):
        said("listening")
        await end.wait()


asyncio.run(main(int(sys.argv[1]), **json.loads((sys.argv[2:] or ["{}"])[0])))
