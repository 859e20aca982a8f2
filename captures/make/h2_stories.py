"""WebSockets over HTTP/2 (RFC 8441), two on one connection, without TLS and with it."""

from __future__ import annotations

import functools
import json
import re
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from captures.make.node_processes import WS, node, record_pair
from captures.make.programs import HERE, Program, pip_install
from captures.make.recording import Said, events, need, npm_install, recording
from captures.make.tls_ends import Papers, environment, node_program
from captures.make.tricky_stories import CHROMIUM

PORT, FRONT = 18990, 18991
Env: TypeAlias = dict[str, str]
HYPERCORN = ("hypercorn==0.18.0", "wsproto")
HAPROXY = """
global
  maxconn 100
defaults
  mode http
  timeout connect 2s
  timeout client 5s
  timeout server 5s
  timeout tunnel 3s
frontend front
  bind 127.0.0.1:{front} {how}
  default_backend back
backend back
  server one 127.0.0.1:{back}
"""


def node_pair(target: Path, scratch: Path, *, act: str, paths: tuple[str, ...]) -> Said:
    """Node's http2 and ws on both ends."""
    word = "close" if act in ("echo", "disabled") else "act"
    modules = npm_install(scratch, WS)
    return record_pair(
        target,
        modules,
        ("h2_ws_server.js", PORT, act),
        ("h2_ws_client.js", PORT, word, *paths),
    )


