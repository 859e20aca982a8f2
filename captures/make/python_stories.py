"""Everyday endings with Python websockets on the server's side: closed, pinged in vain, stopped,
killed, stalled."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from captures.make.namespaces import SERVER, network
from captures.make.programs import HERE, Program, pause, pip_install, python, serving
from captures.make.raw import RawClient, frame
from captures.make.recording import Said, npm_install, recording

WEBSOCKETS, UVICORN, WS = "websockets==17.4", "uvicorn==0.54.0", "ws@8.23.0"
SERVE, VISIT = "pywebsockets_server.py", "pywebsockets_client.py"
NO_PINGS: dict[str, Any] = {"ping_interval": None, "compression": None}
FAST_PINGS = {"ping_interval": 1, "ping_timeout": 1.5, "close_timeout": 1, "compression": None}
CONTINUATION, TEXT, PONG = 0, 1, 10


def _options(options: dict[str, Any], **more: Any) -> str:
    return json.dumps({**options, **more})


def one_client(
    target: Path, scratch: Path, *, port: int, act: str, visit: str, options: dict[str, Any]
) -> Said:
    """Python websockets on both ends; `act` is the server's part, `visit` the client's."""
    path = pip_install(scratch, WEBSOCKETS)
    with recording(target, [port]):
        address = ("127.0.0.1", str(port))
        with serving(path, SERVE, *address, act, _options(options)) as server:
            uri = f"ws://127.0.0.1:{port}/live"
            said = python(path, VISIT, uri, visit, _options(NO_PINGS)).end()
            pause()
        said += server.end()
    return said


def node_client(target: Path, scratch: Path, *, port: int, act: str) -> Said:
    """A client of `ws` (Node) that ends in its own way; the server is Python websockets."""
    path, modules = pip_install(scratch, WEBSOCKETS), npm_install(scratch, WS)
    with recording(target, [port]):
        with serving(path, SERVE, "127.0.0.1", str(port), "echo", _options(NO_PINGS)) as server:
            command = ["node", str(HERE / "leaving_ws_client.js"), str(port), act]
            said = Program(command, modules).end()
            pause()
        said += server.end()
    return said


def withheld(target: Path, scratch: Path, *, port: int) -> Said:
    """A client of bare sockets that reads and never answers a ping."""
    path = pip_install(scratch, WEBSOCKETS)
    with recording(target, [port]):
        with serving(path, SERVE, "127.0.0.1", str(port), "echo", _options(FAST_PINGS)) as server:
            client = RawClient(port)
            client.send(frame(TEXT, b"hello"))
            told = client.read_to_end()
            client.close()
            pause()
        said = server.end()
    return [*said, {"side": "client", "event": "read", "text": told}]


def vanished(target: Path, scratch: Path, *, port: int) -> Said:
    """The client's link goes down after two echoes; the server pings. Recorded at the server. The
    client finds out by a ping of its own, which gets nowhere."""
    path = pip_install(scratch, WEBSOCKETS)
    with network(f"k{port}") as net:
        with recording(target, [port], interface=net.interface, inside=net.server):
            arguments = (SERVER, str(port), "echo", _options(FAST_PINGS, ping_timeout=3))
            with serving(path, SERVE, *arguments, inside=net.server) as server:
                uri = f"ws://{SERVER}:{port}/live"
                options = _options(NO_PINGS, ping_interval=5, ping_timeout=3)
                client = python(path, VISIT, uri, "listen", options, inside=net.client)
                client.wait_for("waiting")
                pause(1.5)
                net.cut()
                server.wait_for("close")
                pause(4)
        return server.end() + client.end()


def ten_clients(target: Path, scratch: Path, *, port: int, how: str) -> Said:
    """Ten clients in one program; the server is stopped (SIGTERM) or killed (SIGKILL)."""
    path = pip_install(scratch, WEBSOCKETS, UVICORN)
    arguments: tuple[str, ...]
    if how == "uvicorn":
        arguments = ("uvicorn_app.py", str(port))
    else:
        arguments = (SERVE, "127.0.0.1", str(port), "echo", _options(NO_PINGS))
    with recording(target, [port]):
        with serving(path, *arguments) as server:
            uri = f"ws://127.0.0.1:{port}/live"
            clients = python(path, VISIT, uri, "listen", _options(NO_PINGS, count=10))
            clients.wait_for("waiting", 10)
            pause()
            if how == "kill":
                server.kill()
            else:
                server.stop()
            said = clients.end()
        said += server.end()
    return said


def client_killed(target: Path, scratch: Path, *, port: int) -> Said:
    """SIGKILL for the client: its kernel sends the FIN."""
    path = pip_install(scratch, WEBSOCKETS)
    with recording(target, [port]):
        with serving(path, SERVE, "127.0.0.1", str(port), "echo", _options(NO_PINGS)) as server:
            client = python(
                path, VISIT, f"ws://127.0.0.1:{port}/live", "listen", _options(NO_PINGS)
            )
            client.wait_for("waiting")
            pause()
            client.kill()
            server.wait_for("close")
            pause()
        return server.end() + client.end()


def stalled(target: Path, scratch: Path, *, port: int, seconds: float, resumes: bool) -> Said:
    """A client that stops reading while the server pushes. It reads on after `seconds`, or the
    server's keepalive has cut it by then."""
    path = pip_install(scratch, WEBSOCKETS)
    options = NO_PINGS if resumes else {**FAST_PINGS, "ping_interval": 4, "ping_timeout": 4}
    with recording(target, [port]):
        with serving(path, SERVE, "127.0.0.1", str(port), "push", _options(options)) as server:
            client = RawClient(port, receive=2048)
            pause(seconds)
            if resumes:
                client.send(frame(8, b"\x03\xe8"))
            told = client.read_to_end()
            client.close()
            pause()
        said = server.end()
    return [*said, {"side": "client", "event": "read", "text": told, "bytes": len(client.rest)}]


