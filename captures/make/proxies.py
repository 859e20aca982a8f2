"""Starts nginx or HAProxy in front of a backend and hands back what they logged."""

from __future__ import annotations

import contextlib
import re
import subprocess
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from captures.make.recording import Said, need

HERE = Path(__file__).parent
UPGRADE = """proxy_http_version 1.1;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection "upgrade";"""
"""The three lines that WebSocket needs in nginx."""


@contextlib.contextmanager
def nginx(
    scratch: Path,
    listen: int | str,
    locations: str,
    main: str = "",
    *,
    host: str = "127.0.0.1",
    inside: Sequence[str] = (),
) -> Iterator[Said]:
    """nginx on `listen` with `locations`, `main` for the whole of it, perhaps `inside` a network
    namespace; when it has ended, the list holds its error log."""
    need("nginx")
    settings = scratch / "nginx.conf"
    values = {
        "SCRATCH": str(scratch),
        "LISTEN": f"{host}:{listen}",
        "LOCATIONS": locations,
        "MAIN": main,
    }
    _fill("nginx_proxy.conf", settings, values)
    command = [*inside, "nginx", "-p", str(scratch), "-c", str(settings), "-e", "stderr"]
    log: Said = []
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        time.sleep(0.4)
        yield log
    finally:
        process.terminate()
        # What stands after the comma are addresses and ports of the day.
        lines = process.communicate(timeout=10)[1]
        told = re.findall(r"#\d+: \*\d+ (.*?)(?:, client: .*)?$", lines, re.MULTILINE)
        log += [_logged("nginx", text) for text in told]


@contextlib.contextmanager
def haproxy(scratch: Path, listen: int, backend: int | str, timeouts: str = "") -> Iterator[Said]:
    """HAProxy on `listen` before `backend`; when it has ended, the list holds its log."""
    log: Said = []
    process = haproxy_process(scratch, listen, backend, timeouts)
    try:
        yield log
    finally:
        process.terminate()
        lines = process.communicate(timeout=10)[0].splitlines()
        log += [_logged("haproxy", line) for line in lines if line.startswith("127.0.0.1:")]


def haproxy_process(
    scratch: Path, listen: int, backend: int | str, timeouts: str = ""
) -> subprocess.Popen[str]:
    """The same for whoever ends it in a way of its own; its log is its standard output."""
    need("haproxy")
    settings = scratch / "haproxy.cfg"
    values = {"LISTEN": str(listen), "BACKEND": str(backend)}
    _fill("haproxy.cfg", settings, {**values, "TIMEOUTS": timeouts})
    command = ["haproxy", "-db", "-f", str(settings)]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    time.sleep(0.6)
    return process


def _fill(template: str, target: Path, values: dict[str, str]) -> None:
    text = (HERE / template).read_text()
    for name, value in values.items():
        text = text.replace(f"@{name}@", value)
    target.write_text(text)


def _logged(side: str, text: str) -> dict[str, Any]:
    return {"side": side, "event": "log", "text": text}
