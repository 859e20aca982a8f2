"""Packets through scapy's sockets: for systems without the ring, and where it is refused.

A call and a copy for each packet: see docs/decisions/0014 for what that costs. Nothing is
dissected.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import sys
import time
from collections.abc import Sequence
from typing import Any

from wsdebug.capture.filters import CaptureFilter
from wsdebug.capture.live.links import ANY, is_loopback, is_up
from wsdebug.capture.live.opening import Opened
from wsdebug.capture.live.records import Order
from wsdebug.capture.live.ring_blocks import enhanced_packet
from wsdebug.model.errors import UserError

_LARGEST = 1 << 18
_AT_ONCE = 256
_BUFFER = 1 << 25
_SO_RCVBUFFORCE = 33
_SOL_PACKET, _STATISTICS = 263, 6
_RAW = 101
_LINUX = sys.platform == "linux"


class ScapySocket:
    """One interface."""

    def __init__(self, interface: str, number: int, capture_filter: str | None) -> None:
        """OSError where the system refuses the socket, `UserError` for a wrong filter."""
        self.name = interface
        self.fault: OSError | None = None
        self.packets = self.captured = 0
        self._number = number
        self._dropped = 0
        self.socket = _listening(interface, None if _LINUX else capture_filter)
        try:
            self.link_type = _link_type(self.socket)
            if _LINUX:
                self._filter(capture_filter)
        except BaseException:
            self.socket.close()
            raise

    def _filter(self, capture_filter: str | None) -> None:
        """In the kernel, as for the ring. What came before the filter is thrown away."""
        from wsdebug.capture.live import kernel_filter  # noqa: PLC0415 - Linux only

        endpoint: socket.socket = self.socket.ins
        with contextlib.suppress(OSError):
            endpoint.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, _BUFFER)
        once = socket.if_nametoindex(self.name) if is_loopback(self.name) else None
        wanted = kernel_filter.kernel_program(capture_filter, self.name, self.link_type, once)
        kernel_filter.attach(endpoint, kernel_filter.NOTHING)
        with contextlib.suppress(BlockingIOError):
            while True:
                endpoint.recv(1, socket.MSG_DONTWAIT)
        kernel_filter.attach(endpoint, wanted)
        self.dropped()
        self._dropped = 0  # of what is not wanted

    def take(self) -> list[bytes]:
        """What has come, at most a few hundred packets."""
        packets: list[bytes] = []
        try:
            while len(packets) < _AT_ONCE and self.socket.select([self.socket], 0):
                _, data, seconds = self.socket.recv_raw(_LARGEST)
                if data:
                    stamp = time.time_ns() if seconds is None else round(seconds * 1e9)
                    packets.append(enhanced_packet(self._number, stamp, data, len(data)))
                    self.captured += len(data)
        except OSError as error:
            self.fault = error
        self.packets += len(packets)
        return packets

    def dropped(self) -> int | None:
        """Since it began; None where scapy does not ask the system."""
        with contextlib.suppress(OSError):
            if _LINUX:
                # struct tpacket_stats: packets and drops; asking sets them to zero.
                answer = self.socket.ins.getsockopt(_SOL_PACKET, _STATISTICS, 8)
                self._dropped += struct.unpack("=2I", answer)[1]
                return self._dropped
            if hasattr(self.socket, "get_stats"):
                counts = self.socket.get_stats()
                return None if counts[1] is None else int(counts[1])
        return None

    def close(self) -> None:
        """Ends capturing."""
        self.socket.close()


def opened(order: Order, why: str) -> Opened:
    """As `opening.opened`; `why` the ring is not used, empty where there is none."""
    names = order.interfaces
    if names == (ANY,):
        names = tuple(name for _, name in socket.if_nameindex() if not _LINUX or is_up(name))
    sources: list[ScapySocket] = []
    try:
        for number, name in enumerate(names):
            sources.append(ScapySocket(name, number, order.capture_filter))
    except BaseException:
        for source in sources:
            source.close()
        raise
    return Opened(sources, _wait, (_note(why),))


def _note(why: str) -> str:
    if why:
        reason, many = f"The kernel's ring is not used ({why})", "some ten thousand"
    else:
        reason, many = "This system has no packet ring", "a few thousand"
    return (
        f"{reason}: packets come through scapy's sockets, with ten times the work. Some may be"
        f" lost beyond {many} a second, and times are exact to a microsecond."
    )


def _wait(sources: Sequence[ScapySocket], seconds: float) -> None:
    sockets = [source.socket for source in sources if source.fault is None]
    if sockets:
        sockets[0].select(sockets, seconds)
    else:
        time.sleep(seconds)


def _listening(interface: str, capture_filter: str | None) -> Any:
    from scapy.config import conf  # noqa: PLC0415 - slow
    from scapy.error import Scapy_Exception  # noqa: PLC0415
    from scapy.layers import l2 as _  # noqa: F401, PLC0415 - Ethernet

    try:
        return conf.L2listen(iface=interface, filter=capture_filter)
    except Scapy_Exception as error:
        if capture_filter:
            CaptureFilter(capture_filter).compile(1)
        raise UserError(
            f"{interface} cannot be captured: {error}.",
            "`wsdebug live -D` lists the interfaces; capturing needs an administrator's rights",
        ) from None


def _link_type(listening: Any) -> int:
    """LINKTYPE_ of what scapy hands on."""
    from scapy.config import conf  # noqa: PLC0415

    if getattr(listening, "lvl", 2) == 3:
        return _RAW
    layer: Any = getattr(listening, "LL", None) or getattr(listening, "guessed_cls", None)
    return int(conf.l2types.layer2num.get(layer, 1))
