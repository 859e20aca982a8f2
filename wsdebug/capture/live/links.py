"""What the interfaces of a Linux host are, as /sys tells it."""

from __future__ import annotations

import errno
from pathlib import Path

from wsdebug.display.escape import printable

ANY = "any"
"""All interfaces together, as in tcpdump -i any."""
COOKED = 276
"""LINKTYPE_LINUX_SLL2: link headers of all kinds, replaced by one."""
_LOOPBACK = 0x8
_UP = 0x1
# ARPHRD types (linux/if_arp.h) whose packets libpcap hands on as they are -> link type.
_LINK_TYPES = {
    1: 1,  # Ethernet
    772: 1,  # loopback has Ethernet headers
    519: 101,  # raw IP
    65534: 101,  # none: tun, WireGuard
    768: 101,  # IP in IP
    769: 101,
    776: 101,  # IPv6 in IPv4
    801: 105,  # 802.11
    802: 119,
    803: 127,
}


def link_type(interface: str) -> int | None:
    """What its packets begin with; None where the link header is better replaced (`COOKED`)."""
    if interface == ANY:
        return None
    return _LINK_TYPES.get(int(_read(interface, "type") or "-1"))


def is_up(interface: str) -> bool:
    """Whether somebody switched it on."""
    return interface == ANY or bool(_flags(interface) & _UP)


def is_loopback(interface: str) -> bool:
    """Whether it leads back to this host."""
    return bool(_flags(interface) & _LOOPBACK)


def loss(interface: str, error: OSError) -> str:
    """Why nothing more comes from it, as far as the system tells by now."""
    name = printable(interface, 40)
    if error.errno != errno.ENETDOWN:
        return f"{name} cannot be captured any more: {error.strerror}."
    is_there = Path("/sys/class/net", interface).exists()
    return f"{name} went down." if is_there else f"{name} disappeared."


def _flags(interface: str) -> int:
    return int(_read(interface, "flags") or "0", 16)


def _read(interface: str, name: str) -> str:
    try:
        return Path("/sys/class/net", interface, name).read_text(encoding="ascii").strip()
    except OSError:
        return ""
