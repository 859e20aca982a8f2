"""Stories with a raw endpoint on one side: wrong answers to the handshake, and broken frames."""

from __future__ import annotations

import functools
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from captures.make.bad_handshakes import answers
from captures.make.door_clients import WS, websockets_client, ws_client
from captures.make.door_servers import (
    HERE,
    python_server,
    serving,
    websockets_server,
    ws_server,
)
from captures.make.recording import Said, events, npm_install, recording
from captures.make.unusual_endings import endings
from captures.make.violations import masked, unmasked, violations


def wrong_answer(target: Path, scratch: Path, *, port: int, how: str) -> Said:
    """A raw server answers wrongly, or never; first ws comes, then Python websockets."""
    modules = npm_install(scratch, WS)
    url = f"ws://127.0.0.1:{port}/live"
    is_choosing = how == "subprotocol"
    asked = {"protocols": ["chat.v1"]} if is_choosing else {}
    offered = {"subprotocols": ["chat.v1"]} if is_choosing else {}
    with python_server("door_raw_server.py", str(port), how) as told, recording(target, [port]):
        said = ws_client(modules, url, handshakeTimeout=3000, **asked)
        said += websockets_client(url, open_timeout=3, **offered)
    return said + told


def given_up(target: Path, scratch: Path, *, port: int) -> Said:
    """A raw server never answers. The program of a ws client calls terminate() after 2 s; Python
    websockets has its own timer, nobody sets it."""
    modules = npm_install(scratch, WS)
    url = f"ws://127.0.0.1:{port}/live"
    with (
        python_server("door_raw_server.py", str(port), "silent") as told,
        recording(target, [port]),
    ):
        said = ws_client(modules, url, terminateAfter=2000) + websockets_client(url)
    return said + told


OLD = "ws@7.4.6"
"""Up to 7.4 ws hangs up without a Close."""
FEW = ("rsv2", "mask", "length-high-bit", "bad-utf8", "close-999", "deflate-garbage")
"""A violation for each way in which it fails a connection."""


def violations_to_ws(
    target: Path, scratch: Path, *, port: int = 23050, version: str = WS, only: Sequence[str] = ()
) -> Said:
    """Every violation of `violations.py`, one connection each, against a server of ws."""
    modules = npm_install(scratch, version)
    server = ws_server(modules, port, perMessageDeflate=True)
    with server as told, recording(target, [port]):
        said = _violate(port, *only)
    return said + told


def violations_to_websockets(target: Path, scratch: Path) -> Said:
    """The same against a server of Python websockets."""
    del scratch
    with websockets_server(23051) as told, recording(target, [23051]):
        said = _violate(23051)
    return said + told


def violations_by_server(
    target: Path,
    scratch: Path,
    *,
    port: int,
    library: str,
    version: str = WS,
    only: Sequence[str] = (),
) -> Said:
    """The same violations by a raw server, against clients of ws or Python websockets."""
    modules = npm_install(scratch, version)
    said: Said = []
    environment = {**os.environ, "PYTHONPATH": str(HERE.parent.parent)}
    command = [sys.executable, str(HERE / "violating_server.py"), str(port)]
    with serving(command, environment) as told, recording(target, [port]):
        for name in only or [name for name, _ in violations(unmasked, masked)]:
            url = f"ws://127.0.0.1:{port}/{name}"
            if library == "ws":
                visit = ws_client(modules, url, closeAfter=None)
            else:
                visit = websockets_client(url, listen=True)
            said += [{**event, "path": f"/{name}"} for event in visit]
    return said + told


def endings_to_server(target: Path, scratch: Path, *, port: int, library: str) -> Said:
    """Every ending of `unusual_endings.py`, one connection each, against a server."""
    if library == "ws":
        modules = npm_install(scratch, WS)
        server = ws_server(modules, port, perMessageDeflate=True, maxPayload=1 << 20)
    else:
        server = websockets_server(port)
    with server as told, recording(target, [port]):
        said = _run("unusual_endings.py", "client", str(port))
    return said + told


def endings_by_server(target: Path, scratch: Path, *, port: int, library: str) -> Said:
    """The same endings by a raw server, against clients."""
    modules = npm_install(scratch, WS)
    said: Said = []
    with (
        python_server("unusual_endings.py", "server", str(port)) as told,
        recording(target, [port]),
    ):
        for name, steps in endings(unmasked):
            url, waits = f"ws://127.0.0.1:{port}/{name}", "wait" not in steps
            if library == "ws":
                close_after = None if waits else 300
                visit = ws_client(modules, url, closeAfter=close_after, maxPayload=1 << 20)
            else:
                visit = websockets_client(url, listen=waits)
            said += [{**event, "path": f"/{name}"} for event in visit]
    return said + told


def handshakes_to_server(target: Path, scratch: Path, *, port: int, library: str) -> Said:
    """Every request of `bad_handshakes.py`, one connection each."""
    if library == "ws":
        server = ws_server(npm_install(scratch, WS), port, perMessageDeflate=True)
    else:
        server = websockets_server(port)
    with server as told, recording(target, [port]):
        said = _run("bad_handshakes.py", "client", str(port))
    return said + told


def handshakes_by_server(target: Path, scratch: Path, *, port: int, library: str) -> Said:
    """Every answer of `bad_handshakes.py`, to a client each."""
    modules = npm_install(scratch, WS)
    said: Said = []
    with python_server("bad_handshakes.py", "server", str(port)) as told, recording(target, [port]):
        for name, *_ in answers():
            url, offer = f"ws://127.0.0.1:{port}/{name}", ["chat.v1", "chat.v2"]
            if name != "subprotocols-two":
                offer = []
            if library == "ws":
                visit = ws_client(modules, url, protocols=offer, closeAfter=100)
            else:
                visit = websockets_client(url, subprotocols=offer or None)
            said += [{**event, "path": f"/{name}"} for event in visit]
    return said + told


def _violate(port: int, *only: str) -> Said:
    return _run("violating_client.py", str(port), *only)


def _run(script: str, *arguments: str) -> Said:
    command = [sys.executable, str(HERE / script), *arguments]
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
    "handshake-given-up": functools.partial(given_up, port=26484),
    "violations-to-ws": violations_to_ws,
    "violations-to-ws7": functools.partial(violations_to_ws, port=26482, version=OLD, only=FEW),
    "violations-to-ws7-client": functools.partial(
        violations_by_server, port=26483, library="ws", version=OLD, only=FEW
    ),
    "violations-to-websockets": violations_to_websockets,
    "violations-to-ws-client": functools.partial(violations_by_server, port=23052, library="ws"),
    "violations-to-websockets-client": functools.partial(
        violations_by_server, port=23053, library="websockets"
    ),
    "handshakes-to-ws": functools.partial(handshakes_to_server, port=23044, library="ws"),
    "handshakes-to-websockets": functools.partial(
        handshakes_to_server, port=23045, library="websockets"
    ),
    "handshakes-to-ws-client": functools.partial(handshakes_by_server, port=23046, library="ws"),
    "handshakes-to-websockets-client": functools.partial(
        handshakes_by_server, port=23047, library="websockets"
    ),
    "endings-to-ws": functools.partial(endings_to_server, port=23054, library="ws"),
    "endings-to-websockets": functools.partial(endings_to_server, port=23055, library="websockets"),
    "endings-to-ws-client": functools.partial(endings_by_server, port=23056, library="ws"),
    "endings-to-websockets-client": functools.partial(
        endings_by_server, port=23057, library="websockets"
    ),
}