def pongs_astray(target: Path, scratch: Path, *, port: int) -> Said:
    """Clients of bare sockets: a pong that nobody asked for, one with another payload, and none in
    21 s of talk."""
    path = pip_install(scratch, WEBSOCKETS)
    with recording(target, [port]):
        with serving(path, SERVE, "127.0.0.1", str(port), "ping", _options(NO_PINGS)) as server:
            for act in ("unasked", "other", "none"):
                client = RawClient(port)
                if act == "unasked":
                    client.send(frame(PONG, b"good morning"))
                else:
                    client.send(frame(TEXT, b"ping me"))
                    client.wait_for(15)
                if act == "other":
                    client.send(frame(PONG, b"somebody else"))
                for part in range(3 if act == "none" else 0):
                    pause(7)
                    opcode = CONTINUATION if part else TEXT
                    client.send(frame(opcode, b"and so on ", fin=part == 2))
                client.send(frame(8, b"\x03\xe8"))
                client.read_to_end()
                client.close()
            pause()
        return server.end()


def cut_early(target: Path, scratch: Path, *, port: int) -> Said:
    """tcpdump is gone before the connection ends, and the last packet is not whole in the file."""
    path = pip_install(scratch, WEBSOCKETS)
    with serving(path, SERVE, "127.0.0.1", str(port), "echo", _options(NO_PINGS)) as server:
        uri = f"ws://127.0.0.1:{port}/live"
        with recording(target, [port]):
            client = python(path, VISIT, uri, "listen", _options(NO_PINGS))
            client.wait_for("waiting")
        target.write_bytes(target.read_bytes()[:-20])
        server.stop()
        return client.end() + server.end()


STORIES: dict[str, Callable[[Path, Path], Said]] = {
    "close-1000-client": functools.partial(
        one_client, port=22020, act="echo", visit="close", options=NO_PINGS
    ),
    "close-1000-server": functools.partial(
        one_client, port=22021, act="close", visit="listen", options=NO_PINGS
    ),
    "close-1001-server": functools.partial(
        one_client, port=22022, act="leave", visit="listen", options=NO_PINGS
    ),
    "close-1009": functools.partial(
        one_client, port=22023, act="echo", visit="big", options={**NO_PINGS, "max_size": 16384}
    ),
    "close-empty": functools.partial(node_client, port=22024, act="close"),
    "ws-terminate": functools.partial(node_client, port=22025, act="terminate"),
    "keepalive-pong-withheld": functools.partial(withheld, port=22026),
    "keepalive-vanished": functools.partial(vanished, port=22027),
    "shutdown-1001-ten": functools.partial(ten_clients, port=22028, how="stop"),
    "shutdown-1012-uvicorn": functools.partial(ten_clients, port=22029, how="uvicorn"),
    "killed-server-ten": functools.partial(ten_clients, port=22030, how="kill"),
    "killed-client": functools.partial(client_killed, port=22031),
    "zero-window-resumes": functools.partial(stalled, port=22032, seconds=4, resumes=True),
    "zero-window-cut": functools.partial(stalled, port=22033, seconds=12, resumes=False),
    "pongs-astray": functools.partial(pongs_astray, port=22035),
    "capture-cut-early": functools.partial(cut_early, port=22034),
}
