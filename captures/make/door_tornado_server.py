"""An echo server of tornado. Prints `listening`, and what it is told, one JSON object a line.

Arguments: PORT.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sys

from tornado.web import Application
from tornado.websocket import WebSocketHandler


class Told(logging.Handler):
    """What tornado writes into its log of requests."""

    def emit(self, record: logging.LogRecord) -> None:
        line = {"side": "server", "event": "log", "text": record.getMessage()}
        print(json.dumps(line), flush=True)


class Echo(WebSocketHandler):
    """Answers each message."""

    async def on_message(self, message: str | bytes) -> None:
        await self.write_message(message)


async def main(port: int) -> None:
    """Serves until it is stopped."""
    logging.getLogger("tornado.access").addHandler(Told())
    Application([("/live", Echo)]).listen(port, "127.0.0.1")
    print(json.dumps({"side": "server", "event": "listening"}), flush=True)
    await asyncio.Event().wait()


asyncio.run(main(int(sys.argv[1])))
