"""A protocol: its ports, the server that speaks it, the clients that talk to it, their versions."""

from __future__ import annotations

import contextlib
import shlex
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import NamedTuple, TypeAlias

from captures.make.recording import need

HOST = "127.0.0.1"
START = 40
"""Seconds a server may take to listen."""

Serve: TypeAlias = Callable[[Path], AbstractContextManager[None]]
Talk: TypeAlias = Callable[[Path, int], None]


class Protocol(NamedTuple):
    """`talk(scratch, size)` makes the clients move about `size` bytes; `versions` are commands
    whose first line of output names software and version."""

    ports: Sequence[int]
    serve: Serve
    talk: Talk
    versions: Sequence[str]


def run(command: str, *, given: bytes | None = None, **places: object) -> bytes:
    """Runs a client to its end; `{name}` in `command` stands for one of `places`."""
    words = [word.format(**places) for word in shlex.split(command)]
    need(words[0])
    done = subprocess.run(
        words, input=given, capture_output=True, timeout=300, check=False,
        stdin=subprocess.DEVNULL if given is None else None,
    )  # fmt: skip
    if done.returncode:
        raise SystemExit(f"{shlex.join(words)}: {done.stderr.decode(errors='replace')[-800:]}")
    return done.stdout


@contextlib.contextmanager
def server(command: str, port: int, **places: object) -> Iterator[None]:
    """Runs a server during the block, from when it listens on `port`."""
    words = [word.format(**places) for word in shlex.split(command)]
    need(words[0])
    process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)  # fmt: skip
    try:
        wait_for(port, process)
        yield
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_for(port: int, process: subprocess.Popen[bytes] | None = None) -> None:
    """Waits until somebody listens on `port`."""
    deadline = time.monotonic() + START
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection((HOST, port), 1):
            return
        if process is not None and process.poll() is not None:
            raise SystemExit(f"the server for port {port} ended at once: {process.args!r}")
        time.sleep(0.1)
    raise SystemExit(f"nobody listens on port {port}")


def rounds(size: int, each: int) -> range:
    """As many times as pieces of `each` bytes make `size`, once at least."""
    return range(max(1, size // each))
