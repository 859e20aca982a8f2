"""From a captured packet to the TCP segment in it, through links, tags, tunnels and fragments.

The readable way for everything that is not plain; each header is read once, nothing is copied but
what came in fragments.
"""

from __future__ import annotations

from typing import NamedTuple

from wsdebug.capture.dissection import DISSECTED, dissected
from wsdebug.model.limits import Limits
from wsdebug.model.place import Packet
from wsdebug.transport.fragments import Fragments
from wsdebug.transport.ip import TCP, Fragment, Header, IpPacket, ip_packet, tcp_header
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

    def read(self, packet: Packet, now: int) -> Unwrapped | None:
        """The segment; None where there is none, or not yet."""
        number, time, linktype, data, wire, place = packet
        parts, tunnels, network = 1, 0, b""
        if linktype in DISSECTED:
            found = dissected(linktype, data)
            if isinstance(found, str):
                return self._skip(found, parts)
            wire -= len(data) - len(found)
            linktype, data = _RAW, found
            packet = (number, time, linktype, data, wire, place)
        layer = behind_link(linktype, data) if data else "no bytes captured"
        while True:
            if isinstance(layer, str):
                return self._skip(layer, parts)
            at = ip_behind(data, *layer)
            if isinstance(at, str):
                return self._skip(at, parts)
            read = ip_packet(data, at, wire)
            if isinstance(read, str):
                return self._skip(read, parts)
            if isinstance(read, IpPacket) and read.protocol == TCP:
                header = tcp_header(data, read)
                if isinstance(header, str):
                    return self._skip(header, parts)
                return Unwrapped(packet, header, network)
            tunnels += 1
            if tunnels > self._most:
                self._given_up["tunnels"] = self._given_up.get("tunnels", 0) + 1
                return self._skip("too many tunnels inside each other", parts)
            if isinstance(read, Fragment):
                whole = self.fragments.add(read, data, number, now, parts)
                if whole is None:
                    return None
                data, wire, parts = whole
                packet = (number, time, _RAW, data, wire, place)
                layer = (IP, 0)
                continue
            carried = inside(data, read)
            if isinstance(carried, str):
                return self._skip(carried, parts)
            layer = (carried.kind, carried.offset)
            network = carried.network or network

    def _skip(self, name: str, parts: int) -> None:
        self.skipped[name] = self.skipped.get(name, 0) + parts
