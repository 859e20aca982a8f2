"""A raw endpoint that ends each connection in a way of its own. Prints what it is told, one JSON
object a line.

Arguments: client PORT, or server PORT. The path names the ending. Each connection is: handshake, a
text, and the steps of the ending; a client's peer answers the text, and closes when it is asked to.
"""

from __future__ import annotations

import socket
import struct
import sys
import time
import zlib
from collections.abc import Iterator
from typing import TypeAlias

from captures.make import violating_client, violating_server
from captures.make.violations import (
    CLOSE,
    FIN,
    PING,
    RSV1,
    TEXT,
    Frame,
    masked,
    unmasked,
)

Step: TypeAlias = "bytes | float | str"
"""What it writes, seconds that it waits, WAIT: until the peer has sent a Close, SHUT: a FIN."""
WAIT, SHUT = "wait", "shut"
OFFERED = {"bomb"}
"""Endings on a connection with permessage-deflate."""


def endings(frame: Frame) -> Iterator[tuple[str, list[Step]]]:
    """Name and steps of each, from a side whose frames are `frame`."""
    goodbye = frame(CLOSE, struct.pack("!H", 1000))
    yield "cut-frame", [frame(TEXT, b"twenty bytes of text")[:-15], 0.1, SHUT]
    yield "cut-message", [frame(TEXT, b"one ", head=0), 0.1, SHUT]
    yield "close-inside-message", [frame(TEXT, b"one ", head=0) + goodbye]
    yield "second-close", [goodbye + goodbye]
    yield "ping-after-close", [goodbye + frame(PING, b"late")]
    bomb = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = bomb.compress(bytes(65 << 20)) + bomb.flush(zlib.Z_SYNC_FLUSH)
    yield "bomb", [frame(TEXT, packed[:-4], head=FIN | RSV1)]
    asks: list[Step] = [frame(TEXT, b"please close")] if frame is masked else []
    yield "close-not-echoed", [*asks, WAIT, frame(CLOSE, struct.pack("!H", 1001))]
    yield "left-open", [*asks, WAIT, goodbye, 6.5]
    if frame is masked:
        yield "client-first", [*asks, WAIT, goodbye, SHUT]


def act(connection: socket.socket, steps: list[Step]) -> tuple[bytes, str]:
    """Does the steps; what came from the peer, and how it ended."""
    answer = b""
    for step in steps:
        if isinstance(step, bytes):
            connection.sendall(step)
        elif isinstance(step, float | int):
            time.sleep(step)
        elif step == SHUT:
            connection.shutdown(socket.SHUT_WR)
        else:
            answer += connection.recv(4096)
    connection.settimeout(3)
    try:
        while piece := connection.recv(65536):
            answer += piece
    except ConnectionResetError:
        return answer, "rst"
    except TimeoutError:
        return answer, ""
    return answer, "fin"


def visit(port: int) -> None:
    """As a client: one connection for each ending."""
    for path, steps in endings(masked):
        with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
            violating_client.open_(connection, port, path, compressed=path in OFFERED)
            connection.sendall(masked(TEXT, b"hello"))
            connection.recv(4096)
            answer, ended = act(connection, steps)
        code = violating_client.close_code(answer)
        violating_client.said("ended", path, how=ended)
        violating_client.said("close", path, status=1006 if code is None else code)


def serve(port: int) -> None:
    """As a server: the path that the client asks for is the ending that it gets."""
    known = dict(endings(unmasked))
    with socket.create_server(("127.0.0.1", port)) as listener:
        violating_server.said("listening", "")
        while True:
            connection, _ = listener.accept()
            with connection:
                path = violating_server.open_(connection, OFFERED)
                connection.sendall(unmasked(TEXT, b"hello"))
                time.sleep(0.1)
                answer, ended = act(connection, known[path[1:]])
            code = violating_server.close_code(answer)
            violating_server.said("ended", path, how=ended)
            violating_server.said("close", path, status=1006 if code is None else code)


if __name__ == "__main__":
    {"client": visit, "server": serve}[sys.argv[1]](int(sys.argv[2]))
