"""The two clients that are sent to every door: ws and Python websockets."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from captures.make.recording import Said, events

HERE = Path(__file__).parent
WS = "ws@8.23.0"


def ws_client(modules: Path, url: str, **options: Any) -> Said:
    """What a client of ws is told."""
    command = ["node", str(HERE / "door_ws_client.js"), url, json.dumps(options)]
    return _run("ws", command, {**os.environ, "NODE_PATH": str(modules)})


def websockets_client(url: str, **options: Any) -> Said:
    """What a client of Python websockets is told."""
    command = [sys.executable, str(HERE / "door_websockets_client.py"), url, json.dumps(options)]
    return _run("websockets", command, dict(os.environ))


def both(modules: Path, url: str) -> Said:
    """First ws, then Python websockets."""
    return ws_client(modules, url) + websockets_client(url)


def _run(library: str, command: list[str], environment: dict[str, str]) -> Said:
    ran = subprocess.run(
        command, env=environment, check=True, stdout=subprocess.PIPE, text=True, timeout=60
    )
    return [{**event, "library": library} for event in events(ran.stdout)]
