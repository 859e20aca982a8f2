"""A protocol of its own on TCP: a length of four bytes, then JSON. Both ends in one process.

Arguments: PORT. Prints what the client is told, one JSON object a line.
"""

from __future__ import annotations

import asyncio
import json
import struct
import sys


async def receive(reader: asyncio.StreamReader) -> bytes:
    """One message."""
    (length,) = struct.unpack("!I", await reader.readexactly(4))
    return await reader.readexactly(length)


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Sends each message back until the client ends."""
    try:
        while True:
            message = await receive(reader)
            writer.write(struct.pack("!I", len(message)) + message)
    except asyncio.IncompleteReadError:
        writer.close()


async def main(port: int) -> None:
    """Twenty messages there and back."""
    async with await asyncio.start_server(answer, "127.0.0.1", port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for number in range(20):
            message = json.dumps({"id": number, "method": "price", "params": ["x" * number]})
            writer.write(struct.pack("!I", len(message)) + message.encode())
            assert await receive(reader) == message.encode()
        print(json.dumps({"side": "client", "event": "answers", "count": 20}))
        writer.close()
        await asyncio.sleep(0.2)


asyncio.run(main(int(sys.argv[1])))
