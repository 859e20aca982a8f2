"""Stories of proxies that end a connection."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from captures.make.recording import Said, events, need, recording

HERE = Path(__file__).parent
NGINX_PORT, BACKEND_PORT = 18081, 18082


def nginx_idle(target: Path, scratch: Path) -> Said:
    """nginx with `proxy_read_timeout 3s` between a client and a server of Python websockets;
    both legs are recorded. Nobody pings, so nginx cuts the silence after 3 s."""
    need("nginx")
    settings = (HERE / "nginx_idle.conf").read_text()
    for name, value in {"SCRATCH": scratch, "LISTEN": NGINX_PORT, "BACKEND": BACKEND_PORT}.items():
        settings = settings.replace(f"@{name}@", str(value))
    (scratch / "nginx.conf").write_text(settings)
    command = ["nginx", "-p", str(scratch), "-c", str(scratch / "nginx.conf"), "-e", "stderr"]
    nginx = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        with recording(target, [NGINX_PORT, BACKEND_PORT]):
            script = [
                sys.executable,
                str(HERE / "nginx_idle.py"),
                str(NGINX_PORT),
                str(BACKEND_PORT),
            ]
            ran = subprocess.run(script, check=True, capture_output=True, text=True, timeout=30)
    finally:
        nginx.terminate()
        log = nginx.communicate(timeout=10)[1]
    timed_out = [line for line in log.splitlines() if "timed out" in line]
    return events(ran.stdout) + [{"side": "nginx", "event": "log", "text": t} for t in timed_out]


STORIES: dict[str, Callable[[Path, Path], Said]] = {"nginx-idle": nginx_idle}
