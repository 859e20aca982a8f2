"""Stories in which connections share one fate: cut by a reload, by one idle timeout, killed and
knocking again, two legs of a relay, and ten that close in order at one time, which is no fate at
all."""

from __future__ import annotations

import functools
import json
import os
import signal
from collections.abc import Callable, Sequence
from pathlib import Path

from captures.make.programs import Program, pause, pip_install, python, serving
from captures.make.proxies import UPGRADE, nginx
from captures.make.recording import Said, recording

WEBSOCKETS = "websockets==17.4"
TALK, SERVE, VISIT = "fleet_talk.py", "pywebsockets_server.py", "pywebsockets_client.py"


def _talk(
    path: Path,
    connect: int,
    times: Sequence[float],
    *,
    serve: int | None = None,
    ticks: float | None = None,
    end: float = 60,
    again: float = 0,
) -> Program:
    step = 1 if serve in (None, connect) else 2
    plan = {
        "connect": connect, "serve": serve, "times": times, "ticks": ticks, "end": end,
        "again": again, "step": step,
    }  # fmt: skip
    return python(path, TALK, json.dumps(plan))


def _locations(backend: int, limit: str = "") -> str:
    return f"location / {{ proxy_pass http://127.0.0.1:{backend}; {UPGRADE} {limit} }}"


def idle_three(target: Path, scratch: Path, *, port: int) -> Said:
    """Three clients fall silent one after the other; nginx ends each after 3 s. Both legs."""
    path = pip_install(scratch, WEBSOCKETS)
    locations = _locations(port + 1, "proxy_read_timeout 3s;")
    with nginx(scratch, port, locations) as log, recording(target, [port, port + 1]):
        said = _talk(path, port, [0, 0.6, 1.2], serve=port + 1).end()
    return said + [line for line in log if "timed out" in line["text"]]


def reload_nginx(target: Path, scratch: Path, *, port: int) -> Said:
    """nginx is reloaded under four clients that are ticked at, and a fifth comes after that. Two
    seconds later the old worker gives up, and the four are cut; the fifth closes. Both legs."""
    path = pip_install(scratch, WEBSOCKETS)
    proxy = nginx(scratch, port, _locations(port + 1), main="worker_shutdown_timeout 2s;")
    with proxy, recording(target, [port, port + 1]):
        talk = _talk(path, port, [0, 0.1, 0.2, 0.3, 1.5], serve=port + 1, ticks=0.3, end=4)
        talk.wait_for("waiting", 4)
        pause()
        os.kill(int((scratch / "nginx.pid").read_text()), signal.SIGHUP)
        return talk.end()


def storm_after_kill(target: Path, scratch: Path, *, port: int) -> Said:
    """SIGKILL for a server with ten clients. They try again at once, every 40 ms, for a second."""
    path = pip_install(scratch, WEBSOCKETS)
    with recording(target, [port]):
        with serving(path, SERVE, "127.0.0.1", str(port), "echo", '{"ping_interval": null}') as one:
            talk = _talk(path, port, [number / 50 for number in range(10)], again=1)
            talk.wait_for("waiting", 10)
            pause()
            one.kill()
            said = talk.end()
        return said + one.end()


def ten_close(target: Path, scratch: Path, *, port: int) -> Said:
    """Ten clients that close with 1000 at one time."""
    path = pip_install(scratch, WEBSOCKETS)
    with recording(target, [port]):
        return _talk(path, port, [number / 50 for number in range(10)], serve=port, end=0.8).end()


def relayed(target: Path, scratch: Path, *, port: int) -> Said:
    """A relay with a key of its own on its second leg hangs up on both after 3 s. Both legs."""
    path = pip_install(scratch, WEBSOCKETS)
    with recording(target, [port, port + 1]):
        arguments = ("127.0.0.1", str(port + 1), "echo", '{"ping_interval": null}')
        relay = (str(port), str(port + 1), "3")
        with serving(path, SERVE, *arguments) as server, serving(path, "relay.py", *relay):
            uri = f"ws://127.0.0.1:{port}/live"
            said = python(path, VISIT, uri, "listen", '{"ping_interval": null}').end()
            server.wait_for("close")
        return said + server.end()


STORIES: dict[str, Callable[[Path, Path], Said]] = {
    "nginx-idle-staggered": functools.partial(idle_three, port=24020),
    "nginx-reload-in-use": functools.partial(reload_nginx, port=24022),
    "killed-and-stormed": functools.partial(storm_after_kill, port=24024),
    "relay-idle": functools.partial(relayed, port=24026),
    "ten-close-together": functools.partial(ten_close, port=24025),
}
