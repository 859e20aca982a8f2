"""An echo server or a client of Python websockets over TLS, which logs its keys.

Arguments: server HOST PORT CERTIFICATE KEY KEYLOG [OPTIONS], or client URL KEYLOG [OPTIONS];
OPTIONS is a JSON object. Of a client: `send`, a list of texts, `listen`, until the server ends it,
`version`, TLSv1_2 or TLSv1_3, an empty KEYLOG for none. The rest goes to `serve` or `connect`.
"""

from __future__ import annotations

import asyncio
import json
import signal
import ssl
import sys
from typing import Any

from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed


def said(event: str, **more: Any) -> None:
    """One line of what this end is told."""
    print(json.dumps({"side": sys.argv[1], "event": event, **more}), flush=True)


async def echo(connection: ServerConnection) -> None:
    """Answers each message until the connection ends."""
    try:
        while True:
            await connection.send(await connection.recv())
    except ConnectionClosed as error:
        said("close", status=connection.close_code, text=str(error))


async def server(
    host: str, port: str, certificate: str, key: str, keylog: str, options: str = "{}"
) -> None:
    """Serves until SIGTERM."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    context.keylog_filename = keylog
    end = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, end.set)
    settings = {"ping_interval": None, "compression": None, **json.loads(options)}
    async with serve(echo, host, int(port), ssl=context, **settings):
        said("listening")
        await end.wait()


async def client(
    url: str,
    keylog: str,
    *,
    send: list[str],
    listen: bool = False,
    version: str = "",
    **more: Any,
) -> None:
    """Opens, sends, closes with 1000; says what went wrong."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    if keylog:
        context.keylog_filename = keylog
    if version:
        context.maximum_version = context.minimum_version = ssl.TLSVersion[version]
    options = {"ping_interval": None, "compression": None, "server_hostname": "live.example"}
    options |= more
    try:
        async with connect(url, proxy=None, ssl=context, **options) as connection:
            said("open")
            try:
                for text in send:
                    await connection.send(text)
                    said("message", text=str(await connection.recv())[:60])
                while listen:
                    said("message", text=repr(await connection.recv()))
            except ConnectionClosed as error:
                said("error", text=str(error), code=type(error).__name__)
        said("close", status=connection.close_code)
    except Exception as error:  # noqa: BLE001 -- the story is what it says
        said("error", text=str(error), code=type(error).__name__)


_, role, *rest = sys.argv
if role == "server":
    asyncio.run(server(*rest))
else:
    asyncio.run(client(*rest[:2], **{"send": ["hello"], **json.loads((rest[2:] or ["{}"])[0])}))
