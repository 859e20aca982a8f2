"""The stories: each runs real software once and leaves a capture and what its endpoints said."""

from __future__ import annotations

import functools
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

from captures.make.recording import events, need, npm_install, recording

HERE = Path(__file__).parent
NODE_PORT, NGINX_PORT, BACKEND_PORT = 18080, 18081, 18082
Said: TypeAlias = list[dict[str, Any]]


def double_upgrade(target: Path, scratch: Path, *, scenario: str, server_ws: str) -> Said:
    """Two `ws` servers on one HTTP server; the client runs on ws 8.23.0."""
    need("node")
    server_modules = npm_install(scratch, f"ws@{server_ws}")
    client_modules = server_modules if server_ws == "8.23.0" else npm_install(scratch, "ws@8.23.0")
    with recording(target, [NODE_PORT]):
        server = _node("double_upgrade_server.js", server_modules, scenario)
        assert server.stdout is not None
        said = server.stdout.readline()
        client = _node("double_upgrade_client.js", client_modules, scenario)
        said += client.communicate(timeout=30)[0]
        time.sleep(0.5)
        server.terminate()
        said += server.communicate(timeout=10)[0]
    return events(said)


def _node(script: str, modules: Path, scenario: str) -> subprocess.Popen[str]:
    command = ["node", str(HERE / script), str(NODE_PORT), scenario]
    return subprocess.Popen(
        command, env={**os.environ, "NODE_PATH": str(modules)}, stdout=subprocess.PIPE, text=True
    )


def nginx_idle(target: Path, scratch: Path) -> Said:
    """nginx with `proxy_read_timeout 3s` between a client and a server of Python websockets;
    both legs are recorded. Nobody pings, so nginx cuts the silence after 3 s."""
    need("nginx")
    settings = (HERE / "nginx_idle.conf").read_text()
    for name, value in {"SCRATCH": scratch, "LISTEN": NGINX_PORT, "BACKEND": BACKEND_PORT}.items():
        settings = settings.replace(f"@{name}@", str(value))
    (scratch / "nginx.conf").write_text(settings)
    command = ["nginx", "-p", str(scratch), "-c", str(scratch / "nginx.conf"), "-e", "stderr"]
    nginx = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        with recording(target, [NGINX_PORT, BACKEND_PORT]):
            script = [
                sys.executable,
                str(HERE / "nginx_idle.py"),
                str(NGINX_PORT),
                str(BACKEND_PORT),
            ]
            ran = subprocess.run(script, check=True, capture_output=True, text=True, timeout=30)
    finally:
        nginx.terminate()
        log = nginx.communicate(timeout=10)[1]
    timed_out = [line for line in log.splitlines() if "timed out" in line]
    return events(ran.stdout) + [{"side": "nginx", "event": "log", "text": t} for t in timed_out]


STORIES: dict[str, Callable[[Path, Path], Said]] = {
    "double-upgrade": functools.partial(
        double_upgrade, scenario="other-path-deflate", server_ws="8.23.0"
    ),
    "double-upgrade-no-deflate": functools.partial(
        double_upgrade, scenario="other-path", server_ws="8.23.0"
    ),
    "double-upgrade-second-101": functools.partial(
        double_upgrade, scenario="same-path", server_ws="7.0.1"
    ),
    "nginx-idle": nginx_idle,
}
