"""Stories of time: limits that hit several connections, restarts, answers that never come."""

from __future__ import annotations

import functools
import json
import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

from captures.make.door_servers import websockets_server, ws_server
from captures.make.lossy_link import SERVER, Cable, cable
from captures.make.programs import HERE, Program, pause, pip_install, python, serving
from captures.make.proxies import UPGRADE, nginx
from captures.make.raw import RawClient, frame
from captures.make.recording import Said, need, npm_install, recording

WEBSOCKETS, SCAPY, WS = "websockets==17.4", "scapy==2.8.0", "ws@8.23.0"
SOCKET_IO = ("socket.io@4.8.4", "socket.io-client@4.8.4")
SERVE, VISIT = "pywebsockets_server.py", "pywebsockets_client.py"
NO_PINGS: dict[str, Any] = {"ping_interval": None, "compression": None}
TEXT = 1


def _visit(path: Path, port: int, act: str, **more: Any) -> Program:
    uri = f"ws://127.0.0.1:{port}/live"
    return python(path, VISIT, uri, act, json.dumps({**NO_PINGS, **more}))


def _staggered(path: Path, port: int, act: str, count: int = 3) -> list[Program]:
    """Clients that come 0.4 s apart."""
    clients = []
    for _ in range(count):
        clients.append(_visit(path, port, act))
        clients[-1].wait_for("waiting")
        pause(0.4)
    return clients


def common_idle(target: Path, scratch: Path, *, port: int) -> Said:
    """Three clients fall silent, each at its own time, behind nginx with a limit of 3 s."""
    path = pip_install(scratch, WEBSOCKETS)
    rules = f"proxy_pass http://127.0.0.1:{port + 1}; {UPGRADE} proxy_read_timeout 3s;"
    with (
        nginx(scratch, port, f"location / {{ {rules} }}") as log,
        recording(target, [port, port + 1]),
        serving(path, SERVE, "127.0.0.1", str(port + 1), "echo", json.dumps(NO_PINGS)) as server,
    ):
        said = [line for client in _staggered(path, port, "listen") for line in client.end()]
        pause()
    return said + server.end() + [line for line in log if "timed out" in line["text"]]


def reload(target: Path, scratch: Path, *, port: int) -> Said:
    """nginx gets SIGHUP with three clients; its old worker has a second to see them off. A fourth
    client comes afterwards."""
    path = pip_install(scratch, WEBSOCKETS)
    rules = f"location / {{ proxy_pass http://127.0.0.1:{port + 1}; {UPGRADE} }}"
    with (
        nginx(scratch, port, rules, "worker_shutdown_timeout 1s;") as log,
        recording(target, [port, port + 1]),
        serving(path, SERVE, "127.0.0.1", str(port + 1), "echo", json.dumps(NO_PINGS)) as server,
    ):
        clients = _staggered(path, port, "listen")
        os.kill(int((scratch / "nginx.pid").read_text()), signal.SIGHUP)
        said = [line for client in clients for line in client.end()]
        said += _visit(path, port, "close").end()
        pause()
    return said + server.end() + [line for line in log if "shut" in line["text"]]


def age_limit(target: Path, scratch: Path, *, port: int) -> Said:
    """socat hands each connection to a process that `timeout` ends after 4 s, whatever flows."""
    need("socat")
    path = pip_install(scratch, WEBSOCKETS)
    each = f"EXEC:timeout 4 socat - TCP\\:127.0.0.1\\:{port + 1}"
    command = ["socat", f"TCP-LISTEN:{port},bind=127.0.0.1,fork,reuseaddr", each]
    proxy = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        with (
            recording(target, [port, port + 1]),
            serving(path, "price_server.py", str(port + 1)) as server,
        ):
            pause(0.5)
            clients = _staggered(path, port, "greeted")
            said = [line for client in clients for line in client.end()]
            pause()
    finally:
        proxy.terminate()
        proxy.wait(timeout=10)
    return [line for line in said if line["event"] != "message"] + server.end()


def storm(target: Path, scratch: Path, *, port: int, count: int) -> Said:
    """The server is killed and comes back after a second; all clients come back at once."""
    path = pip_install(scratch, WEBSOCKETS)
    arguments = (SERVE, "127.0.0.1", str(port), "echo", json.dumps(NO_PINGS))
    with recording(target, [port]):
        with serving(path, *arguments) as first:
            clients = python(path, "reconnecting_clients.py", str(port), str(count))
            clients.wait_for("all-open")
            pause()
            first.kill()
            pause(1)
        with serving(path, *arguments) as second:
            said = clients.end()
            pause()
    return said + second.end()


