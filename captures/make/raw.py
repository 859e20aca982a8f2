"""Endpoints made of bare sockets, for what no library would send. They keep to the handshake."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import os
import socket
import struct

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
KEY = b"MDEyMzQ1Njc4OTo7PD0+Pw=="


def frame(
    opcode: int, payload: bytes = b"", *, fin: bool = True, rsv: int = 0, mask: bool = True
) -> bytes:
    """One frame with the shortest length; `rsv` holds RSV1 to RSV3 as the number 0 to 7."""
    first = bytes([fin << 7 | rsv << 4 | opcode])
    size, bit = len(payload), mask << 7
    if size < 126:
        length = bytes([bit | size])
    elif size < 1 << 16:
        length = struct.pack("!BH", bit | 126, size)
    else:
        length = struct.pack("!BQ", bit | 127, size)
    if not mask:
        return first + length + payload
    key = os.urandom(4)
    masked = bytes(byte ^ key[index % 4] for index, byte in enumerate(payload))
    return first + length + key + masked


class RawClient:
    """A client that has opened; `rest` is what came behind the 101 so far."""

    def __init__(
        self, port: int, *, extensions: str = "", glued: bytes = b"", receive: int = 0
    ) -> None:
        """Opens; `glued` follows the request at once, `receive` is the size of SO_RCVBUF."""
        self.socket = socket.socket()
        if receive:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive)
        self.socket.settimeout(60)
        self.socket.connect(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        offer = f"Sec-WebSocket-Extensions: {extensions}\r\n" if extensions else ""
        head = (
            f"GET /live HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Key: {KEY.decode()}\r\n"
            f"Sec-WebSocket-Version: 13\r\n{offer}\r\n"
        )
        self.socket.sendall(head.encode() + glued)
        self.rest = b""
        while b"\r\n\r\n" not in self.rest:
            self.rest += self.socket.recv(4096)
        self.head, _, self.rest = self.rest.partition(b"\r\n\r\n")

    def send(self, data: bytes) -> None:
        """All of `data` in one write."""
        self.socket.sendall(data)

    def wait_for(self, length: int) -> bytes:
        """Reads until `length` bytes lie behind the 101."""
        while len(self.rest) < length:
            data = self.socket.recv(65536)
            if not data:
                break
            self.rest += data
        return self.rest

    def read_to_end(self) -> str:
        """Reads until the server hangs up; says how TCP told it."""
        try:
            while data := self.socket.recv(65536):
                self.rest += data
        except ConnectionResetError:
            return "ECONNRESET"
        return "end of stream"

    def reset(self) -> None:
        """Ends with a RST (SO_LINGER 0)."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def close(self) -> None:
        """Ends with a FIN."""
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_WR)
        self.socket.close()


def accept_one(listener: socket.socket, glued: bytes) -> socket.socket:
    """A server: takes one client and answers 101 with `glued` in the same write."""
    taken, _ = listener.accept()
    taken.settimeout(30)
    request = b""
    while b"\r\n\r\n" not in request:
        request += taken.recv(4096)
    key = next(
        line.partition(b":")[2].strip()
        for line in request.split(b"\r\n")
        if line.lower().startswith(b"sec-websocket-key:")
    )
    accept = base64.b64encode(hashlib.sha1(key + GUID).digest())
    taken.sendall(
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n" + glued
    )
    return taken
