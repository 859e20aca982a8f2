"""Stories of handshakes that never get through. Each door is tried by ws, then by websockets."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable
from pathlib import Path

from captures.make.door_clients import WS, both, websockets_client, ws_client
from captures.make.door_servers import python_server, websockets_server, ws_server
from captures.make.programs import pip_install
from captures.make.proxies import UPGRADE, haproxy, nginx
from captures.make.recording import Said, npm_install, recording


def nginx_says(
    target: Path, scratch: Path, *, port: int, locations: str, backend: bool = False
) -> Said:
    """nginx answers as `locations` have it; a backend of Python websockets stands behind it."""
    modules = npm_install(scratch, WS)
    (scratch / "users").touch()
    rules = {"UPGRADE": UPGRADE, "BACKEND": str(port + 1), "SCRATCH": str(scratch)}
    for name, value in rules.items():
        locations = locations.replace(f"@{name}@", value)
    behind = websockets_server(port + 1) if backend else contextlib.nullcontext([])
    proxy = nginx(scratch, port, locations)
    with behind as told, proxy as log, recording(target, [port, port + 1]):
        said = both(modules, f"ws://127.0.0.1:{port}/live")
    return said + told + log


def without_upgrade(target: Path, scratch: Path, *, port: int, how: str, rules: str = "") -> Said:
    """nginx with a bare `proxy_pass`: it speaks HTTP/1.0 with the backend and drops Upgrade."""
    modules = npm_install(scratch, WS)
    bare = f"location / {{ proxy_pass http://127.0.0.1:{port + 1}; {rules} }}"
    if how == "websockets":
        backend = websockets_server(port + 1)
    elif how == "tornado":
        path = pip_install(scratch, "tornado==6.6.1")
        backend = python_server("door_tornado_server.py", str(port + 1), path=path)
    else:
        backend = ws_server(modules, port + 1, how)
    proxy = nginx(scratch, port, bare)
    with backend as told, proxy as log, recording(target, [port, port + 1]):
        said = both(modules, f"ws://127.0.0.1:{port}/live")
    return said + told + log


def wrong_origin(target: Path, scratch: Path) -> Said:
    """A server of Python websockets that takes one origin, and clients from another."""
    modules = npm_install(scratch, WS)
    url = "ws://127.0.0.1:23016/live"
    server = websockets_server(23016, origins=["https://app.example"])
    with server as told, recording(target, [23016]):
        said = ws_client(modules, url, origin="https://other.example")
        said += websockets_client(url, origin="https://other.example")
    return said + told


def other_path(target: Path, scratch: Path) -> Said:
    """A server of ws that knows another path."""
    modules = npm_install(scratch, WS)
    server = ws_server(modules, 23030, "plain", path="/live/v2")
    with server as told, recording(target, [23030]):
        said = both(modules, "ws://127.0.0.1:23030/live")
    return said + told


def dead_backend(target: Path, scratch: Path) -> Said:
    """HAProxy before a port on which nobody listens."""
    modules = npm_install(scratch, WS)
    with haproxy(scratch, 23018, 23019) as log, recording(target, [23018, 23019]):
        said = both(modules, "ws://127.0.0.1:23018/live")
    return said + log


def refused(target: Path, scratch: Path) -> Said:
    """Nobody listens at all."""
    modules = npm_install(scratch, WS)
    with recording(target, [23020]):
        return both(modules, "ws://127.0.0.1:23020/live")


_PROXIED = "proxy_pass http://127.0.0.1:@BACKEND@; @UPGRADE@"
STORIES: dict[str, Callable[[Path, Path], Said]] = {
    "rejected-301": functools.partial(
        nginx_says, port=23010, locations=f"location /live/ {{ {_PROXIED} }}", backend=True
    ),
    "rejected-400": other_path,
    "rejected-401": functools.partial(
        nginx_says,
        port=23012,
        locations=f"location / {{ auth_basic live; auth_basic_user_file @SCRATCH@/users;"
        f" {_PROXIED} }}",
    ),
    "rejected-403": wrong_origin,
    "rejected-404": functools.partial(
        nginx_says,
        port=23014,
        locations=f"root /usr/share/nginx/html; location /ws {{ {_PROXIED} }}",
    ),
    "rejected-502": functools.partial(
        nginx_says, port=23022, locations=f"location / {{ {_PROXIED} }}"
    ),
    "rejected-503": dead_backend,
    "connection-refused": refused,
    "nginx-without-upgrade-ws": functools.partial(without_upgrade, port=23024, how="alone"),
    "nginx-without-upgrade-websockets": functools.partial(
        without_upgrade, port=23026, how="websockets"
    ),
    "nginx-without-upgrade-tornado": functools.partial(without_upgrade, port=23034, how="tornado"),
    "nginx-without-upgrade-http11": functools.partial(
        without_upgrade, port=23032, how="websockets", rules="proxy_http_version 1.1;"
    ),
    "nginx-without-upgrade-plain": functools.partial(without_upgrade, port=23028, how="plain"),
}
