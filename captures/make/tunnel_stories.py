"""A VXLAN between two network namespaces, over a cable with room for 200 bytes.

The kernel does all of it: it puts the frames of the overlay into UDP, cuts what does not fit the
cable into IP fragments, and puts it together again. Recorded on all devices of the server, so
that each packet is in the capture twice: in the tunnel, and on the device behind it.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
from collections.abc import Callable
from pathlib import Path

from captures.make.lossy_link import CLIENT, SERVER, Cable, cable, ip
from captures.make.programs import pause, pip_install, python, serving
from captures.make.recording import Said, recording

NETWORK, PORT, ROOM = 6455, 4789, 200
OVER_SERVER, OVER_CLIENT = "198.51.100.7", "198.51.100.20"
NO_PINGS = json.dumps({"ping_interval": None, "compression": None})


class Overlay(Cable):
    """Frames pass whole and in order; the endpoints speak over a VXLAN on top."""

    def __init__(self, name: str) -> None:
        """`name` keeps overlays of several recordings apart."""
        super().__init__(name)
        self.interface = "any"
        self._name = name

    def set_up(self, cleanup: contextlib.ExitStack) -> None:  # noqa: ARG002 - as the base has it
        """The VXLAN, in both namespaces; it goes with them."""
        for side, letter, peer, address in (
            ("server", "s", CLIENT, OVER_SERVER),
            ("client", "c", SERVER, OVER_CLIENT),
        ):
            space = f"-n {self._name}-{side}"
            ip(f"{space} link add overlay type vxlan id {NETWORK} remote {peer} dstport {PORT}")
            ip(f"{space} addr add {address}/24 dev overlay")
            ip(f"{space} link set overlay mtu 1450 up")
            ip(f"{space} link set {self._name}{letter} mtu {ROOM}")

    def carry(self, ends: tuple[int, int]) -> None:
        """Moves frames between the two ends until it is unplugged."""
        other = {ends[0]: ends[1], ends[1]: ends[0]}
        while not self.unplugged.is_set():
            for end in select.select(ends, [], [], 0.05)[0]:
                frame = os.read(end, 65536)
                self.counts["carried"] += 1
                with contextlib.suppress(OSError):  # the device is not up yet
                    os.write(other[end], frame)


def vxlan(target: Path, scratch: Path, *, port: int = 24020) -> Said:
    """Ten messages and their echoes through the tunnel."""
    path = pip_install(scratch, "websockets==17.4")
    with cable("vx", Overlay) as line:
        pause()
        with recording(
            target, [port], interface=line.interface, inside=line.inside, only="ip proto 17 or "
        ):
            arguments = ("pywebsockets_server.py", OVER_SERVER, str(port), "echo", NO_PINGS)
            with serving(path, *arguments, inside=line.server) as server:
                uri = f"ws://{OVER_SERVER}:{port}/live"
                said = python(path, "chatting_client.py", uri, "10", inside=line.client).end()
                pause(1)
            said += server.end()
        return said


STORIES: dict[str, Callable[[Path, Path], Said]] = {"vxlan": vxlan}
