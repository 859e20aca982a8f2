"""Short connections with permessage-deflate, most of them long enough after the first of their kind
that it is known by then how those go."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path

from captures.make.programs import HERE, Program, pause, pip_install, python, serving
from captures.make.recording import Said, npm_install, recording

WEBSOCKETS, WS = "websockets==17.4", "ws@8.23.0"
SETTLED = 6.0
"""Seconds: what ended 5 s ago is known to have ended well."""


def compressed(target: Path, scratch: Path, *, port: int) -> Said:
    """To one server of Python websockets come clients of websockets with its defaults, others that
    give the context up after each message, and `ws`: one of each, and later four of each."""
    path, modules = pip_install(scratch, WEBSOCKETS), npm_install(scratch, WS)
    address = ("127.0.0.1", str(port))
    said: Said = []
    with recording(target, [port]):
        arguments = (*address, "echo", '{"ping_interval": null}')
        with serving(path, "pywebsockets_server.py", *arguments) as server:
            for count in ("1", "4"):
                said += python(path, "short_clients.py", str(port), count).end()
                command = ["node", str(HERE / "short_ws_clients.js"), str(port), count]
                said += Program(command, modules).end()
                if count == "1":
                    pause(SETTLED)
        said += server.end()
    return said


STORIES: dict[str, Callable[[Path, Path], Said]] = {
    "short-compressed": functools.partial(compressed, port=22060),
}
