"""tornado on both ends, in one process: two echoes, then the client closes with 1000.

Arguments: PORT. Prints what each side is told, one JSON object a line.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

from tornado.web import Application
from tornado.websocket import WebSocketHandler, websocket_connect


def said(side: str, event: str, **more: Any) -> None:
    """One line of what a side is told."""
    print(json.dumps({"side": side, "event": event, **more}), flush=True)


class Echo(WebSocketHandler):
    """Answers each message until the connection ends."""

    def get_compression_options(self) -> dict[str, Any]:
        return {}

    async def on_message(self, message: str | bytes) -> None:
        await self.write_message(f"echo: {message!s}")

    def on_close(self) -> None:
        said("server", "close", status=self.close_code)


async def main(port: int) -> None:
    """The server first, then one client."""
    server = Application([("/live", Echo)]).listen(port, "127.0.0.1")
    url = f"ws://127.0.0.1:{port}/live"
    socket = await websocket_connect(url, compression_options={})
    for text in ("hello", "hello again"):
        await socket.write_message(text)
        said("client", "message", text=await socket.read_message())
    socket.close(1000, "done")
    await socket.read_message()
    said("client", "close", status=socket.close_code)
    await asyncio.sleep(0.3)
    server.stop()


asyncio.run(main(int(sys.argv[1])))
