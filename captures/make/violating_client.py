"""A raw client that breaks one rule a connection. Prints what it is told, one JSON object a line.

Arguments: PORT [NAMES], to break these rules or all. The path names the rule. Each connection is:
handshake, a healthy text that the server echoes, the violation, and a Close 1000 if the server took
it.
"""

from __future__ import annotations

import json
import socket
import struct
import sys
from typing import Any

from captures.make.violations import CLOSE, TEXT, masked, unmasked, violations

HEAD = (
    "GET /{path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\n"
    "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    "Sec-WebSocket-Version: 13\r\n{more}\r\n"
)
OFFER = "Sec-WebSocket-Extensions: permessage-deflate\r\n"
PATIENCE = 0.6
"""Seconds of silence after which the server is taken to have tolerated what it got."""


def said(event: str, path: str, **more: Any) -> None:
    """One line of what the client is told."""
    print(json.dumps({"side": "client", "event": event, "path": f"/{path}", **more}), flush=True)


def open_(connection: socket.socket, port: int, path: str, *, compressed: bool) -> None:
    """The handshake as it should be."""
    more = OFFER if compressed else ""
    connection.sendall(HEAD.format(path=path, port=port, more=more).encode())
    head = b""
    while b"\r\n\r\n" not in head:
        head += connection.recv(4096)


def visit(port: int, path: str, violation: bytes) -> None:
    """One connection."""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        open_(connection, port, path, compressed=path == "deflate-garbage")
        connection.sendall(masked(TEXT, b"hello"))
        connection.recv(4096)
        connection.sendall(violation)
        answer, ended = heard(connection)
        if not ended:
            connection.sendall(masked(CLOSE, struct.pack("!H", 1000)))
            more_heard, ended = heard(connection)
            answer += more_heard
    code = close_code(answer)
    said("bytes", path, hex=answer.hex(), ended=ended)
    said("close", path, status=1006 if code is None else code)


def heard(connection: socket.socket) -> tuple[bytes, str]:
    """What comes until the server ends it (how: fin, rst) or falls silent (empty)."""
    connection.settimeout(PATIENCE)
    answer = b""
    while True:
        try:
            piece = connection.recv(4096)
        except TimeoutError:
            return answer, ""
        except ConnectionResetError:
            return answer, "rst"
        if not piece:
            return answer, "fin"
        answer += piece


def close_code(answer: bytes) -> int | None:
    """The code of the first Close among the server's frames, which are all short."""
    while len(answer) >= 2:
        opcode, length = answer[0] & 0x0F, answer[1] & 0x7F
        if opcode == CLOSE:
            return int.from_bytes(answer[2:4], "big") if length >= 2 else 1005
        answer = answer[2 + length :]
    return None


if __name__ == "__main__":
    for name, sent in violations(masked, unmasked):
        if not sys.argv[2:] or name in sys.argv[2:]:
            visit(int(sys.argv[1]), name, sent)
