"""Stories of a client that does not mask its frames."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from captures.make.node_processes import WS, node, record_pair
from captures.make.recording import Said, events, npm_install, recording

PORT = 21020
HEALTHY = 12


def unmasked(target: Path, scratch: Path) -> Said:
    """One such client against a server that listens to 'error'."""
    return record_pair(
        target,
        npm_install(scratch, WS),
        ("ticking_server.js", PORT, "ticks", "plain"),
        ("unmasked_client.js", PORT, 0),
    )


def unmasked_kills_server(target: Path, scratch: Path) -> Said:
    """Twelve healthy clients, and then one that does not mask; nobody listens to 'error'."""
    modules = npm_install(scratch, WS)
    with recording(target, [PORT]):
        server = node("ticking_server.js", modules, PORT, "forever", "plain")
        assert server.stdout is not None
        said = server.stdout.readline()
        crowd = node("ws_clients.js", modules, PORT, HEALTHY)
        assert crowd.stdout is not None
        said += crowd.stdout.readline()
        time.sleep(0.5)
        culprit = node("unmasked_client.js", modules, PORT, HEALTHY)
        said += culprit.communicate(timeout=30)[0]
        said += crowd.communicate(timeout=10)[0] + server.communicate(timeout=10)[0]
    return events(said)


STORIES: dict[str, Callable[[Path, Path], Said]] = {
    "unmasked-client": unmasked,
    "unmasked-client-kills-server": unmasked_kills_server,
}
