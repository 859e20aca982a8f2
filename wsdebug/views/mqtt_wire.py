"""The primitive values of MQTT (v3.1.1 1.5, v5 1.5) and the properties of version 5."""

from __future__ import annotations

_BYTE, _TWO, _FOUR, _VARIABLE, _TEXT, _BYTES, _PAIR = range(7)
# MQTT 5, 2.2.2.2
_PROPERTIES = {
    1: ("payload format", _BYTE), 2: ("expiry", _FOUR), 3: ("content type", _TEXT),
    8: ("response topic", _TEXT), 9: ("correlation data", _BYTES),
    11: ("subscription id", _VARIABLE), 17: ("session expiry", _FOUR),
    18: ("assigned client id", _TEXT), 19: ("server keep-alive", _TWO), 21: ("auth method", _TEXT),
    22: ("auth data", _BYTES), 23: ("request problem information", _BYTE),
    24: ("will delay", _FOUR), 25: ("request response information", _BYTE),
    26: ("response information", _TEXT), 28: ("server reference", _TEXT),
    31: ("reason text", _TEXT),
    33: ("receive maximum", _TWO), 34: ("topic alias maximum", _TWO), 35: ("topic alias", _TWO),
    36: ("maximum qos", _BYTE), 37: ("retain available", _BYTE), 38: ("user property", _PAIR),
    39: ("maximum packet size", _FOUR), 40: ("wildcards available", _BYTE),
    41: ("subscription ids available", _BYTE), 42: ("shared subscriptions available", _BYTE),
}  # fmt: skip


class MalformedError(Exception):
    """The bytes are no such value."""


class Reader:
    """Reads values one after the other; raises `MalformedError` where there are none."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    @property
    def left(self) -> int:
        """Bytes not read yet."""
        return len(self.data) - self.at

    def take(self, size: int) -> bytes:
        """The next `size` bytes."""
        if size > self.left:
            raise MalformedError
        self.at += size
        return self.data[self.at - size : self.at]

    def number(self, size: int) -> int:
        """A number of that many bytes."""
        return int.from_bytes(self.take(size), "big")

    def variable(self) -> int:
        """A variable byte integer, at most four bytes."""
        value = 0
        for place in range(4):
            byte = self.number(1)
            value |= (byte & 0x7F) << 7 * place
            if not byte & 0x80:
                return value
        raise MalformedError

    def block(self) -> bytes:
        """Bytes behind their length in two bytes."""
        return self.take(self.number(2))

    def text(self) -> str:
        """Text behind its length in two bytes."""
        try:
            return self.block().decode()
        except UnicodeDecodeError:
            raise MalformedError from None

    def properties(self) -> list[tuple[str, str]]:
        """The properties of version 5, named."""
        inner = Reader(self.take(self.variable()))
        found = []
        while inner.left:
            name, kind = _PROPERTIES.get(inner.number(1), ("", -1))
            found.append((name, inner.property(kind)))
        return found

    def property(self, kind: int) -> str:
        """One value of a property."""
        if kind in (_BYTE, _TWO, _FOUR):
            return str(self.number({_BYTE: 1, _TWO: 2, _FOUR: 4}[kind]))
        if kind == _VARIABLE:
            return str(self.variable())
        if kind == _TEXT:
            return self.text()
        if kind == _BYTES:
            return self.block().hex(" ")
        if kind == _PAIR:
            return f"{self.text()}={self.text()}"
        raise MalformedError
