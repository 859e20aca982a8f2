"""A raw server whose answer to the handshake is wrong. Prints what it is told, one JSON
object a line.

Arguments: PORT HOW, where HOW is
  accept       Sec-WebSocket-Accept is of another key
  subprotocol  it picks a subprotocol that nobody offered
  extension    it picks an extension that nobody offered
  silent       it never answers
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import socket
import sys
from typing import Any

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
MORE = {
    "subprotocol": "Sec-WebSocket-Protocol: chat.v2\r\n",
    "extension": "Sec-WebSocket-Extensions: x-mux; depth=4\r\n",
}


def said(event: str, **more: Any) -> None:
    """One line of what the server is told."""
    print(json.dumps({"side": "server", "event": event, **more}), flush=True)


def answer(connection: socket.socket, how: str) -> None:
    """Reads the request, answers it wrongly, and reads on until the client ends it."""
    head = b""
    while b"\r\n\r\n" not in head:
        head += connection.recv(4096)
    if how != "silent":
        found = re.search(rb"(?i)sec-websocket-key: *(\S+)", head)
        key = found[1] if found and how != "accept" else b"dGhlIHNhbXBsZSBub25jZQ=="
        accept = base64.b64encode(hashlib.sha1(key + GUID).digest()).decode()
        connection.sendall(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Accept: {accept}\r\n{MORE.get(how, '')}\r\n".encode()
        )
    try:
        rest = b""
        while piece := connection.recv(4096):
            rest += piece
        said("ended", how="fin", bytes=rest.hex())
    except ConnectionResetError:
        said("ended", how="rst", bytes=rest.hex())


with socket.create_server(("127.0.0.1", int(sys.argv[1]))) as listener:
    said("listening")
    while True:
        accepted, _ = listener.accept()
        with accepted:
            answer(accepted, sys.argv[2])
