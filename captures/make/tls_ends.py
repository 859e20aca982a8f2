"""Certificates and key logs of the stories over TLS, and Node and Python at either end."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from captures.make.programs import HERE, Program
from captures.make.recording import need


class Papers:
    """A throw-away certificate with its key, and the key log beside a capture."""

    def __init__(self, target: Path, scratch: Path) -> None:
        need("openssl")
        self.key, self.certificate = str(scratch / "key.pem"), str(scratch / "certificate.pem")
        self.log = target.with_suffix(".keys")
        self.log.unlink(missing_ok=True)
        command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt"]
        command += ["ec_paramgen_curve:prime256v1", "-nodes", "-days", "30"]
        command += ["-subj", "/CN=live.example", "-keyout", self.key, "-out", self.certificate]
        subprocess.run(command, check=True, capture_output=True, timeout=30)
        Path(self.key).chmod(0o644)

    def node(self, *, server: dict[str, Any] | None = None, client: dict[str, Any] | None = None,
             log: bool = False) -> dict[str, str]:  # fmt: skip
        """The environment in which a Node script runs over TLS (`over_tls.js`)."""
        both: dict[str, Any] = {}
        if server is not None:
            both["server"] = {"key": self.key, "cert": self.certificate, **server}
        if client is not None:
            both["client"] = client
        options = f"-r {HERE / 'over_tls.js'}" + (f" --tls-keylog={self.log}" if log else "")
        return {"NODE_OPTIONS": options, "OVER_TLS": json.dumps(both)}

    def sorted_log(self) -> None:
        """One session's lines together, each once: both ends may have written them."""
        lines = dict.fromkeys(self.log.read_text().splitlines())
        kept = [line for line in lines if line and not line.startswith("#")]
        self.log.write_text("".join(f"{line}\n" for line in kept))


@contextlib.contextmanager
def environment(more: dict[str, str]) -> Iterator[None]:
    """What runs in the block inherits `more`."""
    before = dict(os.environ)
    os.environ.update(more)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def node_program(
    modules: Path, script: str, *arguments: str, more: dict[str, str] | None = None
) -> Program:
    """Starts a Node script of this folder."""
    with environment(more or {}):
        return Program(["node", str(HERE / script), *arguments], modules)


def python_client(url: str, log: Path | str, **options: Any) -> Program:
    """A client of Python websockets over TLS."""
    script = str(HERE / "tls_websockets.py")
    command = [sys.executable, script, "client", url, str(log), json.dumps(options)]
    return Program(command, HERE.parent.parent)


@contextlib.contextmanager
def python_server(
    papers: Papers, port: int, host: str = "127.0.0.1", inside: tuple[str, ...] = (), **options: Any
) -> Iterator[Program]:
    """A server of Python websockets over TLS, which writes the key log."""
    script = str(HERE / "tls_websockets.py")
    command = [sys.executable, script, "server", host, str(port), papers.certificate, papers.key]
    command += [str(papers.log), json.dumps(options)]
    server = Program(command, HERE.parent.parent, inside)
    try:
        server.wait_for("listening")
        yield server
    finally:
        server.stop()
