"""Stories of uWebSockets, the server inside PyPI's socketify: it answers every violation by
hanging up, without a Close frame."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path

from captures.make.namespaces import SERVER, network
from captures.make.programs import pause, pip_install, python, serving
from captures.make.raw import RawClient, frame
from captures.make.recording import Said, recording

SOCKETIFY = ("socketify==0.0.31", "cffi==2.1.1")
WEBSOCKETS = "websockets==17.4"
SCRIPT = "uwebsockets_server.py"
TEXT, RESERVED = 1, 3

VIOLATIONS = {
    "reserved-opcode": frame(RESERVED, b"hello"),
    # "café" in Latin-1.
    "bad-utf8": frame(TEXT, b"caf\xe9 au lait"),
}


def bare_client(target: Path, scratch: Path, *, port: int, act: str) -> Said:
    """A client of bare sockets: one echo, then what `act` names."""
    path = pip_install(scratch, *SOCKETIFY)
    with recording(target, [port]):
        with serving(path, SCRIPT, "127.0.0.1", str(port), "120", "quiet") as server:
            client = RawClient(port)
            client.send(frame(TEXT, b"hello"))
            client.wait_for(7)
            pause()
            if act == "reset":
                client.reset()
                told = None
            elif act == "fin":
                client.close()
                told = None
            else:
                client.send(VIOLATIONS[act])
                told = client.read_to_end()
                client.close()
            server.wait_for("close")
            pause()
        said = server.end()
    return said + ([{"side": "client", "event": "read", "text": told}] if told else [])


def library_client(
    target: Path, scratch: Path, *, port: int, act: str, idle: int = 120, mode: str = "quiet"
) -> Said:
    """A client of Python websockets that does not ping."""
    path = pip_install(scratch, *SOCKETIFY, WEBSOCKETS)
    with recording(target, [port]):
        with serving(path, SCRIPT, "127.0.0.1", str(port), str(idle), mode) as server:
            uri = f"ws://127.0.0.1:{port}/live"
            options = '{"ping_interval": null, "compression": null}'
            said = python(path, "pywebsockets_client.py", uri, act, options).end()
            pause()
        said += server.end()
    return said


def vanished(target: Path, scratch: Path, *, port: int, mode: str, idle: int) -> Said:
    """The client's link goes down after two echoes; recorded where the server stands. The client
    finds out by a ping of its own, which gets nowhere."""
    path = pip_install(scratch, *SOCKETIFY, WEBSOCKETS)
    with network(f"u{port}") as net:
        with (
            recording(target, [port], interface=net.interface, inside=net.server),
            serving(path, SCRIPT, SERVER, str(port), str(idle), mode, inside=net.server) as s,
        ):
            uri = f"ws://{SERVER}:{port}/live"
            options = '{"ping_interval": 5, "ping_timeout": 3, "compression": null}'
            client = python(
                path, "pywebsockets_client.py", uri, "listen", options, inside=net.client
            )
            client.wait_for("waiting")
            pause(2)
            net.cut()
            s.wait_for("close")
            pause(3)
        return s.end() + client.end()


STORIES: dict[str, Callable[[Path, Path], Said]] = {
    "uws-reserved-opcode": functools.partial(bare_client, port=22000, act="reserved-opcode"),
    "uws-bad-utf8": functools.partial(bare_client, port=22001, act="bad-utf8"),
    "uws-fin-without-close": functools.partial(bare_client, port=22002, act="fin"),
    "uws-reset": functools.partial(bare_client, port=22003, act="reset"),
    "uws-too-big": functools.partial(library_client, port=22004, act="big"),
    "uws-idle": functools.partial(library_client, port=22005, act="listen", idle=8),
    "uws-vanished-ping": functools.partial(vanished, port=22006, mode="pings", idle=16),
    "uws-vanished-push": functools.partial(vanished, port=22007, mode="ticks", idle=12),
}
