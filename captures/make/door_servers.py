"""The servers behind every door: ws and Python websockets, and a raw one that may do anything."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from captures.make.recording import Said, events

HERE = Path(__file__).parent


@contextlib.contextmanager
def ws_server(modules: Path, port: int, how: str = "alone", **options: Any) -> Iterator[Said]:
    """A server of ws; when it has ended, the list holds what it was told."""
    command = ["node", str(HERE / "door_ws_server.js"), str(port), how, json.dumps(options)]
    with serving(command, {**os.environ, "NODE_PATH": str(modules)}) as told:
        yield told


@contextlib.contextmanager
def websockets_server(port: int, **options: Any) -> Iterator[Said]:
    """A server of Python websockets; when it has ended, the list holds what it was told."""
    with python_server("door_websockets_server.py", str(port), json.dumps(options)) as told:
        yield told


@contextlib.contextmanager
def python_server(script: str, *arguments: str, path: Path | None = None) -> Iterator[Said]:
    """Any script beside this one that prints a line once it listens; its packages are at `path`."""
    environment = {**os.environ, "PYTHONPATH": str(path or HERE.parent.parent)}
    with serving([sys.executable, str(HERE / script), *arguments], environment) as told:
        yield told


@contextlib.contextmanager
def serving(command: list[str], environment: dict[str, str]) -> Iterator[Said]:
    """Runs a server that prints a line once it listens, and ends it with SIGTERM."""
    told: Said = []
    server = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    try:
        server.stdout.readline()
        yield told
    finally:
        server.terminate()
        told += events(server.communicate(timeout=20)[0])
