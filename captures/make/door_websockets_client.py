"""One client of Python websockets. Prints what it is told, one JSON object a line.

Arguments: URL [OPTIONS], OPTIONS a JSON object: `send` (a list of texts, each answered), `listen`
(until the server closes), the rest goes to `connect` as it is.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed


def said(event: str, **more: Any) -> None:
    """One line of what the client is told."""
    print(json.dumps({"side": "client", "event": event, **more}), flush=True)


async def main(url: str, send: list[str], listen: bool, **options: Any) -> None:
    """Opens, sends, closes with 1000; says what went wrong."""
    try:
        async with connect(url, proxy=None, **options) as connection:
            said("open")
            try:
                for text in send:
                    await connection.send(text)
                    said("message", text=await connection.recv())
                while listen:
                    said("message", text=repr(await connection.recv()))
            except ConnectionClosed as error:
                said("error", text=str(error), code=type(error).__name__)
        said("close", status=connection.close_code)
    except Exception as error:  # noqa: BLE001 -- the story is what it says
        said("error", text=str(error), code=type(error).__name__)


asyncio.run(
    main(sys.argv[1], **{"send": [], "listen": False, **json.loads((sys.argv[2:] or ["{}"])[0])})
)
