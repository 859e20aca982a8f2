"""Stories of the network between the endpoints: what it loses, forges, and what a capture lacks."""

from __future__ import annotations

import functools
import json
import subprocess
from collections.abc import Callable
from pathlib import Path

from captures.make.lossy_link import SERVER, Cable, cable
from captures.make.programs import pause, pip_install, python, serving
from captures.make.recording import Said, need, recording
from captures.make.trunk import Trunk

WEBSOCKETS, UVICORN, SCAPY = "websockets==17.4", "uvicorn==0.54.0", "scapy==2.8.0"
SERVE, VISIT, CHAT = "pywebsockets_server.py", "pywebsockets_client.py", "chatting_client.py"
NO_PINGS = json.dumps({"ping_interval": None, "compression": None})


def between(
    target: Path, scratch: Path, *, port: int, count: int, kind: type[Cable], only: str = ""
) -> Said:
    """Many messages over a cable that loses 5 %, delays and doubles (recorded at the server), or
    over a trunk that tags; `only` is what tcpdump must be told to find the port there."""
    path = pip_install(scratch, WEBSOCKETS)
    with cable(f"l{port}", kind) as line:
        with recording(target, [port], interface=line.interface, inside=line.inside, only=only):
            arguments = (SERVE, SERVER, str(port), "echo", NO_PINGS)
            with serving(path, *arguments, inside=line.server) as server:
                uri = f"ws://{SERVER}:{port}/live"
                said = python(path, CHAT, uri, str(count), inside=line.client).end()
                pause(2)
            said += server.end()
        return [*said, {"side": "cable", "event": "carried", **line.counts}]


def reset_by_third(target: Path, scratch: Path, *, port: int, ttl: int) -> Said:
    """The server tells prices; after the third a RST comes with a TTL of its own."""
    path = pip_install(scratch, WEBSOCKETS, SCAPY)
    with recording(target, [port]):
        with serving(path, "price_server.py", str(port)) as server:
            # The 101, then three prices.
            third = python(path, "inject_rst.py", str(port), "4", str(ttl))
            third.wait_for("listening")
            said = python(path, VISIT, f"ws://127.0.0.1:{port}/live", "greeted", NO_PINGS).end()
            server.wait_for("close")
            pause()
        return said + server.end() + third.end()[1:]


def uvicorn(target: Path, scratch: Path, *, port: int) -> Said:
    """Two echoes of uvicorn, the client closes."""
    path = pip_install(scratch, WEBSOCKETS, UVICORN)
    with recording(target, [port]):
        with serving(path, "uvicorn_app.py", str(port)) as server:
            uri = f"ws://127.0.0.1:{port}/live"
            said = python(path, VISIT, uri, "close", NO_PINGS).end()
            pause()
        return said + server.end()


def incomplete(
    target: Path,
    scratch: Path,
    *,
    port: int,
    late: bool = False,
    options: tuple[str, ...] = (),
    without: str = "",
) -> Said:
    """A healthy conversation of 30 messages, of which the capture does not have everything:
    begun `late`, tcpdump's `options`, or `without` some packets (as editcap counts them)."""
    path = pip_install(scratch, WEBSOCKETS)
    capture = recording(target, [port], options=options)
    with serving(path, SERVE, "127.0.0.1", str(port), "echo", NO_PINGS) as server:
        if not late:
            capture.__enter__()
        client = python(path, CHAT, f"ws://127.0.0.1:{port}/live", "30")
        client.wait_for("talking")
        if late:
            capture.__enter__()
        said = client.end()
        capture.__exit__(None, None, None)
    if without:
        need("editcap")
        whole = target.rename(scratch / "whole.pcap")
        command = ["editcap", "-F", "pcap", str(whole), str(target), *without.split()]
        subprocess.run(command, check=True, timeout=20)
    return said + server.end()


STORIES: dict[str, Callable[[Path, Path], Said]] = {
    "lossy-heals": functools.partial(between, port=24000, count=150, kind=Cable),
    "vlan": functools.partial(between, port=24003, count=3, kind=Trunk, only="vlan 42 and "),
    "rst-foreign-ttl": functools.partial(reset_by_third, port=24001, ttl=37),
    "uvicorn": functools.partial(uvicorn, port=24002),
}

OPEN: dict[str, Callable[[Path, Path], Said]] = {
    "snap-length-96": functools.partial(incomplete, port=24010, options=("-s", "96")),
    "begun-in-the-middle": functools.partial(incomplete, port=24011, late=True),
    "with-holes": functools.partial(incomplete, port=24012, without="20 21 40-43 60"),
}
"""Recorded for later: nothing but what is healthy in them is compared yet."""
