"""From a captured packet to the TCP segment in it, through links, tags, tunnels and fragments.

The readable way for everything that is not plain; each header is read once, nothing is copied but
what came in fragments.
"""

from __future__ import annotations

from typing import NamedTuple

from wsdebug.capture.dissection import DISSECTED, dissected
from wsdebug.model.limits import Limits
from wsdebug.model.place import Packet
from wsdebug.transport.fragments import Fragments, Numbers
from wsdebug.transport.ip import TCP, Fragment, Header, ip_packet, tcp_header
from wsdebug.transport.layers import IP, ip_behind
from wsdebug.transport.link import behind_link
from wsdebug.transport.tunnels import inside

_RAW = 101


class Unwrapped(NamedTuple):
    """A TCP segment. `packet` is the captured one, or one put together from fragments, with the
    number of the packet that made it whole; `network` is that of the innermost tunnel.
    """

    packet: Packet
    header: Header
    network: bytes


class Unwrapper:
    """Finds TCP in packets. `skipped` counts by name the packets in which there is none."""

    def __init__(self, limits: Limits, given_up: dict[str, int]) -> None:
        self.skipped: dict[str, int] = {}
        self.fragments = Fragments(limits, self.skipped, given_up)
        self._most = limits.tunnels
        self._given_up = given_up
        self.parts: Numbers = ()
        """Numbers of the captured packets that the one read last is made of."""
        self.waits = False
        """The one read last was a fragment, and made nothing whole."""

    def read(self, packet: Packet, now: int) -> Unwrapped | None:
        """The segment; None where there is none, or not yet. `now` is the capture's clock."""
        self.parts = (packet[0],)
        self.waits = False
        found = self._follow(packet, now)
        if isinstance(found, str):
            self.skipped[found] = self.skipped.get(found, 0) + len(self.parts)
            return None
        return found

    def _follow(self, packet: Packet, now: int) -> Unwrapped | str | None:
        number, time, linktype, data, wire, place = packet
        if linktype in DISSECTED:
            found = dissected(linktype, data)
            if isinstance(found, str):
                return found
            wire -= len(data) - len(found)
            linktype, data = _RAW, found
            packet = (number, time, linktype, data, wire, place)
        layer = behind_link(linktype, data) if data else "no bytes captured"
        network = b""
        for _ in range(self._most + 1):
            at = layer if isinstance(layer, str) else ip_behind(data, *layer)
            read = at if isinstance(at, str) else ip_packet(data, at, wire)
            if isinstance(read, str):
                return read
            if isinstance(read, Fragment):
                whole = self.fragments.add(read, data, self.parts, now)
                if whole is None:
                    self.waits = True
                    return None
                data, wire, self.parts = whole
                packet = (number, time, _RAW, data, wire, place)
                layer = (IP, 0)
                continue
            if read.protocol == TCP:
                header = tcp_header(data, read)
                return header if isinstance(header, str) else Unwrapped(packet, header, network)
            carried = inside(data, read)
            if isinstance(carried, str):
                return carried
            layer = (carried.kind, carried.offset)
            network = carried.network or network
        self._given_up["tunnels"] = self._given_up.get("tunnels", 0) + 1
        return "too many tunnels inside each other"
