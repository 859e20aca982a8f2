"""One captured packet with other addresses and another payload; its checksums are as right or as
wrong as before.
"""

from __future__ import annotations

from wsdebug.anonymise.addresses import Addresses
from wsdebug.anonymise.checksums import again, judged, pseudo_header
from wsdebug.model.errors import UserError
from wsdebug.model.place import Packet
from wsdebug.transport import layers
from wsdebug.transport.ip import TCP, Header, IpPacket, ip_packet
from wsdebug.transport.link import behind_link
from wsdebug.transport.tunnels import inside

_UDP = 17
_ETHERNET, _SLL, _SLL2 = 1, 113, 276
_BARE = frozenset({0, 9, 12, 14, 101, 108, 228, 229})
"""Link types whose header tells nobody's address."""
_TAGS = frozenset({0x8100, 0x88A8, 0x9100})
_IPV4_OPTIONS = 20
_ROUTING = frozenset({0, 43, 60, 51, 135, 139, 140})
"""IPv6 headers in which addresses or identities may stand."""
# RFC 9293 3.2 and RFC 7323: end, no operation, segment size, window scale, SACK, time stamps.
_PLAIN_OPTIONS = frozenset({0, 1, 2, 3, 4, 5, 8})


class Rewriter:
    """Rewrites packets."""

    def __init__(self, addresses: Addresses) -> None:
        self._addresses = addresses

    def packet(self, packet: Packet, header: Header, payload: bytes) -> Packet:
        """The packet with another TCP payload, as long as its own. `UserError` where a layer may
        carry what nobody replaces.
        """
        number, time, link, data, wire, place = packet
        new = bytearray(data)
        levels = self._levels(number, link, data, wire, new)
        sums = [_sum_before(data, level, wire) for level in levels]
        _options(new, header)
        stop = min(len(data), header.end)
        new[header.start : stop] = payload
        new[stop:] = bytes(len(new) - stop)  # padding of the frame: of whatever memory
        for level, kind in zip(reversed(levels), reversed(sums), strict=True):
            _sum_after(new, level, kind)
        return number, time, link, bytes(new), wire, place

    # ---- layers -----------------------------------------------------------------------------
    def _levels(
        self, number: int, link: int, data: bytes, wire: int, new: bytearray
    ) -> list[tuple[int, IpPacket]]:
        """Replaces the addresses of each layer; the IP headers, the outermost first."""
        found: list[tuple[int, IpPacket]] = []
        kind, at = self._link(number, link, data, new)
        while True:
            at = self._frame(number, kind, at, data, new)
            read = ip_packet(data, at, wire)
            if not isinstance(read, IpPacket):
                raise _refused(number, "what stands before its TCP header")
            self._ip(number, at, read, data, new)
            found.append((at, read))
            if read.protocol == TCP:
                return found
            carried = inside(data, read)
            if isinstance(carried, str):
                raise _refused(number, "what stands before its TCP header")
            kind, at = carried.kind, carried.offset

    def _link(self, number: int, link: int, data: bytes, new: bytearray) -> tuple[int, int]:
        if link == _SLL:
            self._hardware(data, new, 6, int.from_bytes(data[4:6], "big"))
        elif link == _SLL2:
            self._hardware(data, new, 12, data[11])
        elif link != _ETHERNET and link not in _BARE:
            raise _refused(number, f"link type {link}")
        found = behind_link(link, data)
        if isinstance(found, str):
            raise _refused(number, found)
        return found

    def _hardware(self, data: bytes, new: bytearray, at: int, length: int) -> None:
        new[at : at + 8] = bytes(8)
        if length == 6:
            new[at : at + 6] = self._addresses.mac(data[at : at + 6])

    def _frame(self, number: int, kind: int, at: int, data: bytes, new: bytearray) -> int:
        """Ethernet and its tags; where IP begins."""
        while kind not in (layers.IP, layers.IPV4, layers.IPV6):
            if kind == layers.ETHERNET_FRAME:
                for place in (at, at + 6):
                    new[place : place + 6] = self._addresses.mac(data[place : place + 6])
                kind, at = int.from_bytes(data[at + 12 : at + 14], "big"), at + 14
            elif kind in _TAGS:
                kind, at = int.from_bytes(data[at + 2 : at + 4], "big"), at + 4
            elif kind == layers.PPP:
                found = layers.ip_behind(data, kind, at)
                if isinstance(found, str):
                    raise _refused(number, found)
                return found
            else:
                raise _refused(number, f"what follows EtherType 0x{kind & 0xFFFF:04x}")
        return at

    def _ip(self, number: int, at: int, read: IpPacket, data: bytes, new: bytearray) -> None:
        width = len(read.addresses) // 2
        place = at + (12 if width == 4 else 8)
        for start in (place, place + width):
            new[start : start + width] = self._addresses.ip(data[start : start + width])
        if width == 4:
            size = (data[at] & 15) * 4
            new[at + _IPV4_OPTIONS : at + size] = b"\1" * (size - _IPV4_OPTIONS)
            if data[at + 9] != read.protocol:
                raise _refused(number, "an authentication header")
        elif data[at + 6] in _ROUTING:
            raise _refused(number, "an IPv6 extension header")


