"""Payloads of frames, put together to messages and replaced."""

from __future__ import annotations

from typing import NamedTuple

from wsdebug.anonymise.compressed import Packed, Side
from wsdebug.anonymise.mqtt import mqtt_roles
from wsdebug.anonymise.roles import looks_like_text, text_roles
from wsdebug.anonymise.secret import Secret
from wsdebug.anonymise.substitute import scrambled, substituted
from wsdebug.protocol.masking import unmask

_TEXT, _BINARY, _CLOSE = 1, 2, 8


class Part(NamedTuple):
    """A piece of a payload in the side's stream, from `start` on; `phase` counts for the mask."""

    start: int
    stop: int
    key: int | None
    phase: int = 0


class Message:
    """One message, or one control frame."""

    def __init__(self, opcode: int, *, is_compressed: bool) -> None:
        self.opcode = opcode
        self.is_compressed = is_compressed
        self.parts: list[Part] = []
        self.whole_until: int | None = None
        """How many of its bytes there are before the first that is missing; None: all."""


class Messages:
    """Writes the messages of one side."""

    def __init__(self, secret: Secret, *, is_mqtt: bool) -> None:
        self._secret = secret
        self._is_mqtt = is_mqtt
        self._packed = Side(secret)
        self._waiting: list[tuple[Message, Packed, bytes]] = []

    def write(self, message: Message, old: bytes, new: bytearray) -> None:
        """Replace its bytes in `new`; those of a compressed one not before `finish`."""
        data = b"".join(_plain(old, part) for part in message.parts)
        if not message.is_compressed:
            _put(message, self._substituted(message.opcode, data), new)
            return
        end = len(data) if message.whole_until is None else message.whole_until
        is_text = message.opcode == _TEXT
        packed = self._packed.add(data[:end], is_text=is_text, is_whole=end == len(data))
        noise = self._secret.stream(b"behind a hole", data, len(data) - end)
        self._waiting.append((message, packed, noise))

    def lose(self) -> None:
        """Messages are missing here."""
        self._packed.lose()

    def finish(self, new: bytearray) -> int:
        """Write the compressed messages; how many bytes of one run stayed
        and should not have.
        """
        longest = self._packed.solve()
        for message, packed, noise in self._waiting:
            _put(message, bytes(packed.new) + noise, new)
        return longest

    def _substituted(self, opcode: int, data: bytes) -> bytes:
        secret = self._secret
        if opcode == _CLOSE:
            reason = data[2:]
            code = data[:2] if len(data) > 1 else scrambled(data, secret)
            return code + substituted(reason, text_roles(reason, is_said=True), secret)
        if opcode == _BINARY and self._is_mqtt:
            return substituted(data, mqtt_roles(data), secret)
        if opcode == _TEXT or looks_like_text(data):
            return substituted(data, text_roles(data), secret)
        return scrambled(data, secret)


def _plain(old: bytes, part: Part) -> bytes:
    raw = bytes(old[part.start : part.stop])
    return raw if part.key is None else unmask(raw, part.key.to_bytes(4, "big"), part.phase)


def _put(message: Message, data: bytes, new: bytearray) -> None:
    at = 0
    for part in message.parts:
        size = part.stop - part.start
        piece = data[at : at + size]
        if part.key is not None:
            piece = unmask(piece, part.key.to_bytes(4, "big"), part.phase)
        new[part.start : part.start + len(piece)] = piece
        at += size
