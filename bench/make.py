"""`python -m bench.make [NAME ...] [--scale 0.1]`: writes the four captures of the benchmark.

chat     200 connections, small JSON messages both ways, a few pings and binaries
bulk     4 connections, large messages, as MSS segments and as 64 KiB offload packets
many     50 000 short connections
deflate  40 connections with permessage-deflate and context takeover

All of it is legal and healthy: wsdebug must find no error and no warning in them. The same seed
gives the same bytes.
"""

from __future__ import annotations

import argparse
import itertools
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple, TypeAlias

from bench.messages import BINARY, CLOSE, PING, PONG, TEXT, Deflater, frame, quote, upgrade
from bench.wire import SUPER, Tcp, Trace

Life: TypeAlias = Iterator[None]
"""A connection being written; it yields where another connection may go on."""

OUT = Path(__file__).parent / "out"
NORMAL_CLOSURE = (1000).to_bytes(2, "big")


def chat(trace: Trace, number: int, exchanges: int) -> Life:
    """A small question and a small answer, each acknowledged on its own."""
    rng, tcp = trace.rng, Tcp(trace, number)
    pool = [quote(rng, rng.randint(80, 480)) for _ in range(40)]
    yield from _open(tcp)
    for exchange in range(exchanges):
        _exchange(tcp, pool, exchange)
        yield
    _close(tcp)


def _exchange(tcp: Tcp, pool: list[bytes], exchange: int) -> None:
    """Every 50th is a ping and its pong, every 20th is binary."""
    rng = tcp.trace.rng
    if exchange % 50 == 49:
        echo = rng.randbytes(4)
        asked, answered = frame(PING, echo), frame(PONG, echo, rng.getrandbits(32))
        sides = [(tcp.server, asked, tcp.client), (tcp.client, answered, tcp.server)]
    else:
        opcode = BINARY if exchange % 20 == 19 else TEXT
        question = frame(opcode, rng.choice(pool), rng.getrandbits(32))
        answer = frame(opcode, rng.choice(pool))
        sides = [(tcp.client, question, tcp.server), (tcp.server, answer, tcp.client)]
    for sender, data, receiver in sides:
        tcp.send(sender, data)
        tcp.acknowledge(receiver)


