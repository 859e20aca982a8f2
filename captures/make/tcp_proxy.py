"""A TCP proxy that takes one connection and does one wrong thing to what the server sends.

Arguments: the port it listens on, the port of the server, and what it does:
  502    after the fourth text it tells the client `502 Bad Gateway` and closes both sides
  unfin  it clears the FIN bit of the second ping
Prints what it did, one JSON object a line.
"""

from __future__ import annotations

import asyncio
import json
import sys

BAD_GATEWAY = (
    b"HTTP/1.1 502 Bad Gateway\r\nServer: gateway\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
)


def said(event: str, **more: str) -> None:
    """One line of what the proxy did."""
    print(json.dumps({"side": "proxy", "event": event, **more}), flush=True)


class Wrong:
    """What is done to the server's bytes. Each read holds whole small frames: the server waits
    between them."""

    def __init__(self, what: str) -> None:
        self.what = what
        self.seen = {"text": 0, "ping": 0}

    def __call__(self, data: bytes) -> tuple[bytes, bool]:
        """What the client gets instead of `data`, and whether the connection goes on."""
        out = bytearray(data)
        at = data.index(b"\r\n\r\n") + 4 if data.startswith(b"HTTP/1.1 101") else 0
        while at < len(data):
            kind = {1: "text", 9: "ping"}.get(data[at] & 0x0F, "other")
            self.seen[kind] = self.seen.get(kind, 0) + 1
            if self.what == "unfin" and kind == "ping" and self.seen[kind] == 2:
                out[at] &= 0x7F
                said("altered", text=f"{data[at]:02x} became {out[at]:02x}")
            at += 2 + data[at + 1]
        if self.what == "502" and self.seen["text"] == 4:
            said("injected", text="HTTP/1.1 502 Bad Gateway")
            return bytes(out) + BAD_GATEWAY, False
        return bytes(out), True


async def main(listen: int, upstream: int, wrong: Wrong) -> None:
    """One connection, both ways, until either side ends it."""
    done = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        to_server = await asyncio.open_connection("127.0.0.1", upstream)

        async def upwards() -> None:
            while data := await reader.read(65536):
                to_server[1].write(data)
            to_server[1].close()

        async def downwards() -> None:
            goes_on = True
            while goes_on and (data := await to_server[0].read(65536)):
                data, goes_on = wrong(data)
                writer.write(data)
            writer.close()
            if not goes_on:
                to_server[1].close()

        await asyncio.gather(upwards(), downwards(), return_exceptions=True)
        done.set()

    async with await asyncio.start_server(serve, "127.0.0.1", listen):
        said("listening")
        await done.wait()


asyncio.run(main(int(sys.argv[1]), int(sys.argv[2]), Wrong(sys.argv[3])))
