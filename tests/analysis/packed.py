"""Short connections with permessage-deflate, made byte by byte."""

from __future__ import annotations

import random
import zlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from bench.messages import BINARY, CLOSE, PING, TEXT, frame, upgrade
from bench.wire import ACK, FIN, Tcp, Trace

Said: TypeAlias = Sequence[tuple[str, bytes]]
"""What each side ("client", "server") says: frames without a mask."""

DEFLATE = "permessage-deflate"
RESETS = f"{DEFLATE}; server_no_context_takeover; client_no_context_takeover"
NARROW = f"{DEFLATE}; server_max_window_bits=10; client_max_window_bits=10"
LATER = -1
"""What ended by then is known to have ended well."""
WORDS = (b'{"price":', b"Z\xc3\xbcrich ", b"[1, 2, 3]", b"hello", b" world", b"}")


class Packer:
    """permessage-deflate of one side (RFC 7692 7.2.1)."""

    def __init__(self, *, resets: bool = False, bits: int = 15) -> None:
        self._resets, self._bits = resets, bits
        self._context: Any = None

    def __call__(self, text: bytes, flush: int = zlib.Z_SYNC_FLUSH) -> bytes:
        """The payload of a compressed message."""
        if self._context is None or self._resets:
            self._context = zlib.compressobj(6, zlib.DEFLATED, -self._bits)
        packed: bytes = self._context.compress(text) + self._context.flush(flush)
        return packed.removesuffix(b"\x00\x00\xff\xff")


def packed(payload: bytes, opcode: int = TEXT, first: int = 0xC0) -> bytes:
    """A frame with that compressed payload."""
    return frame(opcode, payload, first=first)


def life(tcp: Tcp, extension: str, said: Said, end: str = "") -> Iterator[None]:
    """One connection to its clean end; the client closes. `end`: "no Close", "no FIN", or "late",
    where a FIN comes again.
    """
    rng = tcp.trace.rng
    request, response = upgrade(rng, extension)
    tcp.open()
    for side, data in (("client", request), ("server", response)):
        tell(tcp, side, data)
        yield
    for side, data in said:
        tell(tcp, side, masked(rng, data) if side == "client" else data)
        yield
    if end != "no Close":
        goodbye = (1000).to_bytes(2)
        tell(tcp, "client", frame(CLOSE, goodbye, rng.getrandbits(32)))
        tell(tcp, "server", frame(CLOSE, goodbye))
    if end != "no FIN":
        tcp.close()
    if end == "late":
        yield
        tcp.client.sent -= 1
        tcp._packet(tcp.client, tcp.server, FIN | ACK)


def tell(tcp: Tcp, side: str, data: bytes) -> None:
    """A segment and its acknowledgement."""
    sender, receiver = (tcp.client, tcp.server) if side == "client" else (tcp.server, tcp.client)
    tcp.send(sender, data)
    tcp.acknowledge(receiver)


def masked(rng: random.Random, data: bytes) -> bytes:
    """Frames of fewer than 65 536 bytes, each with a key of its own."""
    found = b""
    while data:
        start = 4 if data[1] == 126 else 2
        size = int.from_bytes(data[2:4]) if start == 4 else data[1]
        body = data[start : start + size]
        found += frame(data[0] & 15, body, rng.getrandbits(32), first=data[0] & 0xF0)
        data = data[start + size :]
    return found


Whole: TypeAlias = tuple[str, Said] | tuple[str, Said, str]
"""Extension, what is said, and how it ends."""


def write(path: Path, lives: Iterable[Whole], *, at_once: int = 1, seed: int = 1) -> Path:
    """A capture of these, `at_once` of them open at a time."""
    with path.open("wb") as out:
        trace = Trace(out, seed)
        waiting = [life(Tcp(trace, n), *one) for n, one in enumerate(lives)][::-1]
        active: list[Iterator[None]] = []
        while active or waiting:
            while waiting and len(active) < at_once:
                active.append(waiting.pop())
            chosen = trace.rng.randrange(len(active))
            trace.pass_time(trace.rng.randint(50, 1_500))
            if next(active[chosen], trace) is trace:
                active.pop(chosen)
    return path


def written(
    path: Path, lives: Sequence[Whole], order: Iterable[int], ports: Sequence[int] = range(99)
) -> Path:
    """A capture of these; `order` says whose step is next, or `LATER`; with equal `ports` they come
    from one address and port.
    """
    with path.open("wb") as out:
        trace = Trace(out, 1)
        active = [life(Tcp(trace, port), *one) for port, one in zip(ports, lives, strict=False)]
        for number in order:
            if number == LATER:
                trace.pass_time(6_000_000)
            else:
                next(active[number], None)
    return path


def chat(rng: random.Random, extension: str, messages: int, *, pings: bool = False) -> Said:
    """Sound messages both ways, each like what stood before; with `pings` one in between."""
    bits = 10 if extension == NARROW else 15
    packers = {side: Packer(resets=extension == RESETS, bits=bits) for side in ("client", "server")}
    said = []
    for _ in range(messages):
        side = rng.choice(["client", "server"])
        text = b"".join(rng.choices(WORDS, k=rng.randrange(1, 12)))
        said.append((side, packed(packers[side](text), rng.choice([TEXT, BINARY]))))
    if pings:
        said.insert(rng.randrange(len(said) + 1), ("server", frame(PING, b"?")))
    return said
