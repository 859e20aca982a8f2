"""A relay of Python websockets: a server that opens a connection of its own for each client and
passes messages on in both directions, frame by frame and with a key of its own. After so many
seconds without a message it hangs up on both sides, with no Close.

Arguments: the port to listen on, the server's port, the seconds. Prints `listening`.
"""

from __future__ import annotations

import asyncio
import json
import signal
import sys

from websockets.asyncio.client import connect
from websockets.asyncio.connection import Connection
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

LISTEN, SERVER, PATIENCE = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
OPTIONS = {"ping_interval": None, "compression": None}
behind: dict[object, Connection] = {}


async def dial(connection: ServerConnection, request: Request) -> Response | None:
    """The server is asked before the client gets its 101."""
    behind[connection] = await connect(f"ws://127.0.0.1:{SERVER}{request.path}", **OPTIONS)
    return None


async def relay(front: ServerConnection) -> None:
    """Both directions, until nobody has spoken for so long."""
    back = behind.pop(front)
    heard = asyncio.Event()

    async def pump(source: Connection, target: Connection) -> None:
        async for message in source:
            heard.set()
            await target.send(message)

    async def watch() -> None:
        while True:
            heard.clear()
            try:
                await asyncio.wait_for(heard.wait(), PATIENCE)
            except TimeoutError:
                back.transport.close()
                front.transport.close()
                return

    try:
        async with asyncio.TaskGroup() as group:
            for work in (pump(front, back), pump(back, front), watch()):
                group.create_task(work)
    except* ConnectionClosed:
        pass


async def main() -> None:
    """Relays until SIGTERM."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with serve(relay, "127.0.0.1", LISTEN, process_request=dial, **OPTIONS):
        print(json.dumps({"side": "relay", "event": "listening"}), flush=True)
        await stop.wait()


asyncio.run(main())
