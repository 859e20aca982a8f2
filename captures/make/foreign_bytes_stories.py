"""Stories of bytes that another hand put between the server's frames, or changed on the way."""

from __future__ import annotations

import functools
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from captures.make.node_processes import HERE, WS, node, record_pair
from captures.make.recording import Said, events, npm_install, recording

PORT, PROXY_PORT = 21010, 21011


def shared_socket(target: Path, scratch: Path, *, scenario: str, deflate: str) -> Said:
    """Something other than `ws` writes into its socket; scenarios stand in ticking_server.js."""
    return record_pair(
        target,
        npm_install(scratch, WS),
        ("ticking_server.js", PORT, scenario, deflate),
        ("ws_client.js", PORT, "/", deflate),
    )


def proxy(target: Path, scratch: Path, *, scenario: str, wrong: str, deflate: str) -> Said:
    """A TCP proxy does `wrong` (tcp_proxy.py) to what the server sends; both legs are recorded."""
    modules = npm_install(scratch, WS)
    with recording(target, [PROXY_PORT, PORT]):
        server = node("ticking_server.js", modules, PORT, scenario, deflate)
        script = [sys.executable, str(HERE / "tcp_proxy.py"), str(PROXY_PORT), str(PORT), wrong]
        between = subprocess.Popen(script, stdout=subprocess.PIPE, text=True)
        assert server.stdout is not None
        assert between.stdout is not None
        said = server.stdout.readline() + between.stdout.readline()
        client = node("ws_client.js", modules, PROXY_PORT, "/", deflate)
        said += client.communicate(timeout=30)[0]
        time.sleep(0.5)
        server.terminate()
        said += server.communicate(timeout=10)[0] + between.communicate(timeout=10)[0]
    return events(said)


STORIES: dict[str, Callable[[Path, Path], Said]] = {
    "proxy-502": functools.partial(proxy, scenario="ticks", wrong="502", deflate="plain"),
    "proxy-502-deflate": functools.partial(proxy, scenario="ticks", wrong="502", deflate="deflate"),
    "proxy-fin-cleared": functools.partial(proxy, scenario="pings", wrong="unfin", deflate="plain"),
}
for what in ("newline", "array", "json"):
    for deflate, ending in (("plain", ""), ("deflate", "-deflate")):
        STORIES[f"shared-socket-{what}{ending}"] = functools.partial(
            shared_socket, scenario=what, deflate=deflate
        )
