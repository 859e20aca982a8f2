"""aiohttp on both ends, in one process: two echoes, then the client closes with 1000.

Arguments: PORT. Prints what each side is told, one JSON object a line.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

from aiohttp import ClientSession, web


def said(side: str, event: str, **more: Any) -> None:
    """One line of what a side is told."""
    print(json.dumps({"side": side, "event": event, **more}), flush=True)


async def echo(request: web.Request) -> web.WebSocketResponse:
    """Answers each message until the connection ends."""
    socket = web.WebSocketResponse()
    await socket.prepare(request)
    async for message in socket:
        await socket.send_str(f"echo: {message.data}")
    said("server", "close", status=socket.close_code)
    return socket


async def main(port: int) -> None:
    """The server first, then one client."""
    application = web.Application()
    application.router.add_get("/live", echo)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    async with (
        ClientSession() as session,
        session.ws_connect(f"http://127.0.0.1:{port}/live", compress=15) as socket,
    ):
        for text in ("hello", "hello again"):
            await socket.send_str(text)
            said("client", "message", text=await socket.receive_str())
        await socket.close(code=1000)
        said("client", "close", status=socket.close_code)
    await asyncio.sleep(0.3)
    await runner.cleanup()


asyncio.run(main(int(sys.argv[1])))
