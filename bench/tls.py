"""`python -m bench.tls [--scale 0.1]`: records of TLS a second, wsdebug's and tshark's.

Writes the chat and two large streams of `bench.make` over TLS 1.3 (AES-128-GCM) with the key log
beside it, and reads it with both in the same run. Of the handshake there are the two hellos alone:
keys are found by them, and what follows is data.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bench.make import OUT, Life, _close, _exchange, _interleave, _open
from bench.messages import BINARY, frame, quote
from bench.run import FIELDS, TSHARK, WSDEBUG, cost
from bench.wire import MSS, End, Tcp, Trace
from wsdebug.transport.tls.keylog import CLIENT_TRAFFIC, SERVER_TRAFFIC
from wsdebug.transport.tls.schedule import traffic_keys
from wsdebug.transport.tls.suites import suite_of

SUITE = 0x1301
LONGEST = 1 << 14
"""Plaintext of a record (RFC 8446 5.1)."""
VERSIONS = bytes.fromhex("002b")
CONNECTIONS, EXCHANGES, BULK = 100, 1_250, 60


class Secure(Tcp):
    """Every write is one record or more."""

    __slots__ = ("_ciphers", "_random", "keys", "records")

    def __init__(self, trace: Trace, number: int, segment: int = MSS) -> None:
        super().__init__(trace, number, segment)
        random = trace.rng.randbytes(32)
        suite = suite_of(SUITE)
        assert suite is not None
        self.records = 0
        self.keys = ""
        self._ciphers: dict[int, tuple[AESGCM, int, list[int]]] = {}
        for end, label in ((self.client, CLIENT_TRAFFIC), (self.server, SERVER_TRAFFIC)):
            secret = trace.rng.randbytes(32)
            self.keys += f"{label} {random.hex()} {secret.hex()}\n"
            key, iv = traffic_keys(suite, secret)
            self._ciphers[id(end)] = AESGCM(key), int.from_bytes(iv), [0]
        self._random = random

    def open(self) -> None:
        """TCP's handshake and the hellos."""
        super().open()
        hello = b"\x03\x03" + self._random + b"\0" + b"\0\x02\x13\x01" + b"\x01\0"
        extension = VERSIONS + b"\0\x03\x02\x03\x04"
        super().send(self.client, _handshake(1, hello + len(extension).to_bytes(2) + extension))
        hello = b"\x03\x03" + self._random[::-1] + b"\0" + b"\x13\x01" + b"\0"
        extension = VERSIONS + b"\0\x02\x03\x04"
        super().send(self.server, _handshake(2, hello + len(extension).to_bytes(2) + extension))

    def send(self, sender: End, data: bytes) -> None:
        """RFC 8446 5.2."""
        cipher, iv, number = self._ciphers[id(sender)]
        out = b""
        for at in range(0, len(data), LONGEST):
            inner = data[at : at + LONGEST] + b"\x17"
            head = b"\x17\x03\x03" + (len(inner) + 16).to_bytes(2)
            out += head + cipher.encrypt((iv ^ number[0]).to_bytes(12), inner, head)
            number[0] += 1
            self.records += 1
        super().send(sender, out)


def _handshake(kind: int, body: bytes) -> bytes:
    message = bytes([kind]) + len(body).to_bytes(3) + body
    return b"\x16\x03\x01" + len(message).to_bytes(2) + message


def chat(tcp: Secure, exchanges: int) -> Life:
    """As `bench.make.chat`."""
    rng = tcp.trace.rng
    pool = [quote(rng, rng.randint(80, 480)) for _ in range(40)]
    yield from _open(tcp)
    for exchange in range(exchanges):
        _exchange(tcp, pool, exchange)
        yield
    _close(tcp)


def bulk(tcp: Secure, messages: int) -> Life:
    """A megabyte a message, in records of 16 KiB."""
    down = frame(BINARY, tcp.trace.rng.randbytes(1 << 20))
    yield from _open(tcp)
    for _ in range(messages):
        tcp.send(tcp.server, down)
        tcp.acknowledge(tcp.client)
        yield
    _close(tcp)


def make(path: Path, life: Callable[[Secure, int], Life], connections: int, size: int) -> int:
    """Writes a capture and its key log; returns how many records it has."""
    with path.open("wb", buffering=1 << 20) as out:
        trace = Trace(out, 1)
        all_of_them = [Secure(trace, number) for number in range(connections)]
        lives = (life(tcp, size) for tcp in all_of_them)
        _interleave(trace, lives, connections, trace.rng)
    path.with_suffix(".keys").write_text("".join(tcp.keys for tcp in all_of_them))
    return sum(tcp.records for tcp in all_of_them)


def main() -> None:
    """The figures, a row a capture."""
    parser = argparse.ArgumentParser(prog="python -m bench.tls", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--scale", type=float, default=1.0, help="0.1 makes a tenth")
    scale = parser.parse_args().scale
    OUT.mkdir(exist_ok=True)
    rows = (
        ("wss-chat", chat, CONNECTIONS, EXCHANGES),
        ("wss-bulk", bulk, 2, BULK),
    )
    for name, life, connections, size in rows:
        path = OUT / f"{name}.pcap"
        records = make(path, life, connections, max(2, round(size * scale)))
        keys = str(path.with_suffix(".keys"))
        ours = cost([*WSDEBUG, str(path), "-k", keys])
        theirs = cost([*TSHARK, "-o", f"tls.keylog_file:{keys}", "-r", str(path), *FIELDS])
        print(
            f"{name:<8} {records:>8,} records {path.stat().st_size / 1e6:>5.0f} MB"
            f"  wsdebug {records / ours.cpu:>8,.0f}/s {ours.peak >> 20} MiB, exit {ours.status}"
            f"  tshark {records / theirs.cpu:>8,.0f}/s {theirs.peak >> 20} MiB",
            flush=True,
        )


if __name__ == "__main__":
    main()
