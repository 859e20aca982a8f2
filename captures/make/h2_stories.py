"""WebSockets over HTTP/2 (RFC 8441), two on one connection, without TLS and with it."""

from __future__ import annotations

import functools
import json
import re
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from captures.make.node_processes import WS, node, record_pair
from captures.make.programs import HERE, pip_install
from captures.make.recording import Said, events, need, npm_install, recording
from captures.make.tls_ends import Papers, environment, node_program
from captures.make.tricky_stories import CHROMIUM

PORT, FRONT = 18990, 18991
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
  bind 127.0.0.1:{front} proto h2
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


def hypercorn(target: Path, scratch: Path) -> Said:
    """hypercorn by prior knowledge; the client is Node."""
    path = pip_install(scratch, *HYPERCORN)
    modules = npm_install(scratch, WS)
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
        client = node("h2_ws_client.js", modules, PORT, "close", "/a", "/b")
        said = client.communicate(timeout=30)[0]
        server.terminate()
        server.communicate(timeout=10)
    return events(said)


def haproxy(target: Path, scratch: Path) -> Said:
    """HAProxy takes HTTP/2 and speaks HTTP/1.1 to ws; it ends a silent tunnel after 3 s."""
    need("haproxy")
    modules = npm_install(scratch, WS)
    config = scratch / "haproxy.cfg"
    config.write_text(HAPROXY.format(front=FRONT, back=PORT))
    with recording(target, [FRONT, PORT]):
        server = node("h1_echo_server.js", modules, PORT)
        assert server.stdout is not None
        said = server.stdout.readline()
        proxy = subprocess.Popen(["haproxy", "-q", "-f", str(config)], stderr=subprocess.DEVNULL)
        client = node("h2_ws_client.js", modules, FRONT, "quiet", "/a", "/b")
        said += client.communicate(timeout=30)[0]
        for each in (proxy, server):
            each.terminate()
        said += server.communicate(timeout=10)[0]
        proxy.wait(timeout=10)
    return events(said)


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
    "h2c-haproxy": haproxy,
    "h2-two-streams": functools.partial(secure, port=18992, act="echo"),
    "h2-goaway": functools.partial(secure, port=18993, act="goaway"),
    "h2-chromium": functools.partial(browser, port=18994),
}
"""Kept in `captures/http2/`: their truths are told by stream."""