def hypercorn(target: Path, scratch: Path, *, act: str = "") -> Said:
    """hypercorn by prior knowledge; the client is Node, or with an `act` Python's `h2`."""
    path = pip_install(scratch, *HYPERCORN)
    command = ["-m", "hypercorn", "--bind", f"127.0.0.1:{PORT}", "h2_echo_app:app"]
    with recording(target, [PORT]):
        server = subprocess.Popen(
            ["python3", *command],
            cwd=HERE,
            env={"PYTHONPATH": str(path), "PATH": "/usr/bin:/bin"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert server.stderr is not None
        server.stderr.readline()
        if act:
            said = Program(["python3", str(HERE / "h2_client.py"), str(PORT), act], path).end()
        else:
            modules = npm_install(scratch, WS)
            client = node("h2_ws_client.js", modules, PORT, "close", "/a", "/b")
            said = events(client.communicate(timeout=30)[0])
        server.terminate()
        server.communicate(timeout=10)
    return said


def haproxy(target: Path, scratch: Path) -> Said:
    """HAProxy takes HTTP/2 and speaks HTTP/1.1 to ws; it ends a silent tunnel after 3 s."""
    need("haproxy")
    config = scratch / "haproxy.cfg"
    config.write_text(HAPROXY.format(front=FRONT, back=PORT, how="proto h2"))
    return between(target, scratch, ["haproxy", "-q", "-f", str(config)], word="quiet")


def haproxy_tls(target: Path, scratch: Path) -> Said:
    """The same with TLS in front."""
    need("haproxy")
    papers = Papers(target, scratch)
    both, config = scratch / "both.pem", scratch / "haproxy.cfg"
    both.write_text(Path(papers.certificate).read_text() + Path(papers.key).read_text())
    how = f"ssl crt {both} alpn h2"
    config.write_text(HAPROXY.format(front=FRONT, back=PORT, how=how))
    more = {"OVER_TLS": "true", "NODE_OPTIONS": f"--tls-keylog={papers.log}"}
    command = ["haproxy", "-q", "-f", str(config)]
    said = between(target, scratch, command, word="quiet", more=more)
    papers.sorted_log()
    return said


def nghttpx(target: Path, scratch: Path) -> Said:
    """nghttpx does the same; each WebSocket is closed by the client."""
    need("nghttpx")
    command = ["nghttpx", "--conf=/dev/null", f"--frontend=127.0.0.1,{FRONT};no-tls"]
    return between(target, scratch, [*command, f"--backend=127.0.0.1,{PORT}"], word="close")


def between(
    target: Path,
    scratch: Path,
    command: list[str],
    *,
    word: str,
    more: dict[str, str] | None = None,
) -> Said:
    """A proxy between Node over HTTP/2 and `ws` over HTTP/1.1."""
    modules = npm_install(scratch, WS)
    with recording(target, [FRONT, PORT]):
        server = node_program(modules, "h1_echo_server.js", str(PORT))
        server.wait_for("listening")
        proxy = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        time.sleep(1)
        arguments = ("h2_ws_client.js", str(FRONT), word, "/a", "/b")
        said = node_program(modules, *arguments, more=more or {}).end()
        proxy.terminate()
        said += server.stop()
        proxy.wait(timeout=10)
    return said


def secure(target: Path, scratch: Path, *, port: int, act: str) -> Said:
    """Node's http2 and ws on both ends over TLS, with the server's key log beside it."""
    word = "close" if act == "echo" else "act"
    modules, papers = npm_install(scratch, WS), Papers(target, scratch)
    more = {"OVER_TLS": json.dumps({"key": papers.key, "cert": papers.certificate})}
    with recording(target, [port]):
        log = {"NODE_OPTIONS": f"--tls-keylog={papers.log}", **more}
        server = node_program(modules, "h2_ws_server.js", str(port), act, more=log)
        server.wait_for("listening")
        client = node_program(modules, "h2_ws_client.js", str(port), word, "/a", "/b", more=more)
        said = client.end()
    papers.sorted_log()
    return said + server.stop()


def browser(target: Path, scratch: Path, *, port: int) -> Said:
    """Chromium opens a page over HTTP/2, whose two WebSockets go on the same connection."""
    need("chromium")
    modules, papers = npm_install(scratch, WS), Papers(target, scratch)
    more = {"OVER_TLS": json.dumps({"key": papers.key, "cert": papers.certificate})}
    more["BROWSER_PAGE"] = str(HERE / "browser_h2.html")
    server = node_program(modules, "h2_ws_server.js", str(port), "echo", more=more)
    server.wait_for("listening")
    command = ["chromium", *CHROMIUM.split(), "--ignore-certificate-errors"]
    command += [f"--user-data-dir={scratch}/profile", f"https://localhost:{port}/"]
    with recording(target, [port]), environment({"SSLKEYLOGFILE": str(papers.log)}):
        process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        time.sleep(6)
        process.terminate()
        log = process.communicate(timeout=20)[1]
    papers.sorted_log()
    told = [json.loads(line) for line in re.findall(r'CONSOLE.*?"({.*})", source', log)]
    return told + server.stop()


STORIES: dict[str, Callable[[Path, Path], Said]] = {
    "h2c-two-streams": functools.partial(node_pair, act="echo", paths=("/a", "/b")),
    "h2c-refused": functools.partial(node_pair, act="echo", paths=("/a", "/forbidden")),
    "h2c-stream-reset": functools.partial(node_pair, act="reset", paths=("/a", "/b")),
    "h2c-goaway": functools.partial(node_pair, act="goaway", paths=("/a", "/b")),
    "h2c-drained": functools.partial(node_pair, act="drain", paths=("/a", "/b")),
    "h2c-ended": functools.partial(node_pair, act="end", paths=("/a", "/b")),
    "h2c-raw-bytes": functools.partial(node_pair, act="raw", paths=("/a", "/b")),
    "h2c-not-enabled": functools.partial(node_pair, act="disabled", paths=("/a",)),
    "h2c-hypercorn": hypercorn,
    "h2c-stall": functools.partial(hypercorn, act="stall"),
    "h2c-beside": functools.partial(hypercorn, act="beside"),
    "h2c-haproxy": haproxy,
    "h2c-nghttpx": nghttpx,
    "h2-haproxy": haproxy_tls,
    "h2-two-streams": functools.partial(secure, port=18992, act="echo"),
    "h2-goaway": functools.partial(secure, port=18993, act="goaway"),
    "h2-chromium": functools.partial(browser, port=18994),
}
"""Kept in `captures/http2/`: their truths are told by stream."""
