"""Servers that Python developers run, by name: each echoes, and says what its handler is told.

Arguments: NAME PORT. `bye` asks for a close with a reason. Granian wants its application as a
module: `application` below, which is this file again.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from pathlib import Path
from typing import Any


def said(event: str, **more: Any) -> None:
    """One line of what the server is told."""
    print(json.dumps({"side": "server", "event": event, **more}), flush=True)


def _soon_listening() -> None:
    threading.Thread(target=lambda: (time.sleep(2), said("listening")), daemon=True).start()


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """An echo in ASGI."""
    if scope["type"] != "websocket":
        return
    await receive()
    await send({"type": "websocket.accept"})
    while (message := await receive())["type"] != "websocket.disconnect":
        said("message", length=len(message.get("text") or message.get("bytes") or ""))
        await send({"type": "websocket.send", "text": message.get("text") or ""})
    said("close", status=message.get("code"))


def granian(port: int) -> None:
    """Granian: hyper and tungstenite below."""
    from granian import Granian  # noqa: PLC0415

    server = Granian("stack_servers:application", address="127.0.0.1", port=port, interface="asgi")
    _soon_listening()
    server.serve()


def gevent(port: int) -> None:
    """gevent-websocket under gevent's own server."""
    from gevent import pywsgi  # noqa: PLC0415
    from geventwebsocket.handler import WebSocketHandler  # noqa: PLC0415

    def echo(environ: dict[str, Any], _: Any) -> list[bytes]:
        socket = environ["wsgi.websocket"]
        while (text := socket.receive()) is not None:
            said("message", text=str(text))
            if text == "bye":
                socket.close(1000, b"bye")
                break
            socket.send(text)
        said("none")
        return []

    server = pywsgi.WSGIServer(("127.0.0.1", port), echo, handler_class=WebSocketHandler, log=None)
    server.start()
    said("listening")
    server.serve_forever()


def flask_sock(port: int) -> None:
    """Flask-Sock on the server that comes with Flask."""
    import simple_websocket  # noqa: PLC0415
    from flask import Flask  # noqa: PLC0415
    from flask_sock import Sock  # noqa: PLC0415

    app = Flask("story")

    @Sock(app).route("/live")
    def live(socket: Any) -> None:
        try:
            while True:
                text = socket.receive()
                said("message", text=text)
                socket.send(text)
        except simple_websocket.ConnectionClosed as closed:
            said("closed", text=str(closed))
            raise

    _soon_listening()
    app.run("127.0.0.1", port, threaded=True)


def websocket_server(port: int) -> None:
    """PyPI's websocket-server."""
    from websocket_server import WebsocketServer  # noqa: PLC0415

    server = WebsocketServer(host="127.0.0.1", port=port)
    server.set_fn_message_received(lambda client, own, text: own.send_message(client, text))
    server.set_fn_client_left(lambda *_: said("left"))
    said("listening")
    server.run_forever()


def aiohttp(port: int) -> None:
    """aiohttp's own server."""
    from aiohttp import web  # noqa: PLC0415

    async def echo(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        while (message := await socket.receive()).type is web.WSMsgType.TEXT:
            await socket.send_str(message.data)
        if message.type is web.WSMsgType.ERROR:
            said("error", text=str(message.data), code=str(message.data.code))
        said("close", status=socket.close_code)
        return socket

    async def started(_: web.Application) -> None:
        _soon_listening()

    served = web.Application()
    served.router.add_get("/live", echo)
    served.on_startup.append(started)
    web.run_app(served, host="127.0.0.1", port=port, print=None)


SERVERS = {
    "aiohttp": aiohttp,
    "granian": granian,
    "gevent": gevent,
    "flask-sock": flask_sock,
    "websocket-server": websocket_server,
}

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent))
    SERVERS[sys.argv[1]](int(sys.argv[2]))
