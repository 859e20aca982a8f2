"""Clients of Python websockets that open one after the other, and a server for them, if asked for.

Argument: a JSON object: `connect` (port), `serve` (port, or null: another program serves), `times`
(seconds at which a client opens), `ticks` (seconds between two messages of the server, or null),
`end` (seconds until those that are still open close with 1000), `again` (seconds for which a client
that was cut tries to connect again, with 40 ms between two attempts; 0: it does not). `step` is the
number of TCP connections that one client makes: 2 through a proxy.

Prints what each side is told, one JSON object a line; `stream` is the number of the connection.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import sys
import time
from typing import Any

from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed, WebSocketException

PLAN = json.loads(sys.argv[1])
BEGAN = time.monotonic()
PAUSE = 0.04
numbers = itertools.count()


def said(side: str, event: str, **more: Any) -> None:
    """One line of what a side is told."""
    print(json.dumps({"side": side, "event": event, **more}), flush=True)


async def answer(connection: ServerConnection) -> None:
    """Echoes, and ticks where asked for, until the connection ends."""
    stream = next(numbers) * PLAN["step"] + PLAN["step"] - 1
    ticking = asyncio.create_task(tick(connection)) if PLAN["ticks"] else None
    try:
        while True:
            await connection.send(f"echo: {await connection.recv(decode=True)}")
    except ConnectionClosed:
        said("server", "close", stream=stream, status=connection.close_code)
    finally:
        if ticking is not None:
            ticking.cancel()


async def tick(connection: ServerConnection) -> None:
    """A message of the server every so often."""
    for number in itertools.count():
        await asyncio.sleep(PLAN["ticks"])
        await connection.send(f"tick {number}")


async def client(number: int, at: float) -> None:
    """One client: a message, its echo, and whatever comes until the end."""
    await asyncio.sleep(max(0.0, BEGAN + at - time.monotonic()))
    async with connect(f"ws://127.0.0.1:{PLAN['connect']}/live", ping_interval=None) as connection:
        await connection.send(f"hello of client {number}")
        await connection.recv()
        said("client", "waiting", stream=number * PLAN["step"])
        try:
            async with asyncio.timeout(BEGAN + PLAN["end"] - time.monotonic()):
                while True:
                    await connection.recv()
        except TimeoutError:
            await connection.close()
        except ConnectionClosed as error:
            said("client", "error", text=str(error), code=type(error).__name__)
    said("client", "close", stream=number * PLAN["step"], status=connection.close_code)
    await try_again()


async def try_again() -> None:
    """Connects again and again, with the same short pause each time."""
    until = time.monotonic() + PLAN["again"]
    failures: dict[str, int] = {}
    while time.monotonic() < until:
        try:
            await connect(f"ws://127.0.0.1:{PLAN['connect']}/live")
        except (OSError, WebSocketException) as error:  # the second: accepted by a dying server
            failures[type(error).__name__] = failures.get(type(error).__name__, 0) + 1
        await asyncio.sleep(PAUSE)
    for code, times in failures.items():
        said("client", "refused", code=code, times=times)


async def clients() -> None:
    """All clients, each at its time."""
    await asyncio.gather(*(client(number, at) for number, at in enumerate(PLAN["times"])))
    await asyncio.sleep(0.5)


async def main() -> None:
    """The server first, where it is ours."""
    if PLAN["serve"] is None:
        await clients()
        return
    async with serve(answer, "127.0.0.1", PLAN["serve"], ping_interval=None):
        await clients()


asyncio.run(main())
