"""A server and a client in network namespaces with a router between them, whose link to the
client can go down: from then on packets vanish, and nobody is told."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Iterator

from captures.make.recording import need

SERVER, CLIENT = "198.51.100.7", "203.0.113.20"
_SERVER_GATEWAY, _CLIENT_GATEWAY = "198.51.100.1", "203.0.113.1"


class Network:
    """Names of the namespaces, as what enters them."""

    def __init__(self, name: str) -> None:
        """`name` keeps networks of several recordings apart."""
        self.name = name
        self.server = ["ip", "netns", "exec", f"{name}-server"]
        self.client = ["ip", "netns", "exec", f"{name}-client"]
        self.interface = f"{name}s"
        """The server's interface, where a capture sees what the server sees."""

    def cut(self) -> None:
        """The link between router and client goes down; the router drops in silence."""
        _ip(f"-n {self.name}-router link set {self.name}rc down")


def _ip(line: str) -> None:
    subprocess.run(["ip", *line.split()], check=True, timeout=10)


@contextlib.contextmanager
def network(name: str) -> Iterator[Network]:
    """server (198.51.100.7) - router - client (203.0.113.20), gone after the block."""
    need("ip")
    spaces = [f"{name}-server", f"{name}-router", f"{name}-client"]
    try:
        for space in spaces:
            _ip(f"netns add {space}")
        _wire(name, "s", "server", f"{SERVER}/24", f"{_SERVER_GATEWAY}/24")
        _wire(name, "c", "client", f"{CLIENT}/24", f"{_CLIENT_GATEWAY}/24")
        _ip(f"-n {name}-server route add default via {_SERVER_GATEWAY}")
        _ip(f"-n {name}-client route add default via {_CLIENT_GATEWAY}")
        # What stays when the link is down: no "network unreachable" comes back to the server.
        _ip(f"-n {name}-router route add blackhole 203.0.113.0/24 metric 4000")
        forward = ["sysctl", "-q", "-w", "net.ipv4.ip_forward=1"]
        subprocess.run(["ip", "netns", "exec", f"{name}-router", *forward], check=True, timeout=10)
        yield Network(name)
    finally:
        for space in spaces:
            subprocess.run(["ip", "netns", "del", space], check=False, timeout=10)


def _wire(name: str, letter: str, space: str, host: str, gateway: str) -> None:
    """A veth pair from the router to one of the two, with no segments that a wire has not."""
    near, far = f"{name}{letter}", f"{name}r{letter}"
    _ip(f"link add {near} netns {name}-{space} type veth peer name {far} netns {name}-router")
    _ip(f"-n {name}-{space} addr add {host} dev {near}")
    _ip(f"-n {name}-router addr add {gateway} dev {far}")
    _ip(f"-n {name}-{space} link set {near} up")
    _ip(f"-n {name}-router link set {far} up")
