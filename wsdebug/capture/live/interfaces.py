"""The interfaces of this host, for `wsdebug live -D`; scapy knows them on every system."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import NamedTuple

from wsdebug.capture.link_types import link_type_name
from wsdebug.capture.live.links import ANY, COOKED, is_loopback, is_up, link_type

_LINUX = sys.platform == "linux"


class Interface(NamedTuple):
    """One that can be named with `-i`."""

    name: str
    is_up: bool
    addresses: tuple[str, ...]
    """IPv4 before IPv6."""
    link_type: str
    """What its packets begin with, as files name it; empty where that shows only when capturing."""
    description: str


def interfaces() -> list[Interface]:
    """All of them, in the system's order; on Linux `any` as well. Needs no rights."""
    from scapy.arch import read_routes as _  # noqa: F401, PLC0415 - slow; registers the system's
    from scapy.config import conf  # noqa: PLC0415

    found = [
        Interface(
            name=each.network_name,
            is_up=is_up(each.network_name) if _LINUX else "UP" in str(each.flags),
            addresses=(*each.ips[4], *each.ips[6]),
            link_type=_link_type(each.network_name),
            description=_kind(each.network_name) if _LINUX else _unless(each, each.description),
        )
        for each in sorted(conf.ifaces.values(), key=lambda each: int(each.index))
    ]
    if _LINUX:
        together = Interface(ANY, True, (), link_type_name(COOKED), "all interfaces together")
        found.append(together)
    return found


def _link_type(name: str) -> str:
    if not _LINUX:
        return ""
    number = link_type(name)
    return link_type_name(COOKED if number is None else number)


def _kind(name: str) -> str:
    """What the kernel calls such a device: wlan, bridge, vlan; empty for a plain one."""
    if is_loopback(name):
        return "this host itself"
    try:
        lines = Path("/sys/class/net", name, "uevent").read_text(encoding="utf-8").splitlines()
    except OSError:
        return ""
    return next((line[8:] for line in lines if line.startswith("DEVTYPE=")), "")


def _unless(each: object, description: str) -> str:
    return "" if description == getattr(each, "network_name", "") else description
