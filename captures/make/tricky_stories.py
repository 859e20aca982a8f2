"""Stories in which nothing is wrong although much looks unusual, and some without any WebSocket."""

from __future__ import annotations

import functools
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from captures.make.door_clients import WS, websockets_client
from captures.make.door_servers import HERE, websockets_server, ws_server
from captures.make.programs import pip_install
from captures.make.proxies import UPGRADE, nginx
from captures.make.recording import Said, events, need, npm_install, recording, recording_pcapng

CHROMIUM = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-sync "
    "--disable-background-networking --disable-component-update --enable-logging=stderr"
)


def keep_alive(target: Path, scratch: Path) -> Said:
    """Two plain requests go before the upgrade on the same connection."""
    modules = npm_install(scratch, WS)
    with ws_server(modules, 23060, "plain") as told, recording(target, [23060]):
        said = _run(["node", "agent_client.js", "23060", "keep-alive"], modules)
    return said + told


def retry_401(target: Path, scratch: Path) -> Said:
    """nginx asks for a password: 401, then the same request with it on the same connection."""
    modules = npm_install(scratch, WS)
    scratch.chmod(0o755)  # nginx's worker is another user
    (scratch / "users").write_text("reader:{PLAIN}secret\n")
    rules = f"auth_basic live; auth_basic_user_file {scratch}/users;"
    locations = f"location / {{ {rules} proxy_pass http://127.0.0.1:23062; {UPGRADE} }}"
    proxy = nginx(scratch, 23061, locations)
    with ws_server(modules, 23062) as told, proxy as log, recording(target, [23061]):
        said = _run(["node", "agent_client.js", "23061", "retry-401"], modules)
    return said + told + log


def in_one_process(
    target: Path,
    scratch: Path,
    *,
    port: int,
    command: Sequence[str],
    npm: Sequence[str] = (),
    pip: Sequence[str] = (),
) -> Said:
    """Server and client are one script that is given the port."""
    packages = npm_install(scratch, *npm) if npm else scratch
    if pip:
        packages = pip_install(scratch, *pip)
    with recording(target, [port]):
        return _run([*command[:2], str(port), *command[2:]], packages)


def h2c(target: Path, scratch: Path) -> Said:
    """curl --http2 asks for `Upgrade: h2c`; hypercorn answers 101 and goes on in HTTP/2."""
    need("curl")
    path = pip_install(scratch, "hypercorn==0.18.0")
    command = [sys.executable, "-m", "hypercorn", "--bind", "127.0.0.1:23068"]
    command += ["captures.make.h2c_app:app"]
    environment = {**os.environ, "PYTHONPATH": f"{path}:{HERE.parent.parent}"}
    server = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
    try:
        time.sleep(2)
        with recording(target, [23068]):
            curl = ["curl", "-s", "--http2", "-w", " %{http_version}", "http://127.0.0.1:23068/"]
            answer = subprocess.run(curl, capture_output=True, text=True, check=True, timeout=20)
    finally:
        server.terminate()
        server.wait(timeout=20)
    return [{"side": "client", "event": "response", "text": answer.stdout}]


def browser(target: Path, scratch: Path) -> Said:
    """Chromium opens a page that talks to ws and closes."""
    need("chromium")
    modules = npm_install(scratch, WS)
    page = scratch / "page.html"
    page.write_text((HERE / "browser.html").read_text().replace("@PORT@", "23069"))
    profile = f"--user-data-dir={scratch}/profile"
    command = ["chromium", *CHROMIUM.split(), profile, page.as_uri()]
    server = ws_server(modules, 23069, perMessageDeflate=True)
    with server as told, recording(target, [23069]):
        process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        time.sleep(5)
        process.terminate()
        log = process.communicate(timeout=20)[1]
    return [json.loads(line) for line in re.findall(r'CONSOLE.*?"({.*})", source', log)] + told


def seen_otherwise(
    target: Path, scratch: Path, *, port: int, interface: str = "lo", options: Sequence[str] = ()
) -> Said:
    """A plain conversation, captured in another way."""
    del scratch
    capture = recording(target, [port], interface=interface, options=options)
    with websockets_server(port) as told, capture:
        said = websockets_client(f"ws://127.0.0.1:{port}/live", send=["hello", "hello again"])
    return said + told


def pcapng(target: Path, scratch: Path) -> Said:
    """A plain conversation in pcapng; the target is `pcapng.pcapng`."""
    del scratch
    with websockets_server(23074) as told, recording_pcapng(target, [23074]):
        said = websockets_client("ws://127.0.0.1:23074/live", send=["hello", "hello again"])
    return said + told


def _run(command: Sequence[str], packages: Path) -> Said:
    """Runs a script beside this one, with what it needs on its paths; what it printed."""
    need(command[0])
    environment = {**os.environ, "NODE_PATH": str(packages), "PYTHONPATH": str(packages)}
    ran = subprocess.run(
        command,
        cwd=HERE,
        env=environment,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        timeout=60,
    )
    return events(ran.stdout)


STORIES: dict[str, Callable[[Path, Path], Said]] = {
    "keep-alive-then-upgrade": keep_alive,
    "retry-after-401": retry_401,
    "socket-io": functools.partial(
        in_one_process,
        port=23063,
        command=("node", "socket_io.js"),
        npm=("socket.io@4.8.4", "socket.io-client@4.8.4"),
    ),
    "aiohttp": functools.partial(
        in_one_process,
        port=23064,
        command=(sys.executable, "aiohttp_echo.py"),
        pip=("aiohttp==3.14.5",),
    ),
    "tornado": functools.partial(
        in_one_process,
        port=23065,
        command=(sys.executable, "tornado_echo.py"),
        pip=("tornado==6.6.1",),
    ),
    "chromium": browser,
    "plain-http": functools.partial(
        in_one_process, port=23066, command=("node", "plain_http.js", "requests")
    ),
    "server-sent-events": functools.partial(
        in_one_process, port=23067, command=("node", "plain_http.js", "events")
    ),
    "upgrade-h2c": h2c,
    "own-protocol": functools.partial(
        in_one_process, port=23073, command=(sys.executable, "own_protocol.py")
    ),
    "pcapng": pcapng,
    "interface-any": functools.partial(seen_otherwise, port=23070, interface="any"),
    "nanoseconds": functools.partial(
        seen_otherwise, port=23071, options=("--time-stamp-precision=nano",)
    ),
}
