"""Rare link types, read by scapy's dissectors: the only place that knows scapy.

scapy takes a second to import and up to a millisecond a packet, so it is loaded when such a link
type is met and asked for nothing else.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from wsdebug.capture.link_types import link_type_name

DISSECTED = frozenset({105, 119, 127, 192})
"""802.11 alone, behind Prism, behind radiotap, and PPI."""

_CIPHERS = {
    "Dot11Encrypted": "unknown cipher",
    "Dot11WEP": "WEP",
    "Dot11TKIP": "TKIP",
    "Dot11CCMP": "CCMP or GCMP",
}
_TYPES = {0: "management", 1: "control", 2: "data", 3: "extension"}


@cache
def _scapy() -> tuple[dict[int, Any], tuple[Any, ...], Any]:
    """Its dissectors by link type, its classes of IP packets, and that of an 802.11 frame."""
    from scapy.config import conf  # noqa: PLC0415 - a second, for those who need it
    from scapy.layers import all as _  # noqa: F401, PLC0415
    from scapy.layers.dot11 import Dot11  # noqa: PLC0415
    from scapy.layers.inet import IP  # noqa: PLC0415
    from scapy.layers.inet6 import IPv6  # noqa: PLC0415

    return conf.l2types.num2layer, (IP, IPv6), Dot11


def dissected(linktype: int, data: bytes) -> bytes | str:
    """The captured bytes from the IP header on, or the name of what the packet is."""
    dissectors, ip_types, wireless = _scapy()
    name = link_type_name(linktype)
    if not data:
        return "no bytes captured"
    try:
        layer: Any = dissectors[linktype](data)
        frame: Any = None
        while layer.__class__.__name__ != "NoPayload":
            if isinstance(layer, ip_types):
                return bytes(layer.original)
            if isinstance(layer, wireless):
                frame = layer
            cipher = _CIPHERS.get(layer.__class__.__name__)
            if cipher is not None:
                return f"encrypted 802.11 ({cipher})"
            layer = layer.payload
    except Exception:  # noqa: BLE001 - dissectors meet hostile bytes and may raise anything
        return f"{name} that scapy cannot read"
    if frame is None:
        return f"{name} without 802.11 frame"
    return f"802.11 {_TYPES.get(frame.type, 'unknown')} frame without IP"
