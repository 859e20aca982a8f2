"""Records loopback traffic with tcpdump, and fetches what a story runs on into a scratch folder."""

from __future__ import annotations

import contextlib
import json
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, TypeAlias

Said: TypeAlias = list[dict[str, Any]]
"""What the endpoints of a story said, one object a line."""

GRACE = 0.7
"""Seconds after the last event in which late packets still arrive."""


@contextlib.contextmanager
def recording(
    target: Path,
    ports: list[int],
    *,
    interface: str = "lo",
    inside: Sequence[str] = (),
    options: Sequence[str] = (),
    only: str = "",
) -> Iterator[None]:
    """Everything to or from `ports` while the block runs, as a pcap: on loopback, or on an
    `interface` of the network namespace that the command `inside` enters; `options` are
    tcpdump's, and `only` goes before the ports in its filter."""
    need("tcpdump")
    expression = only + " or ".join(f"tcp port {port}" for port in ports)
    # In immediate mode the kernel keeps a slot of the snap length for every packet: the usual
    # buffer of 2 MiB holds eight of them, and a burst is lost.
    command = [*inside, "tcpdump", "--immediate-mode", "-U", "-B", "32768", "-i", interface]
    command += [*options, "-w", "-", expression]
    with target.open("wb") as out:
        tcpdump = subprocess.Popen(command, stdout=out, stderr=subprocess.PIPE, text=True)
        assert tcpdump.stderr is not None
        said = ""
        for line in tcpdump.stderr:
            said += line
            if "listening on" in line:
                break
        else:
            raise SystemExit(f"tcpdump did not start: {said.strip()}")
        try:
            yield
            time.sleep(GRACE)
        finally:
            tcpdump.send_signal(signal.SIGINT)
            said = tcpdump.communicate(timeout=10)[1]
            if re.search(r"[1-9]\d* packets dropped by kernel", said):
                raise SystemExit("the kernel dropped packets: record it again")


@contextlib.contextmanager
def recording_pcapng(target: Path, ports: list[int]) -> Iterator[None]:
    """The same on loopback with Wireshark's dumpcap, which writes pcapng."""
    need("dumpcap")
    expression = " or ".join(f"tcp port {port}" for port in ports)
    command = ["dumpcap", "-q", "-i", "lo", "-f", expression, "-w", str(target)]
    dumpcap = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert dumpcap.stderr is not None
    try:
        # It names the file once it captures.
        next(line for line in dumpcap.stderr if line.startswith("File:"))
        yield
        time.sleep(GRACE)
    finally:
        dumpcap.send_signal(signal.SIGINT)
        dumpcap.communicate(timeout=10)


def need(program: str) -> None:
    """Ends with the line that installs `program` where it is missing."""
    if shutil.which(program) is None:
        package = {"node": "nodejs", "npm": "npm", "dumpcap": "wireshark-common"}.get(
            program, program
        )
        raise SystemExit(f"{program} is missing; on Debian: apt-get install {package}")


def npm_install(scratch: Path, *packages: str) -> Path:
    """Installs `packages` (name@version) below `scratch`; returns the folder for NODE_PATH."""
    need("npm")
    folder = scratch / "-".join(packages).replace("@", "-").replace("/", "-")
    if folder.exists():
        return folder / "node_modules"
    folder.mkdir()
    (folder / "package.json").write_text('{"private": true}\n')
    command = ["npm", "install", "--no-audit", "--no-fund", "--loglevel=error", *packages]
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL, timeout=120)
    return folder / "node_modules"


def events(lines: str) -> Said:
    """What a script printed: one JSON object a line."""
    return [json.loads(line) for line in lines.splitlines() if line.startswith("{")]
