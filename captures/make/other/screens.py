"""X11 (Xvfb) and VNC (TigerVNC)."""

from __future__ import annotations

import contextlib
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from captures.make.other.running import HOST, Protocol, rounds, run, server

_DRAW = "x11perf -repeat 1 -time 1 -reps {times} -display {display} -{what}"
_KINDS = ("putimage100", "ftext", "rect100", "seg10", "getimage100", "noop", "prop", "create")


@contextlib.contextmanager
def _xvfb(_: Path) -> Iterator[None]:
    with server("Xvfb :7 -listen tcp -ac -screen 0 800x600x24", 6007):
        yield


def _x11(_: Path, size: int) -> None:
    for _ in rounds(size, 14_000_000):
        for what in _KINDS:
            run(_DRAW, what=what, times=30, display=f"{HOST}:7")
        with subprocess.Popen(["xclock", "-update", "1", "-display", f"{HOST}:7"]) as clock:
            time.sleep(2)
            clock.terminate()


@contextlib.contextmanager
def _vnc(_: Path) -> Iterator[None]:
    command = "Xtigervnc :8 -SecurityTypes None -rfbport 5908 -geometry 800x600 -ac"
    with server(command, 5908), server("Xvfb :7 -listen tcp -ac -screen 0 900x700x24", 6007):
        yield


def _viewer(_: Path, size: int) -> None:
    command = ["xtigervncviewer", "-display", f"{HOST}:7", f"{HOST}::5908"]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as viewer:
        time.sleep(2)
        for _ in rounds(size, 20_000):
            for what in ("ftext", "seg100", "rect100", "putimage500", "circle100"):
                run(_DRAW, what=what, times=50, display=":8")
        viewer.terminate()


PROTOCOLS = {
    "x11": Protocol([6007], _xvfb, _x11, ("dpkg-query -W xvfb",)),
    "vnc": Protocol([5908], _vnc, _viewer, ("dpkg-query -W tigervnc-standalone-server",)),
}
