"""Traffic for the tests of live capture: numbered datagrams on loopback, and a pair of interfaces
of our own. Needs root."""

from __future__ import annotations

import contextlib
import fcntl
import itertools
import os
import socket
import struct
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Self

from tests.capture.reading import read

_PAIRS = itertools.count()


class Numbered:
    """Datagrams to a port of its own, each with its number; nobody else's pass the filter."""

    def __init__(self, host: str = "127.0.0.1") -> None:
        self._sink = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._sink.bind((host, 0))
        self._sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._sender.connect(self._sink.getsockname())
        self.port = self._sink.getsockname()[1]
        self.filter = f"udp port {self.port}"
        self.sent = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._sink.close()
        self._sender.close()

    def send(self, count: int, size: int = 100) -> None:
        for _ in range(count):
            self._sender.send(self.sent.to_bytes(8, "big").ljust(size, b"."))
            self.sent += 1


class TcpTalk:
    """A connection on loopback on which both sides say much."""

    def __init__(self) -> None:
        self._server = socket.create_server(("127.0.0.1", 0))
        self.filter = f"tcp port {self._server.getsockname()[1]}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._server.close()

    def run(self) -> None:
        client = socket.create_connection(self._server.getsockname())
        server, _ = self._server.accept()
        with client, server:
            for number in range(100):
                for one, other in ((client, server), (server, client)):
                    data = bytes([number]) * (number * 500 + 1)
                    one.sendall(data)
                    while data:
                        data = data[len(other.recv(len(data))) :]


def numbers(*paths, header=42):
    """Of the datagrams in the files, in their order."""
    _, packets = read(*paths)
    return [int.from_bytes(packet[3][header : header + 8], "big") for packet in packets]


def until(true: Callable[[], object], seconds: float = 20) -> None:
    """Waits for it; a test that waits in vain fails."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "in vain"
        time.sleep(0.01)


def ip(line: str) -> None:
    subprocess.run(["ip", *line.split()], check=True, timeout=10)


@contextlib.contextmanager
def pair() -> Iterator[tuple[str, str]]:
    """Two interfaces: what goes out of one comes into the other; they say nothing themselves."""
    stem = f"w{os.getpid()}x{next(_PAIRS)}"
    near, far = f"{stem}a", f"{stem}b"
    ip(f"link add {near} type veth peer name {far}")
    try:
        for name in (near, far):
            with contextlib.suppress(OSError):  # a kernel without IPv6
                Path(f"/proc/sys/net/ipv6/conf/{name}/disable_ipv6").write_text("1")
            ip(f"link set {name} up")
        until(lambda: _is_running(near) and _is_running(far))
        yield near, far
    finally:
        subprocess.run(["ip", "link", "del", near], check=False, capture_output=True, timeout=10)


@contextlib.contextmanager
def tunnel() -> Iterator[tuple[str, Callable[[bytes], object]]]:
    """An interface whose packets are bare IP, and how to make it receive one."""
    set_interface, tun_without_information = 0x400454CA, 0x1001
    name = f"w{os.getpid()}t"
    number = os.open("/dev/net/tun", os.O_RDWR)
    try:
        request = struct.pack("16sH22x", name.encode(), tun_without_information)
        fcntl.ioctl(number, set_interface, request)
        ip(f"link set {name} up")
        yield name, lambda packet: os.write(number, packet)
    finally:
        os.close(number)


def _is_running(name: str) -> bool:
    return Path(f"/sys/class/net/{name}/operstate").read_text(encoding="ascii").strip() == "up"


def frames_into(interface: str, frames: list[bytes]) -> None:
    """Sends whole Ethernet frames."""
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as wire:
        wire.bind((interface, 0))
        for frame in frames:
            wire.send(frame)
