"""`python -m bench.frames [FRAMES ...]`: what a frame costs in a connection of so many frames.

Small texts of both sides, a packet each, in one connection. The cost of a frame and the peak memory
should be the same for 10 000 frames and for 10 000 000 (1.3 GB, written and deleted again). The
time to start the program is taken off.
"""

from __future__ import annotations

import sys
from pathlib import Path

from bench.make import OUT
from bench.messages import TEXT, frame, upgrade
from bench.run import WSDEBUG, cost
from bench.wire import Tcp, Trace

USUAL = (10_000, 100_000, 1_000_000)


def write(path: Path, frames: int) -> None:
    """One connection with so many frames."""
    with path.open("wb", buffering=1 << 20) as out:
        trace = Trace(out, 1)
        rng, tcp = trace.rng, Tcp(trace, 0)
        request, response = upgrade(rng)
        tcp.open()
        tcp.send(tcp.client, request)
        tcp.send(tcp.server, response)
        for number in range(0, frames, 2):
            text = b'{"id":%d,"method":"price"}' % number
            tcp.send(tcp.client, frame(TEXT, text, rng.getrandbits(32)))
            tcp.send(tcp.server, frame(TEXT, b'{"id":%d,"bid":1.0%d}' % (number, number)))
        tcp.acknowledge(tcp.client)
        tcp.close()


def main() -> None:
    """A line for each number of frames."""
    OUT.mkdir(exist_ok=True)
    path = OUT / "frames.pcap"
    write(path, 2)
    start = min(cost([*WSDEBUG, str(path)]).cpu for _ in range(3))
    print(f"{'frames':>12} {'a frame':>10} {'memory':>10}   start {start:.2f} s")
    for frames in [int(argument) for argument in sys.argv[1:]] or USUAL:
        write(path, frames)
        ours = cost([*WSDEBUG, str(path)])
        each = (ours.cpu - start) / frames * 1e6
        print(f"{frames:>12,} {each:>7.2f} us {ours.peak >> 20:>6} MiB", flush=True)
    path.unlink()


if __name__ == "__main__":
    main()
