"""Stories of two WebSocket servers that both hear 'upgrade' of one HTTP server."""

from __future__ import annotations

import functools
import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from captures.make.recording import Said, events, need, npm_install, recording

HERE = Path(__file__).parent
NODE_PORT = 18080


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
    "double-upgrade-second-101-ws6": functools.partial(
        double_upgrade, scenario="same-path", server_ws="6.2.3"
    ),
}
