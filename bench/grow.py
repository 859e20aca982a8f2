"""`python -m bench.grow [PART ...]`: how cost grows, and what it begins with.

connections  CPU time of each of 1 000, 10 000 and 100 000 short connections, start-up left out
frames       CPU time of each of 10 000 to 10 000 000 frames of one connection (4.5 GB on disk)
memory       peak memory at 10 %, 30 % and 100 % of each capture of `bench.make`
start        CPU time and peak memory of `--help` and of a capture of two connections

Captures are written to a temporary folder and removed again.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from bench.make import SCENARIOS, make
from bench.run import START, WSDEBUG, cost

COUNTS = (1_000, 10_000, 100_000)
FRAMES = (10_000, 100_000, 1_000_000, 10_000_000)
SHARES = (0.1, 0.3, 1.0)
RUNS = 3
"""Of what takes a moment; the least is shown."""


def connections(folder: Path) -> None:
    """A row a count."""
    begin = least(folder, 2)
    for count in COUNTS:
        path = folder / f"{count}.pcap"
        make("many", path, count / SCENARIOS["many"].connections)
        run = cost([*WSDEBUG, str(path)])
        each = (run.cpu - begin) / count * 1e6
        print(f"{count:>7,} connections {run.cpu:>8.2f} s {each:>8.1f} us each", flush=True)
        path.unlink()


def least(folder: Path, count: int) -> float:
    """CPU seconds of a capture of so few connections that starting is all there is."""
    path = folder / "few.pcap"
    make("many", path, count / SCENARIOS["many"].connections)
    return min(cost([*WSDEBUG, str(path)]).cpu for _ in range(RUNS))


def frames(folder: Path) -> None:
    """A row a count."""
    begin, path = least(folder, 2), folder / "frames.pcap"
    for count in FRAMES:
        make("chat", path, connections=1, exchanges=count // 2)  # an exchange is two of them
        run = cost([*WSDEBUG, str(path)])
        each = (run.cpu - begin) / count * 1e6
        print(
            f"{count:>10,} frames {run.cpu:>8.2f} s {each:>8.2f} us each {run.peak >> 20:>6} MiB",
            flush=True,
        )
        path.unlink()


def memory(folder: Path) -> None:
    """A row a capture, a column a share of it."""
    print(f"{'':<8}" + "".join(f"{share:>10.0%}" for share in SHARES))
    for name in SCENARIOS:
        peaks = []
        for share in SHARES:
            path = folder / f"{name}.pcap"
            make(name, path, share)
            peaks.append(cost([*WSDEBUG, str(path)]).peak)
            path.unlink()
        print(f"{name:<8}" + "".join(f"{peak >> 20:>6} MiB" for peak in peaks), flush=True)


def start(folder: Path) -> None:
    """A row a command."""
    path = folder / "two.pcap"
    make("many", path, 2 / SCENARIOS["many"].connections)
    for command in ([WSDEBUG[0], "-c", START, "--help"], [*WSDEBUG, str(path)]):
        runs = [cost(command) for _ in range(RUNS)]
        name = " ".join(command[3:4])
        print(f"{name:<8} {min(run.cpu for run in runs):>6.2f} s {runs[0].peak >> 20:>4} MiB")


PARTS = {"connections": connections, "frames": frames, "memory": memory, "start": start}


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m bench.grow", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("parts", nargs="*", metavar="PART", help="which ones; all without a name")
    parts = parser.parse_args().parts or list(PARTS)
    unknown = set(parts) - set(PARTS)
    if unknown:
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    with tempfile.TemporaryDirectory() as folder:
        for part in parts:
            PARTS[part](Path(folder))


if __name__ == "__main__":
    main()