class Calm(Cable):
    """Every frame arrives, 20 ms later."""

    def _send(self, end: int, data: bytes, delay: float) -> None:
        super()._send(end, data, delay + 0.015)

    def _happens(self, what: str, share: float) -> bool:
        del what, share
        return False


def keepalive_equals_timeout(target: Path, scratch: Path, *, port: int) -> Said:
    """The client pings every 3 s (less the time it takes to send one), nginx gives up after 3 s:
    they cross. The client stands 20 ms away; recorded where nginx stands."""
    path = pip_install(scratch, WEBSOCKETS)
    with cable(f"q{port}", Calm) as line:
        proxy = f"proxy_pass http://127.0.0.1:{port + 1}; {UPGRADE} proxy_read_timeout 3s;"
        _loopback_up(line)
        with (
            nginx(
                scratch, port, f"location / {{ {proxy} }}", host=SERVER, inside=line.server
            ) as log,
            recording(target, [port], interface=line.interface, inside=line.inside),
            serving(
                path,
                SERVE,
                "127.0.0.1",
                str(port + 1),
                "echo",
                json.dumps(NO_PINGS),
                inside=line.server,
            ) as server,
        ):
            options = json.dumps({**NO_PINGS, "ping_interval": 2.99, "ping_timeout": 20})
            uri = f"ws://{SERVER}:{port}/live"
            said = python(path, VISIT, uri, "listen", options, inside=line.client).end()
            pause()
        return said + server.end() + [line for line in log if "timed out" in line["text"]]


def _loopback_up(line: Cable) -> None:
    subprocess.run([*line.server, "ip", "link", "set", "lo", "up"], check=True, timeout=10)


def close_unanswered(target: Path, scratch: Path, *, port: int, library: str) -> Said:
    """The server closes when it is asked to; the client says no more, and keeps TCP open."""
    modules = npm_install(scratch, WS) if library == "ws" else scratch
    server = ws_server(modules, port) if library == "ws" else websockets_server(port)
    with server as told, recording(target, [port]):
        client = RawClient(port)
        client.send(frame(TEXT, b"please close"))
        ended = client.read_to_end()
        client.close()
        pause()
    return [*told, {"side": "client", "event": "read", "text": ended}]


def socket_io_stopped(target: Path, scratch: Path, *, port: int) -> Said:
    """The client's process is stopped (SIGSTOP): its kernel acknowledges, it answers nothing."""
    modules = npm_install(scratch, *SOCKET_IO)
    script = str(HERE / "socket_io_apart.js")
    with recording(target, [port]):
        server = Program(["node", script, "server", str(port)], modules)
        server.wait_for("listening")
        client = Program(["node", script, "client", str(port)], modules)
        client.wait_for("connected")
        pause(1.5)
        client.signal(signal.SIGSTOP)
        server.wait_for("disconnect")
        pause(2)
        client.kill()
        pause()
    return server.stop() + client.end()


def overlap(target: Path, scratch: Path, *, port: int) -> Said:
    """The server tells prices; somebody sends the third one again with other bytes in it."""
    path = pip_install(scratch, WEBSOCKETS, SCAPY)
    with recording(target, [port]):
        with serving(path, "price_server.py", str(port)) as server:
            third = python(path, "inject_rst.py", str(port), "4", "64", "overlap")
            third.wait_for("listening")
            client = _visit(path, port, "greeted")
            third.wait_for("sent")
            pause(1)
            server.stop()
        said = client.end()
    return said + server.end() + third.end()[1:]


STORIES: dict[str, Callable[[Path, Path], Said]] = {
    "nginx-idle-three": functools.partial(common_idle, port=25100),
    "nginx-reload": functools.partial(reload, port=25102),
    "age-limit-three": functools.partial(age_limit, port=25104),
    "reconnect-storm": functools.partial(storm, port=25106, count=30),
    "keepalive-as-long-as-timeout": functools.partial(keepalive_equals_timeout, port=25108),
    "close-unanswered-ws": functools.partial(close_unanswered, port=25110, library="ws"),
    "close-unanswered-websockets": functools.partial(
        close_unanswered, port=25111, library="websockets"
    ),
    "socket-io-ping-timeout": functools.partial(socket_io_stopped, port=25112),
    "overlap-differs": functools.partial(overlap, port=25113),
}
