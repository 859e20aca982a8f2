"""Stories of proxies that end an idle connection; both legs are recorded."""

from __future__ import annotations

import functools
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from captures.make.programs import pause, python
from captures.make.proxies import HERE, UPGRADE, haproxy, haproxy_process, nginx
from captures.make.recording import Said, events, recording


def nginx_idle(
    target: Path, scratch: Path, *, listen: int, limit: str = "", pause: float = 0.5
) -> Said:
    """nginx between a client and a server of Python websockets. Nobody pings, so nginx cuts the
    silence after `limit`, or after its own `proxy_read_timeout` of 60 s."""
    locations = f"location / {{ proxy_pass http://127.0.0.1:{listen + 1}; {UPGRADE} {limit} }}"
    with nginx(scratch, listen, locations) as log, recording(target, [listen, listen + 1]):
        said = _fall_silent(listen, listen + 1, pause)
    return said + [line for line in log if "timed out" in line["text"]]


def haproxy_idle(target: Path, scratch: Path, *, listen: int, limit: str) -> Said:
    """The same with HAProxy in http mode and `timeout tunnel`."""
    proxy = haproxy(scratch, listen, listen + 1, f"timeout tunnel {limit}")
    with proxy as log, recording(target, [listen, listen + 1]):
        said = _fall_silent(listen, listen + 1)
    return said + log


def haproxy_killed(target: Path, scratch: Path, *, listen: int, after: float) -> Said:
    """SIGKILL for HAProxy when nobody has spoken for `after` seconds; its own limit is far away."""
    proxy = haproxy_process(scratch, listen, listen + 1, "timeout tunnel 60s")
    with recording(target, [listen, listen + 1]):
        ends = python(scratch, "nginx_idle.py", str(listen), str(listen + 1))
        ends.wait_for("message", 3)
        pause(after)
        proxy.kill()
        said = ends.end()
    proxy.communicate(timeout=10)
    return said


def _fall_silent(proxy: int, backend: int, pause: float = 0.5) -> Said:
    """Three messages through the proxy, then nobody speaks or pings."""
    script = [sys.executable, str(HERE / "nginx_idle.py"), str(proxy), str(backend), str(pause)]
    ran = subprocess.run(script, check=True, capture_output=True, text=True, timeout=120)
    return events(ran.stdout)


STORIES: dict[str, Callable[[Path, Path], Said]] = {
    "nginx-idle": functools.partial(nginx_idle, listen=18081, limit="proxy_read_timeout 3s;"),
    "nginx-idle-early": functools.partial(
        nginx_idle, listen=23008, limit="proxy_read_timeout 3s;", pause=0.08
    ),
    "nginx-idle-60s": functools.partial(nginx_idle, listen=23002),
    "haproxy-idle": functools.partial(haproxy_idle, listen=23004, limit="3s"),
    "haproxy-idle-60s": functools.partial(haproxy_idle, listen=23006, limit="60s"),
    "haproxy-killed": functools.partial(haproxy_killed, listen=26480, after=4),
}
