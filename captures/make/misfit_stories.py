"""Stories of endpoints that do not fit: hand-written servers, and the wrong protocol on a port."""

from __future__ import annotations

import contextlib
import functools
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from captures.make.door_clients import WS, both, websockets_client, ws_client
from captures.make.door_servers import python_server, websockets_server, ws_server
from captures.make.proxies import haproxy, nginx
from captures.make.recording import Said, need, npm_install, recording


def misfit(target: Path, scratch: Path, *, port: int, how: str) -> Said:
    """`misfit_server.py`: first ws comes, then Python websockets."""
    modules = npm_install(scratch, WS)
    url = f"ws://127.0.0.1:{port}/"
    with (
        python_server("misfit_server.py", str(port), how) as told,
        recording(target, [port]),
    ):
        said = ws_client(modules, f"{url}ws", closeAfter=None)
        said += websockets_client(f"{url}websockets", listen=True)
    return said + told


def closed_by_application(target: Path, scratch: Path, *, port: int, library: str) -> Said:
    """The server's code closes with a code of its own, which the path names."""
    modules = npm_install(scratch, WS) if library == "ws" else scratch
    server = ws_server(modules, port) if library == "ws" else websockets_server(port)
    said: Said = []
    with server as told, recording(target, [port]):
        for code in (1008, 1011, 1013, 3000, 4000):
            url = f"ws://127.0.0.1:{port}/close-{code}"
            if library == "ws":
                visit = ws_client(modules, url, send=["hello"], closeAfter=None)
            else:
                visit = websockets_client(url, send=["hello"])
            said += [{**event, "path": f"/close-{code}"} for event in visit]
    return said + told


def torn_down(target: Path, scratch: Path, *, port: int) -> Said:
    """A server that accepts the upgrade and ends TCP at once."""
    modules = npm_install(scratch, WS)
    with ws_server(modules, port) as told, recording(target, [port]):
        said = both(modules, f"ws://127.0.0.1:{port}/at-once")
    return said + told


def tls_to_plain(target: Path, scratch: Path, *, port: int) -> Said:
    """wss:// to a port that speaks no TLS."""
    modules = npm_install(scratch, WS)
    with ws_server(modules, port) as told, recording(target, [port]):
        said = both(modules, f"wss://127.0.0.1:{port}/live")
    return said + told


def plain_to_tls(target: Path, scratch: Path, *, port: int) -> Said:
    """ws:// to a port of nginx that speaks TLS."""
    modules = npm_install(scratch, WS)
    need("openssl")
    key, certificate = scratch / "key.pem", scratch / "certificate.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30"]
    command += ["-subj", "/CN=localhost", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(command, check=True, capture_output=True, timeout=30)
    rules = (
        f"ssl_certificate {certificate}; ssl_certificate_key {key}; location / {{ return 204; }}"
    )
    with nginx(scratch, f"{port} ssl", rules) as log, recording(target, [port]):
        said = both(modules, f"ws://127.0.0.1:{port}/live")
    return said + log


def proxy_header(target: Path, scratch: Path, *, port: int) -> Said:
    """HAProxy with `send-proxy` before a server that expects no such header; both legs."""
    modules = npm_install(scratch, WS)
    proxy = haproxy(scratch, port, f"{port + 1} send-proxy")
    with ws_server(modules, port + 1) as told, proxy as log, recording(target, [port, port + 1]):
        said = both(modules, f"ws://127.0.0.1:{port}/live")
    return said + told + log


def to_ssh(target: Path, scratch: Path, *, port: int) -> Said:
    """The port is sshd's."""
    modules = npm_install(scratch, WS)
    with _sshd(scratch, port) as log, recording(target, [port]):
        said = both(modules, f"ws://127.0.0.1:{port}/live")
    return said + log


@contextlib.contextmanager
def _sshd(scratch: Path, port: int) -> Iterator[Said]:
    need("sshd")
    Path("/run/sshd").mkdir(exist_ok=True)  # it refuses to start without
    key = scratch / "host_key"
    command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)]
    subprocess.run(command, check=True, timeout=20)
    options = ["-o", "ListenAddress=127.0.0.1", "-o", "PidFile=none", "-f", "/dev/null"]
    command = ["/usr/sbin/sshd", "-D", "-e", "-p", str(port), "-h", str(key), *options]
    log: Said = []
    server = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        time.sleep(0.5)
        yield log
    finally:
        server.terminate()
        lines = server.communicate(timeout=10)[1].splitlines()
        wanted = [line for line in lines if "banner" in line or "kex" in line]
        log += [{"side": "sshd", "event": "log", "text": line} for line in wanted]


STORIES: dict[str, Callable[[Path, Path], Said]] = {
    "masked-server": functools.partial(misfit, port=25000, how="masked"),
    "length-in-characters": functools.partial(misfit, port=25001, how="characters"),
    "two-writers": functools.partial(misfit, port=25002, how="two-writers"),
    "compressed-unasked": functools.partial(misfit, port=25003, how="compressed"),
    "closed-by-application-ws": functools.partial(closed_by_application, port=25004, library="ws"),
    "closed-by-application-websockets": functools.partial(
        closed_by_application, port=25005, library="websockets"
    ),
    "torn-down-at-once": functools.partial(torn_down, port=25006),
    "tls-to-plain-port": functools.partial(tls_to_plain, port=25007),
    "plain-to-tls-port": functools.partial(plain_to_tls, port=25008),
    "proxy-header": functools.partial(proxy_header, port=25010),
    "ssh-port": functools.partial(to_ssh, port=25012),
}