def bulk(trace: Trace, number: int, messages: int) -> Life:
    """Large messages; odd connections were captured behind segmentation offload."""
    tcp = Tcp(trace, number, SUPER) if number & 1 else Tcp(trace, number)
    down = [frame(BINARY, trace.rng.randbytes(1 << 20)), frame(TEXT, quote(trace.rng, 300_000))]
    big = trace.rng.randbytes(1 << 18)
    up = [frame(BINARY, big, trace.rng.getrandbits(32)) for _ in range(8)]
    yield from _open(tcp)
    for message in range(messages):
        if message % 4 == 3:
            tcp.send(tcp.client, up[message // 4 % len(up)])
            tcp.acknowledge(tcp.server)
        else:
            tcp.send(tcp.server, down[message % 4 == 1])
            tcp.acknowledge(tcp.client)
        yield
    _close(tcp)


def many(trace: Trace, number: int, exchanges: int) -> Life:
    """Opened, a few messages, closed."""
    rng, tcp = trace.rng, Tcp(trace, number)
    yield from _open(tcp)
    for exchange in range(exchanges):
        text = b'{"id":%d,"method":"price","params":["EURUSD"]}' % exchange
        tcp.send(tcp.client, frame(TEXT, text, rng.getrandbits(32)))
        tcp.send(tcp.server, frame(TEXT, b'{"id":%d,"result":1.0%d}' % (exchange, number)))
        tcp.acknowledge(tcp.client)
        yield
    _close(tcp)


def deflate(trace: Trace, number: int, exchanges: int) -> Life:
    """Compressed JSON both ways; each side keeps its window between messages."""
    rng, tcp = trace.rng, Tcp(trace, number)
    shrink = {tcp.client: Deflater(), tcp.server: Deflater()}
    yield from _open(tcp, "permessage-deflate")
    for _ in range(exchanges):
        for sender, receiver in ((tcp.client, tcp.server), (tcp.server, tcp.client)):
            size = rng.randint(100, 600) if sender is tcp.client else rng.randint(300, 3000)
            key = rng.getrandbits(32) if sender is tcp.client else None
            payload = shrink[sender](quote(rng, size))
            tcp.send(sender, frame(TEXT, payload, key, first=0xC0))
            tcp.acknowledge(receiver)
        yield
    _close(tcp)


def _open(tcp: Tcp, extension: str = "") -> Life:
    request, response = upgrade(tcp.trace.rng, extension)
    tcp.open()
    tcp.send(tcp.client, request)
    tcp.acknowledge(tcp.server)
    tcp.send(tcp.server, response)
    tcp.acknowledge(tcp.client)
    yield


def _close(tcp: Tcp) -> None:
    """The close handshake of RFC 6455 7, then TCP's."""
    tcp.send(tcp.client, frame(CLOSE, NORMAL_CLOSURE, tcp.trace.rng.getrandbits(32)))
    tcp.acknowledge(tcp.server)
    tcp.send(tcp.server, frame(CLOSE, NORMAL_CLOSURE))
    tcp.acknowledge(tcp.client)
    tcp.close()


class Scenario(NamedTuple):
    """What is written: how many connections, how many exchanges each, how many open at a time."""

    life: Callable[[Trace, int, int], Life]
    connections: int
    exchanges: int
    at_once: int
    scales: str
    """Which of the two figures `--scale` shrinks."""


SCENARIOS = {
    "chat": Scenario(chat, 200, 1_250, 200, "exchanges"),
    "bulk": Scenario(bulk, 4, 356, 4, "exchanges"),
    "many": Scenario(many, 50_000, 3, 50, "connections"),
    "deflate": Scenario(deflate, 40, 1_890, 40, "exchanges"),
}


def make(name: str, path: Path, scale: float = 1.0, seed: int = 1, **others: int) -> int:
    """Writes one capture and returns how many packets it has. `others`: of `connections` and
    `exchanges` another number.
    """
    scenario = SCENARIOS[name]
    size = {"connections": scenario.connections, "exchanges": scenario.exchanges}
    size[scenario.scales] = max(2, round(size[scenario.scales] * scale))
    size |= others
    with path.open("wb", buffering=1 << 20) as out:
        trace = Trace(out, seed)
        numbers = iter(range(size["connections"]))
        lives = (scenario.life(trace, number, size["exchanges"]) for number in numbers)
        _interleave(trace, lives, scenario.at_once, trace.rng)
    return trace.packets


def _interleave(trace: Trace, lives: Iterator[Life], at_once: int, rng: random.Random) -> None:
    """Lets a random one of the open connections go on, until all are over."""
    active = list(itertools.islice(lives, at_once))
    while active:
        chosen = rng.randrange(len(active))
        trace.pass_time(rng.randint(50, 1_500))
        if next(active[chosen], trace) is trace:
            following = next(lives, None)
            if following is None:
                active[chosen] = active[-1]
                active.pop()
            else:
                active[chosen] = following


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m bench.make", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("names", nargs="*", metavar="NAME", help="which ones; all without a name")
    parser.add_argument("--scale", type=float, default=1.0, help="0.1 makes a tenth")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    unknown = set(arguments.names) - set(SCENARIOS)
    if unknown:
        parser.error(f"no such capture: {', '.join(sorted(unknown))}")
    OUT.mkdir(exist_ok=True)
    for name in arguments.names or SCENARIOS:
        path = OUT / f"{name}.pcap"
        packets = make(name, path, arguments.scale, arguments.seed)
        print(f"{path.name}: {packets:,} packets, {path.stat().st_size / 1e6:,.0f} MB")


if __name__ == "__main__":
    main()
