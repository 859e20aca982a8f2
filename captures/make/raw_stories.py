"""Stories with a raw endpoint on one side: wrong answers to the handshake, and broken frames."""

from __future__ import annotations

import functools
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from captures.make.door_clients import WS, websockets_client, ws_client
from captures.make.door_servers import (
    HERE,
    python_server,
    serving,
    websockets_server,
    ws_server,
)
from captures.make.recording import Said, events, npm_install, recording
from captures.make.violations import masked, unmasked, violations


def wrong_answer(target: Path, scratch: Path, *, port: int, how: str) -> Said:
    """A raw server answers wrongly, or never; first ws comes, then Python websockets."""
    modules = npm_install(scratch, WS)
    url = f"ws://127.0.0.1:{port}/live"
    asked = {"protocols": ["chat.v1"]} if how == "subprotocol" else {}
    offered = {"subprotocols": ["chat.v1"]} if how == "subprotocol" else {}
    with python_server("door_raw_server.py", str(port), how) as told, recording(target, [port]):
        said = ws_client(modules, url, handshakeTimeout=3000, **asked)
        said += websockets_client(url, open_timeout=3, **offered)
    return said + told


def violations_to_ws(target: Path, scratch: Path) -> Said:
    """Every violation of `violations.py`, one connection each, against a server of ws."""
    modules = npm_install(scratch, WS)
    server = ws_server(modules, 23050, perMessageDeflate=True)
    with server as told, recording(target, [23050]):
        said = _violate(23050)
    return said + told


def violations_to_websockets(target: Path, scratch: Path) -> Said:
    """The same against a server of Python websockets."""
    del scratch
    with websockets_server(23051) as told, recording(target, [23051]):
        said = _violate(23051)
    return said + told


def violations_by_server(target: Path, scratch: Path, *, port: int, library: str) -> Said:
    """The same violations by a raw server, against clients of ws or Python websockets."""
    modules = npm_install(scratch, WS)
    said: Said = []
    environment = {**os.environ, "PYTHONPATH": str(HERE.parent.parent)}
    command = [sys.executable, str(HERE / "violating_server.py"), str(port)]
    with serving(command, environment) as told, recording(target, [port]):
        for name, _ in violations(unmasked, masked):
            url = f"ws://127.0.0.1:{port}/{name}"
            if library == "ws":
                visit = ws_client(modules, url, closeAfter=None)
            else:
                visit = websockets_client(url, listen=True)
            said += [{**event, "path": f"/{name}"} for event in visit]
    return said + told


def _violate(port: int) -> Said:
    command = [sys.executable, str(HERE / "violating_client.py"), str(port)]
    environment = {**os.environ, "PYTHONPATH": str(HERE.parent.parent)}
    ran = subprocess.run(
        command, env=environment, check=True, stdout=subprocess.PIPE, text=True, timeout=120
    )
    return events(ran.stdout)


STORIES: dict[str, Callable[[Path, Path], Said]] = {
    "wrong-accept": functools.partial(wrong_answer, port=23040, how="accept"),
    "subprotocol-not-offered": functools.partial(wrong_answer, port=23041, how="subprotocol"),
    "extension-not-offered": functools.partial(wrong_answer, port=23042, how="extension"),
    "handshake-unanswered": functools.partial(wrong_answer, port=23043, how="silent"),
    "violations-to-ws": violations_to_ws,
    "violations-to-websockets": violations_to_websockets,
    "violations-to-ws-client": functools.partial(violations_by_server, port=23052, library="ws"),
    "violations-to-websockets-client": functools.partial(
        violations_by_server, port=23053, library="websockets"
    ),
}
