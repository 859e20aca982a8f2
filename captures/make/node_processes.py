"""Runs the Node scripts of this folder: one server, then one client, both saying what they see."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

from captures.make.recording import Said, events, need, recording

HERE = Path(__file__).parent
WS = "ws@8.23.0"
"""The version of `ws` that stories run on unless they name another."""


def node(script: str, modules: Path, *arguments: object) -> subprocess.Popen[str]:
    """Starts a script of this folder with `modules` to require from; as in production, so that
    error pages carry no stack and with it no path of this machine."""
    need("node")
    return subprocess.Popen(
        ["node", str(HERE / script), *map(str, arguments)],
        env={**os.environ, "NODE_PATH": str(modules), "NODE_ENV": "production"},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )


def record_pair(
    target: Path,
    modules: Path,
    server: tuple[object, ...],
    client: tuple[object, ...],
    *,
    client_modules: Path | None = None,
    seconds: float = 30,
) -> Said:
    """Records a server and a client, each (script, port, argument…); the client ends the story,
    within `seconds`, and may have modules of its own."""
    with recording(target, [int(str(server[1]))]):
        serving = node(str(server[0]), modules, *server[1:])
        assert serving.stdout is not None
        said = serving.stdout.readline()
        talking = node(str(client[0]), client_modules or modules, *client[1:])
        said += talking.communicate(timeout=seconds)[0]
        time.sleep(0.5)
        serving.terminate()
        said += serving.communicate(timeout=10)[0]
    return events(said)
