"""`python -m bench.run [NAME ...]`: CPU seconds and peak memory of wsdebug and of tshark.

Both read the same captures (`python -m bench.make` writes them) in the same run, one after the
other, each in a process of its own. Figures are of the process and its children as the kernel
counts them; the ratio is tshark's CPU time to wsdebug's. wsdebug runs as it does once installed:
its modules were turned into bytecode before, whatever PYTHONDONTWRITEBYTECODE says here.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from bench.make import OUT, SCENARIOS

START = "import sys; from wsdebug.cli import main; sys.exit(main())"
WSDEBUG = [sys.executable, "-c", START, "read", "--format", "json"]
TSHARK = ["tshark", "-n", "-Y", "websocket", "-T", "fields"]
FIELDS = ["-e", "frame.number", "-e", "websocket.opcode"]


class Cost(NamedTuple):
    """What one run took."""

    cpu: float
    """Seconds, user and system."""
    peak: int
    """Resident memory at its most, in bytes."""
    status: int


def cost(command: list[str]) -> Cost:
    """Runs `command`, its output thrown away, and asks the kernel what it took."""
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    # Linux counts ru_maxrss in KiB, macOS in bytes.
    unit = 1 if sys.platform == "darwin" else 1024
    return Cost(usage.ru_utime + usage.ru_stime, usage.ru_maxrss * unit, child.returncode)


def compare(path: Path) -> str:
    """One row of the table."""
    ours = cost([*WSDEBUG, str(path)])
    theirs = cost([*TSHARK, "-r", str(path), *FIELDS])
    faults = [
        f"  {name} exited with {run.status}"
        for name, run in (("wsdebug", ours), ("tshark", theirs))
        if run.status
    ]
    return (
        f"{path.stem:<8} {path.stat().st_size / 1e6:>6.0f} MB"
        f" {ours.cpu:>9.2f} s {ours.peak >> 20:>6} MiB"
        f" {theirs.cpu:>9.2f} s {theirs.peak >> 20:>6} MiB"
        f" {theirs.cpu / ours.cpu:>6.1f} x {theirs.peak / ours.peak:>6.1f} x" + "".join(faults)
    )


def _size(path: Path) -> int:
    return path.stat().st_size


def main() -> None:
    """The table, a row a capture."""
    names = sys.argv[1:] or list(SCENARIOS)
    missing = [name for name in names if not (OUT / f"{name}.pcap").exists()]
    if missing:
        raise SystemExit(f"first: python -m bench.make {' '.join(missing)}")
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ["PYTHONPYCACHEPREFIX"] = str(OUT / "bytecode")
    cost([*WSDEBUG, str(min((OUT / f"{name}.pcap" for name in names), key=_size))])
    print(f"{'':<8} {'size':>9} {'wsdebug':>22} {'tshark':>22} {'CPU':>8} {'memory':>8}")
    for name in names:
        print(compare(OUT / f"{name}.pcap"), flush=True)


if __name__ == "__main__":
    main()
