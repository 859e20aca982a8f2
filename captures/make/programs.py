"""Runs Python and Node programs of the stories, and fetches the Python packages they need."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from captures.make.recording import Said, events

HERE = Path(__file__).parent


def pip_install(scratch: Path, *packages: str) -> Path:
    """Installs `packages` (name==version) below `scratch`; returns the folder for PYTHONPATH."""
    folder = scratch / "python"
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--target", str(folder)]
    command += ["--disable-pip-version-check", "--root-user-action=ignore", *packages]
    subprocess.run(
        command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=120
    )
    return folder


class Program:
    """A program of a story; `said` is what it has printed so far."""

    def __init__(self, command: Sequence[str], path: Path, inside: Sequence[str] = ()) -> None:
        """`path` is where its packages are, `inside` what enters a network namespace."""
        environment = {**os.environ, "PYTHONPATH": str(path), "NODE_PATH": str(path)}
        self._process = subprocess.Popen(
            [*inside, *command], env=environment, stdout=subprocess.PIPE, text=True
        )
        self._lines: list[str] = []
        self._ended = False

    def wait_for(self, event: str, count: int = 1) -> None:
        """Reads until it has said `event` `count` times."""
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.append(line)
            if line.startswith("{") and json.loads(line)["event"] == event:
                count -= 1
                if not count:
                    return
        raise SystemExit(f"ended before it said {event!r}: {''.join(self._lines)}")

    def kill(self) -> None:
        """SIGKILL: the kernel closes its sockets, nothing is said."""
        self._process.kill()

    def signal(self, number: int) -> None:
        """Any signal."""
        self._process.send_signal(number)

    def stop(self, timeout: float = 20) -> Said:
        """SIGTERM (once it runs still), and all that it said."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
        return self.end(timeout)

    def end(self, timeout: float = 60) -> Said:
        """Waits for its end; all that it said."""
        if self._ended:
            return events("".join(self._lines))
        self._ended = True
        try:
            self._lines.append(self._process.communicate(timeout=timeout)[0])
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._lines.append(self._process.communicate()[0])
        return events("".join(self._lines))


def python(path: Path, script: str, *arguments: str, inside: Sequence[str] = ()) -> Program:
    """Starts a script that stands beside this file."""
    return Program([sys.executable, str(HERE / script), *arguments], path, inside)


@contextlib.contextmanager
def serving(
    path: Path, script: str, *arguments: str, inside: Sequence[str] = ()
) -> Iterator[Program]:
    """A server that says `listening`, stopped after the block unless it was by then."""
    server = python(path, script, *arguments, inside=inside)
    try:
        server.wait_for("listening")
        yield server
    finally:
        server.stop()


def pause(seconds: float = 0.3) -> None:
    """Lets the packets of one step pass before the next."""
    time.sleep(seconds)
