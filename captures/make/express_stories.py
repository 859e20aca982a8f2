"""Stories of upgrades that run through an Express route."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path

from captures.make.node_processes import WS, record_pair
from captures.make.recording import Said, npm_install

EXPRESS = "express@5.3.0"
PORT = 21000
REAL_TIMEOUT_PORT = 21001
"""Its own, so that others can be recorded in the two minutes it takes."""


def express(
    target: Path,
    scratch: Path,
    *,
    scenario: str,
    deflate: str,
    port: int = PORT,
    server_ws: str = WS,
    client: tuple[str, ...] = (),
) -> Said:
    """A client of `ws` against Express; the scenarios stand in express_server.js."""
    return record_pair(
        target,
        npm_install(scratch, server_ws, EXPRESS),
        ("express_server.js", port, scenario, deflate),
        ("ws_client.js", port, "/ws", deflate, *client),
        client_modules=npm_install(scratch, WS),
        seconds=150,
    )


STORIES: dict[str, Callable[[Path, Path], Said]] = {
    "express-dispatched": functools.partial(express, scenario="dispatched", deflate="deflate"),
    "express-dispatched-no-deflate": functools.partial(
        express, scenario="dispatched", deflate="plain"
    ),
    "express-dispatched-second-101": functools.partial(
        express, scenario="dispatched", deflate="plain", server_ws="ws@7.0.1"
    ),
    "express-route-unentered": functools.partial(express, scenario="unentered", deflate="plain"),
    "express-route-next": functools.partial(express, scenario="next", deflate="deflate"),
    "express-route-next-no-deflate": functools.partial(express, scenario="next", deflate="plain"),
    "express-route-send": functools.partial(express, scenario="send", deflate="deflate"),
    "express-route-send-no-deflate": functools.partial(express, scenario="send", deflate="plain"),
    "express-408": functools.partial(express, scenario="impatient", deflate="plain"),
    "express-408-deflate": functools.partial(express, scenario="impatient", deflate="deflate"),
    "express-408-spares-silent-client": functools.partial(
        express, scenario="unpinged", deflate="plain", client=("silent",)
    ),
    "express-408-after-60s": functools.partial(
        express, scenario="heartbeat", deflate="plain", port=REAL_TIMEOUT_PORT
    ),
}
