"""MQTT (v3.1.1 2 and 3, v5 2): types and lengths stay, what programs put in does not."""

from __future__ import annotations

from wsdebug.anonymise.roles import ANY, KEEP, any_roles, looks_like_text, text_roles

_CONNECT, _PUBLISH, _SUBSCRIBE, _UNSUBSCRIBE = 1, 3, 8, 10
_STRINGS = frozenset({_CONNECT, _PUBLISH, _SUBSCRIBE, _UNSUBSCRIBE})


def mqtt_roles(data: bytes) -> bytearray:
    """Of a message with packets in it; what does not look like one becomes anything."""
    roles = any_roles(len(data))
    at = 0
    while at < len(data):
        header = _header(data, at)
        if header is None:
            return roles
        start, stop = header[0], min(header[1], len(data))
        roles[at:start] = bytes(start - at)
        _body(data, roles, data[at] >> 4, start, stop, data[at] >> 1 & 3)
        at = stop
    return roles


def _header(data: bytes, at: int) -> tuple[int, int] | None:
    """Where the body of the packet at `at` begins and ends (v3.1.1 2.2.3)."""
    length, place = 0, at + 1
    for shift in (0, 7, 14, 21):
        if place >= len(data):
            return None
        length |= (data[place] & 0x7F) << shift
        place += 1
        if data[place - 1] < 0x80:
            return place, place + length
    return None


def _body(data: bytes, roles: bytearray, kind: int, start: int, stop: int, qos: int) -> None:
    if kind not in _STRINGS:  # acknowledgements: numbers and reason codes
        roles[start : min(stop, start + 4)] = bytes(max(0, min(stop, start + 4) - start))
        _anyhow(data, roles, start + 4, stop)
        return
    if kind == _PUBLISH:
        at = _string(data, roles, start, stop)
        end = max(at, min(stop, at + (2 if qos else 0)))
        roles[at:end] = bytes(end - at)
        _anyhow(data, roles, end, stop)
        return
    at = min(stop, start + (0 if kind == _CONNECT else 2))
    roles[start:at] = bytes(at - start)
    if kind == _CONNECT:
        at = _string(data, roles, at, stop)  # the protocol's name
        end = max(at, min(stop, at + 4))  # level, flags, keep-alive
        roles[at:end] = bytes(end - at)
        at = end
    while at + 2 <= stop:
        size = int.from_bytes(data[at : at + 2], "big")
        if at + 2 + size > stop:  # properties of v5, options of subscriptions
            roles[at] = KEEP
            at += 1
            continue
        at = _string(data, roles, at, stop)
    roles[at:stop] = bytes(max(0, stop - at))


def _string(data: bytes, roles: bytearray, at: int, stop: int) -> int:
    """A length of two bytes and as many; where it ends."""
    if at >= stop:
        return stop
    end = min(stop, at + 2 + int.from_bytes(data[at : at + 2], "big"))
    roles[at : min(end, at + 2)] = bytes(max(0, min(end, at + 2) - at))
    _anyhow(data, roles, at + 2, end)
    return min(stop, max(at + 1, end))


def _anyhow(data: bytes, roles: bytearray, start: int, stop: int) -> None:
    piece = data[start:stop]
    if piece:
        told = text_roles(piece) if looks_like_text(piece) else bytes((ANY,)) * len(piece)
        roles[start:stop] = told
