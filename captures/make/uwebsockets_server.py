"""uWebSockets as PyPI's socketify carries it: echoes text, and says what its handlers are told.

Arguments: HOST PORT IDLE_TIMEOUT MODE, where MODE is quiet, pings (uWebSockets pings by itself)
or ticks (the server pushes a price every half second).
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

from socketify import App, AppListenOptions, OpCode

HOST, PORT, IDLE, MODE = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]


def said(event: str, **more: Any) -> None:
    """One line of what the server is told."""
    print(json.dumps({"side": "server", "event": event, **more}), flush=True)


async def _push(ws: Any) -> None:
    for number in range(100):
        sent = ws.send(f"price {100 + number}", OpCode.TEXT)
        if not sent:
            said("send", result=str(sent))
        await asyncio.sleep(0.5)


def on_open(ws: Any) -> None:
    """A client has come."""
    said("open")
    if MODE == "ticks":
        app.loop.loop.create_task(_push(ws))


def on_message(ws: Any, message: Any, opcode: Any) -> None:
    """Echoes it."""
    said("message", length=len(message))
    ws.send(message, opcode)


def on_close(_: Any, code: int, message: Any) -> None:
    """The code and reason that uWebSockets hands to `close`."""
    text = message if isinstance(message, str) else bytes(message or b"").decode()
    said("close", status=code, text=text)


app = App()
app.ws(
    "/live",
    {
        "max_payload_length": 16 * 1024,
        "idle_timeout": IDLE,
        "send_pings_automatically": MODE == "pings",
        "open": on_open,
        "message": on_message,
        "close": on_close,
    },
)
app.listen(AppListenOptions(port=PORT, host=HOST), lambda _: said("listening"))
app.run()
