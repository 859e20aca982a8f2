"""A raw server that breaks one rule a connection. Prints what it is told, one JSON object a line.

Arguments: PORT. The path names the rule. Each connection is: handshake, a healthy text, the
violation, and a Close 1000 if the client took it. What the client closes with ends the connection.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import socket
import struct
import sys
import time
from collections.abc import Collection
from typing import Any

from captures.make.violations import CLOSE, TEXT, masked, unmasked, violations

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
AGREED = "Sec-WebSocket-Extensions: permessage-deflate\r\n"
PATIENCE = 0.4
"""Seconds of silence after which the client is taken to have tolerated what it got."""


def said(event: str, path: str, **more: Any) -> None:
    """One line of what the server is told."""
    print(json.dumps({"side": "server", "event": event, "path": path, **more}), flush=True)


def open_(connection: socket.socket, compressed: Collection[str]) -> str:
    """Answers the handshake as it should be; the path. Those in `compressed` get an extension."""
    head = b""
    while b"\r\n\r\n" not in head:
        head += connection.recv(4096)
    found = re.search(rb"(?is)^GET (\S+).*sec-websocket-key: *(\S+)", head)
    assert found
    path, accept = found[1].decode(), base64.b64encode(hashlib.sha1(found[2] + GUID).digest())
    more = AGREED if path[1:] in compressed else ""
    connection.sendall(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Accept: {accept.decode()}\r\n{more}\r\n".encode()
    )
    return path


def heard(connection: socket.socket) -> bytes:
    """What comes until the client ends or falls silent."""
    connection.settimeout(PATIENCE)
    answer = b""
    try:
        while piece := connection.recv(4096):
            answer += piece
    except (TimeoutError, ConnectionResetError):
        pass
    return answer


def close_code(answer: bytes) -> int | None:
    """The code of the first Close among the client's frames, which are all short."""
    while len(answer) >= 6:
        opcode, length, key = answer[0] & 0x0F, answer[1] & 0x7F, answer[2:6]
        if opcode == CLOSE:
            code = bytes(byte ^ key[i] for i, byte in enumerate(answer[6:8]))
            return int.from_bytes(code, "big") if length >= 2 else 1005
        answer = answer[6 + length :]
    return None


def serve(port: int) -> None:
    """Breaks the rule that the path names."""
    sends = dict(violations(unmasked, masked))
    with socket.create_server(("127.0.0.1", port)) as listener:
        said("listening", "")
        while True:
            accepted, _ = listener.accept()
            with accepted:
                asked = open_(accepted, {"deflate-garbage"})
                accepted.sendall(unmasked(TEXT, b"hello"))
                time.sleep(0.1)
                accepted.sendall(sends[asked[1:]])
                got = heard(accepted)
                if not got:
                    accepted.sendall(unmasked(CLOSE, struct.pack("!H", 1000)))
                    got = heard(accepted)
            status = close_code(got)
            said("close", asked, status=1006 if status is None else status)


if __name__ == "__main__":
    serve(int(sys.argv[1]))