def _refused(number: int, what: str) -> UserError:
    return UserError(
        f"Packet {number} cannot be anonymised: {what}.",
        "Nothing was written. Choose connections without such packets: -c",
    )


def _options(new: bytearray, header: Header) -> None:
    """TCP options that carry keys or cookies become nothing (RFC 8684, 5925, 7413)."""
    at, stop = header.tcp + 20, min(header.start, len(new))
    while at < stop:
        kind = new[at]
        if kind == 0:
            new[at:stop] = bytes(stop - at)
            return
        if kind == 1:
            at += 1
            continue
        size = new[at + 1] if at + 1 < stop else 0
        if size < 2 or at + size > stop:
            new[at:stop] = bytes(stop - at)
            return
        if kind not in _PLAIN_OPTIONS:
            new[at : at + size] = b"\1" * size
        at += size


# ---- checksums ------------------------------------------------------------------------------
_FIELD = {TCP: 16, _UDP: 6}


def _sum_before(data: bytes, level: tuple[int, IpPacket], wire: int) -> tuple[str, str]:
    """How the checksums of IP and of what it carries are."""
    at, read = level
    ip = ""
    if len(read.addresses) == 8:
        head = data[at : at + (data[at] & 15) * 4]
        ip = judged(int.from_bytes(head[10:12], "big"), head[:10] + b"\0\0" + head[12:])
    field = _FIELD.get(read.protocol)
    if field is None:
        return ip, ""
    if read.end > len(data) or wire > len(data):
        return ip, "cut"
    body = data[read.start : read.end]
    before = pseudo_header(read.addresses, read.protocol, len(body))
    value = int.from_bytes(body[field : field + 2], "big")
    return ip, judged(value, body[:field] + b"\0\0" + body[field + 2 :], before)


def _sum_after(new: bytearray, level: tuple[int, IpPacket], kinds: tuple[str, str]) -> None:
    """Inner layers first: an outer sum covers them."""
    at, read = level
    ip, carried = kinds
    field = _FIELD.get(read.protocol)
    place = 12 if len(read.addresses) == 8 else 8
    addresses = bytes(new[at + place : at + place + len(read.addresses)])
    if carried and field is not None:
        stop = min(read.end, len(new))
        body = bytes(new[read.start : stop])
        value = int.from_bytes(body[field : field + 2], "big")
        bare = body[:field] + b"\0\0" + body[field + 2 :]
        # Of a packet that was cut nobody knows whether it was right: the field tells nothing.
        before = pseudo_header(addresses, read.protocol, read.end - read.start)
        told = again("right" if carried == "cut" else carried, value, bare, before)
        new[read.start + field : read.start + field + 2] = told.to_bytes(2, "big")
    if ip:
        size = (new[at] & 15) * 4
        head = bytes(new[at : at + size])
        value = int.from_bytes(head[10:12], "big")
        told = again(ip, value, head[:10] + b"\0\0" + head[12:])
        new[at + 10 : at + 12] = told.to_bytes(2, "big")
